"""The life of the connection, without a socket: its states, the way up, and its end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketswarm.massive.actions import Authenticate, Close, Confirmed, Connect, Ping, Refused, Send, Up
from marketswarm.massive.session import TRANSITIONS, Session, State
from marketswarm.massive.wire import StatusEvent
from marketswarm.ports import FeedState
from tests.support.feed_session import AUTH_SUCCESS, CONNECTED, RULES, S, acks, at, session, subscribe


def test_states_are_the_words_of_the_port():
    """The states are exactly the words that the port knows, and each has its row of transitions."""
    assert {state.value for state in State} == set(FeedState.__args__)
    assert set(TRANSITIONS) == set(State)


def lost(made):
    """The connection ends."""
    return made.on_lost(1006, "gone", 1.0)


def says(status, message=""):
    """The server says something."""
    return lambda made: made.on_statuses([StatusEvent(status, message)], 1.0)


@pytest.mark.parametrize(
    ("start", "happens", "end"),
    [
        (S.IDLE, lambda s: s.start(1.0), S.CONNECTING),
        (S.IDLE, lambda s: s.on_open(1.0), S.IDLE),
        (S.IDLE, lambda s: s.on_tick(1.0), S.IDLE),
        (S.IDLE, lost, S.IDLE),
        (S.IDLE, lambda s: s.close(1.0), S.CLOSED),
        (S.CONNECTING, lambda s: s.start(1.0), S.CONNECTING),
        (S.CONNECTING, lambda s: s.on_open(1.0), S.AUTHENTICATING),
        (S.CONNECTING, says("auth_success"), S.CONNECTING),
        (S.CONNECTING, lost, S.WAITING),
        (S.CONNECTING, lambda s: s.on_tick(14.9), S.CONNECTING),
        (S.CONNECTING, lambda s: s.on_tick(15.0), S.WAITING),
        (S.CONNECTING, lambda s: s.close(1.0), S.CLOSED),
        (S.AUTHENTICATING, says("connected"), S.AUTHENTICATING),
        (S.AUTHENTICATING, says("success", "authenticated"), S.AUTHENTICATING),
        (S.AUTHENTICATING, says("auth_success"), S.SUBSCRIBING),
        (S.AUTHENTICATING, says("auth_failed"), S.REFUSED),
        (S.AUTHENTICATING, says("auth_timeout"), S.WAITING),
        (S.AUTHENTICATING, says("max_connections"), S.WAITING),
        (S.AUTHENTICATING, lost, S.WAITING),
        (S.AUTHENTICATING, lambda s: s.on_tick(9.9), S.AUTHENTICATING),
        (S.AUTHENTICATING, lambda s: s.on_tick(10.0), S.WAITING),
        (S.AUTHENTICATING, lambda s: s.close(1.0), S.CLOSED),
        (S.SUBSCRIBING, says("success", "subscribed to: Q.A"), S.STREAMING),
        (S.SUBSCRIBING, says("success", "subscribed to: Q.X"), S.SUBSCRIBING),
        (S.SUBSCRIBING, says("error", "not authorized"), S.SUBSCRIBING),
        (S.SUBSCRIBING, says("auth_success"), S.SUBSCRIBING),
        (S.SUBSCRIBING, says("auth_required"), S.WAITING),
        (S.SUBSCRIBING, says("auth_failed"), S.REFUSED),
        (S.SUBSCRIBING, says("max_connections"), S.WAITING),
        (S.SUBSCRIBING, lost, S.WAITING),
        (S.SUBSCRIBING, lambda s: s.close(1.0), S.CLOSED),
        (S.STREAMING, lambda s: s.want("AB", 1.0), S.SUBSCRIBING),
        (S.STREAMING, lambda s: s.want("A", 1.0), S.STREAMING),
        (S.STREAMING, lambda s: s.want("", 1.0), S.IDLE),
        (S.CONNECTING, lambda s: s.want("", 1.0), S.IDLE),
        (S.AUTHENTICATING, lambda s: s.want("", 1.0), S.IDLE),
        (S.SUBSCRIBING, lambda s: s.want("", 1.0), S.IDLE),
        (S.WAITING, lambda s: s.want("", 1.0), S.IDLE),
        (S.REFUSED, lambda s: s.want("", 1.0), S.REFUSED),
        (S.STREAMING, says("max_connections"), S.WAITING),
        (S.STREAMING, says("slow_consumer"), S.WAITING),
        (S.STREAMING, says("force_disconnect"), S.WAITING),
        (S.STREAMING, says("auth_failed"), S.REFUSED),
        (S.STREAMING, says("something_new"), S.STREAMING),
        (S.STREAMING, lost, S.WAITING),
        (S.STREAMING, lambda s: s.on_open(1.0), S.STREAMING),
        (S.STREAMING, lambda s: s.close(1.0), S.CLOSED),
        (S.WAITING, lambda s: s.on_tick(0.4), S.WAITING),
        (S.WAITING, lambda s: s.on_tick(0.5), S.CONNECTING),
        (S.WAITING, lost, S.WAITING),
        (S.WAITING, lambda s: s.on_open(1.0), S.WAITING),
        (S.WAITING, says("auth_success"), S.WAITING),
        (S.WAITING, lambda s: s.want("AB", 1.0), S.WAITING),
        (S.WAITING, lambda s: s.close(1.0), S.CLOSED),
        (S.REFUSED, lambda s: s.on_tick(1e6), S.REFUSED),
        (S.REFUSED, lost, S.REFUSED),
        (S.REFUSED, lambda s: s.start(1.0), S.REFUSED),
        (S.REFUSED, lambda s: s.want("AB", 1.0), S.REFUSED),
        (S.REFUSED, lambda s: s.close(1.0), S.CLOSED),
        (S.CLOSED, lambda s: s.start(1.0), S.CLOSED),
        (S.CLOSED, lambda s: s.on_open(1.0), S.CLOSED),
        (S.CLOSED, lambda s: s.on_tick(1e6), S.CLOSED),
        (S.CLOSED, lost, S.CLOSED),
        (S.CLOSED, lambda s: s.close(1.0), S.CLOSED),
    ],
)
def test_transitions(start, happens, end):
    """What happens in a state leads to exactly one state."""
    made = at(start)

    happens(made)

    assert made.state is end


def test_the_whole_way_up():
    """Connect, send the key on opening, subscribe when it is accepted, stream when all is acknowledged."""
    made = session("A", "B")

    assert made.start(0.0) == [Connect()]
    assert made.on_open(0.1) == [Authenticate()]
    assert made.on_statuses([CONNECTED], 0.2) == []
    assert made.on_statuses([AUTH_SUCCESS], 0.3) == [Up(), subscribe("A", "B")]
    assert made.on_statuses(acks("A"), 0.4) == []
    assert made.on_statuses(acks("B"), 0.5) == [Confirmed()]
    assert made.state is S.STREAMING


@pytest.mark.parametrize("state", [S.CONNECTING, S.AUTHENTICATING, S.SUBSCRIBING, S.STREAMING])
def test_closing_a_connection(state):
    """Closing ends a connection, open or opening, once."""
    made = at(state)

    assert made.close(1.0) == [Close()]
    assert made.close(2.0) == []
    assert made.subscriptions.confirmed == 0


@pytest.mark.parametrize("state", [S.IDLE, S.WAITING, S.REFUSED])
def test_closing_without_a_connection(state):
    """Without a connection there is nothing to close."""
    assert at(state).close(1.0) == []


EVENTS = st.one_of(
    st.tuples(st.just("start")),
    st.tuples(st.just("want"), st.sets(st.sampled_from("ABCDE")).map(sorted)),
    st.tuples(st.just("on_open")),
    st.tuples(st.just("on_lost"), st.sampled_from([None, 1000, 1008]), st.just("")),
    st.tuples(st.just("on_tick")),
    st.tuples(st.just("on_data")),
    st.tuples(st.just("expect_data"), st.booleans()),
    st.tuples(
        st.just("on_statuses"),
        st.lists(
            st.builds(
                StatusEvent,
                st.sampled_from(
                    [
                        "connected",
                        "auth_success",
                        "auth_failed",
                        "max_connections",
                        "success",
                        "error",
                        "slow_consumer",
                        "?",
                    ]
                ),
                st.sampled_from(["", "subscribed to: Q.A", "subscribed to: Q.B", "unsubscribed to: Q.A"]),
            ),
            max_size=4,
        ),
    ),
    st.tuples(st.just("close")),
)


@given(st.lists(st.tuples(EVENTS, st.floats(0, 70)), max_size=40))
def test_no_order_of_events_breaks_it(events):
    """Under any order of events every change of state is one of the table, and only an open connection is sent to."""
    made, now, is_linked = Session(RULES, lambda: 0.5), 0.0, False
    for (name, *arguments), passed in events:
        now += passed
        before = made.state
        for action in getattr(made, name)(*arguments, now) or []:
            if isinstance(action, Connect):
                assert not is_linked
                is_linked = True
            if isinstance(action, (Send, Ping, Authenticate)):
                assert is_linked
            if isinstance(action, (Close, Refused)):
                is_linked = False
        if name == "on_lost":
            is_linked = False
        if before in (S.REFUSED, S.CLOSED):
            assert made.state in (before, S.CLOSED)
        assert made.subscriptions.confirmed <= 3
