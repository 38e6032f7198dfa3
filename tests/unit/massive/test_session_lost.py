"""A session whose connection ends: whether another one is made, and after which wait."""

import pytest

from marketswarm.massive.actions import Authenticate, Close, Connect, Lost, Refused, Up
from marketswarm.massive.wire import StatusEvent
from tests.support.feed_session import AUTH_SUCCESS, S, at, session, subscribe


@pytest.mark.parametrize("message", ["authentication failed", "Your plan doesn't include websocket access."])
def test_a_refused_key_or_plan_is_final(message):
    """A refused key or plan ends the session at once, whatever the drop that follows looks like."""
    made = at(S.AUTHENTICATING)

    assert made.on_statuses([StatusEvent("auth_failed", message)], 0.0) == [Close(), Refused(message)]
    assert made.on_lost(None, "dropped", 0.1) == []
    assert made.on_tick(1e9) == []


def test_the_account_is_full():
    """After `max_connections` the next connection waits 60 s and more: at once it would evict, and be evicted, in turns."""
    made = at(S.STREAMING)

    assert made.on_statuses([StatusEvent("max_connections", "limit")], 1.0) == [
        Close(),
        Lost("max_connections: limit"),
    ]
    assert made.on_lost(1008, "", 1.1) == []
    assert made.on_tick(60.9) == []
    assert made.on_tick(61.5) == [Connect()]


def test_a_full_account_is_no_recovery():
    """A capped connection is accepted and then cut: its being up for a moment does not reset the waits."""
    made = at(S.STREAMING)
    waits, now = [], 0.0
    for _ in range(3):
        made.on_statuses([StatusEvent("max_connections")], now)
        waits.append(made._retry_at_s - now)
        now = made._retry_at_s
        made.on_tick(now)
        made.on_open(now)
        made.on_statuses([AUTH_SUCCESS], now)

    assert waits == [60.5, 61.0, 62.0]


@pytest.mark.parametrize(
    ("code", "reason", "words"),
    [
        (1000, "", "closed with 1000"),
        (1000, "bye", "closed with 1000: bye"),
        (1006, "", "closed with 1006"),
        (1008, "", "closed with 1008"),
        (1011, "", "closed with 1011"),
        (None, "", "dropped"),
        (None, "nothing read", "nothing read"),
    ],
)
def test_every_end_is_followed_by_a_new_connection(code, reason, words):
    """No close code is an end for us, 1000 neither: a new connection follows, and everything is subscribed again."""
    made = at(S.STREAMING, "A", "B")

    assert made.on_lost(code, reason, 1.0) == [Lost(words)]
    assert made.on_tick(1.5) == [Connect()]
    assert made.on_open(1.5) == [Authenticate()]
    assert made.on_statuses([AUTH_SUCCESS], 1.5) == [Up(), subscribe("A", "B")]
    assert made.connections == 2


def test_only_what_was_up_can_be_lost():
    """A connection that never came up is no loss: nothing was streaming."""
    made = at(S.CONNECTING)

    assert made.on_lost(None, "refused", 0.0) == []
    assert made.detail == "refused"


def test_waits_double_up_to_the_cap():
    """Failures in a row wait 0.5, 1, 2 … s, at most 30 s."""
    made = session("A")
    made.start(0.0)
    waits, now = [], 0.0
    for _ in range(8):
        made.on_lost(None, "", now)
        waits.append(made._retry_at_s - now)
        now = made._retry_at_s
        assert made.on_tick(now) == [Connect()]

    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30]


@pytest.mark.parametrize(("up_s", "wait_s"), [(59.9, 2.0), (60.0, 0.5)])
def test_only_health_resets_the_waits(up_s, wait_s):
    """Coming up is not recovery: only a connection that stayed up for 60 s makes the next wait a first one."""
    made = at(S.CONNECTING)
    made.on_lost(None, "", 0.0)
    made.on_tick(100.0)
    made.on_lost(None, "", 100.0)
    made.on_tick(200.0)
    made.on_open(200.0)
    made.on_statuses([AUTH_SUCCESS], 200.0)
    made.on_lost(None, "", 200.0 + up_s)

    assert made._retry_at_s - 200.0 - up_s == pytest.approx(wait_s)


def test_waits_are_jittered():
    """A wait is anything between nothing and its longest."""
    made = session("A", random=lambda: 0.0)
    made.start(0.0)
    made.on_lost(None, "", 0.0)

    assert made.on_tick(0.0) == [Connect()]


@pytest.mark.parametrize(
    ("state", "after_s", "why"),
    [(S.CONNECTING, 15.0, "no connection in time"), (S.AUTHENTICATING, 10.0, "no answer to the key in time")],
)
def test_time_outs_on_the_way_up(state, after_s, why):
    """A connection that does not open, and a key without an answer, are given up."""
    made = at(state)

    assert made.on_tick(after_s) == [Close()]
    assert (made.state, made.detail) == (S.WAITING, why)
