"""The live feed against a vendor that misbehaves: connections end, answers are missing, frames are bad."""

import json
import time

import pytest

from marketswarm.clock import SystemClock
from marketswarm.massive.feed import MassiveFeed
from marketswarm.massive.subscriptions import SubscriptionRules
from marketswarm.ports import FeedNotice
from tests.support.scripted_vendor import CloseWith, Drop, Expect, Mute, Say, Serve
from tests.support.vendor_feed import (
    TICKER,
    UP_AND_CONFIRMED,
    HurriedClock,
    bids,
    kinds,
    make_feed,
    notices,
    poll_until,
    rules,
)
from tests.unit.massive.builders import quote_event, status_event

CONNECTED = [status_event("connected", "Connected Successfully")]
AUTHENTICATED = [status_event("auth_success", "authenticated")]


def test_a_mute_connection_is_replaced_only_while_the_market_is_open(vendor):
    """Quotes came, then only answers to pings: the feed says so and connects anew, but not while no data is expected."""
    feed = make_feed(vendor, clock=HurriedClock(), auth_s=60.0, ping_every_s=2.0, pong_within_s=60.0)
    poll_until(feed, lambda came: "confirmed" in kinds(came))
    for _ in range(50):
        vendor.push_quote(TICKER, bid=1.5, ask=1.6)
        poll_until(feed, bool)
        feed.poll(0.5)

    assert notices(feed.poll(20.0)) == []
    feed.expect_data(True)
    came = poll_until(feed, lambda came: kinds(came)[-2:] == ["up", "confirmed"])

    assert notices(came)[0] == FeedNotice("lost", "silent while the market is open")
    assert vendor.connections == 2
    feed.stop()


def test_data_before_its_acknowledgement(vendor, feed):
    """Quotes that overtake their acknowledgement, even within one frame, are given in order."""
    ack = status_event("success", f"subscribed to: Q.{TICKER}")
    vendor.script(
        Say(CONNECTED),
        Expect("auth", vendor.key),
        Say(AUTHENTICATED),
        Expect("subscribe", TICKER),
        Say([quote_event(bp=1.1)]),
        Say([quote_event(bp=1.2), ack, quote_event(bp=1.3)]),
        Serve(greet=False, is_authenticated=True),
    )

    came = poll_until(feed, lambda came: len(bids(came)) == 3)

    assert bids(came) == [1.1, 1.2, 1.3]
    assert notices(came) == UP_AND_CONFIRMED
    assert vendor.failures == []


def drop(vendor):
    """Hang up without a close frame."""
    vendor.drop_connections()


def close_with(code):
    """Close with that code."""
    return lambda vendor: vendor.close_connections(code, "bye")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (drop, "dropped without a close frame"),
        (close_with(1000), "closed with 1000: bye"),
        (close_with(1001), "closed with 1001: bye"),
        (close_with(1008), "closed with 1008: bye"),
        (close_with(1011), "closed with 1011: bye"),
    ],
)
def test_the_connection_ends_while_streaming(vendor, feed, fault, reason):
    """However a connection ends, the loss is announced, and everything is subscribed anew on a new one."""
    poll_until(feed, lambda came: "confirmed" in kinds(came))
    fault(vendor)

    came = notices(poll_until(feed, lambda came: "confirmed" in kinds(came)))

    assert came == [FeedNotice("lost", reason), *UP_AND_CONFIRMED]
    vendor.wait_for(lambda: vendor.subscribed() == {f"Q.{TICKER}"})
    assert feed.status().reconnects == 1


@pytest.mark.parametrize(
    "steps",
    [
        (Drop(),),
        (CloseWith(1011),),
        (Say(CONNECTED), Drop()),
        (Say(CONNECTED), Expect("auth"), Drop()),
        (Say(CONNECTED), Expect("auth"), Say([status_event("auth_timeout")]), CloseWith(1008)),
        (Say(CONNECTED), Expect("auth"), Mute()),
        (Say(CONNECTED), Expect("auth"), Say(AUTHENTICATED), Drop()),
        (Say(CONNECTED), Expect("auth"), Say(AUTHENTICATED), Expect("subscribe"), Drop()),
        (Say(CONNECTED), Expect("auth"), Say(AUTHENTICATED), Expect("subscribe"), CloseWith(1006)),
    ],
    ids=[
        "drop at once", "close at once", "drop after greeting", "drop in auth", "auth timeout", "silent in auth",
        "drop after auth", "drop in subscribe", "close in subscribe",
    ],
)  # fmt: skip
def test_the_connection_ends_on_the_way_up(vendor, feed, steps):
    """A connection that ends at whatever point of its way up is followed by one that works."""
    vendor.script(*steps)

    poll_until(feed, lambda came: "confirmed" in kinds(came))

    assert vendor.connections == 2
    assert vendor.failures == []


def test_a_half_open_connection_is_noticed(vendor, feed):
    """A server that no longer answers pings is taken for dead, though the connection is still open."""
    ack = status_event("success", f"subscribed to: Q.{TICKER}")
    vendor.script(Say(CONNECTED), Expect("auth"), Say(AUTHENTICATED), Expect("subscribe"), Say([ack]), Mute())

    came = notices(poll_until(feed, lambda came: kinds(came).count("confirmed") == 2))

    assert FeedNotice("lost", "nothing answered a ping") in came


def test_eviction(vendor, feed):
    """After `max_connections` the feed waits before it takes the place again."""
    eviction = status_event("max_connections", "Maximum number of websocket connections exceeded.")
    vendor.script(
        Say(CONNECTED),
        Expect("auth"),
        Say(AUTHENTICATED),
        Expect("subscribe"),
        Say([eviction]),
        CloseWith(1008),
    )

    came = poll_until(feed, lambda came: "lost" in kinds(came))
    began = time.monotonic()
    assert feed.status().state == "waiting"
    poll_until(feed, lambda came: "confirmed" in kinds(came))

    assert "max_connections" in notices(came)[-1].reason
    assert time.monotonic() - began >= 0.15


@pytest.mark.parametrize("key", ["wrong-key-123456"])
def test_a_refused_key(vendor, key):
    """A refused key is final: one notice, no further connection."""
    feed = make_feed(vendor, key=key)

    came = poll_until(feed, bool)
    assert came == [FeedNotice("refused", "authentication failed")]
    assert feed.poll(0.3) == []
    assert (feed.status().state, vendor.connections) == ("refused", 1)
    feed.stop()


def test_a_plan_without_quotes(vendor):
    """When the plan refuses a kind of channel, the others stream, and the confirmation says what is left out."""
    vendor.refused_kinds = {"Q"}
    feed = make_feed(vendor, subscriptions=SubscriptionRules(kinds=("Q", "T"), ack_timeout_s=0.1))

    came = notices(poll_until(feed, lambda came: "confirmed" in kinds(came)))

    assert feed.status().not_streamed == ("quote", "day")  # and bars, which nobody asked for
    feed.stop()
    assert came == [FeedNotice("up"), FeedNotice("confirmed", "Q not in the plan")]


def test_a_silent_key(vendor, feed):
    """A key that this host gives nothing is reported in the status, and never confirmed."""
    vendor.is_silent = lambda channel: True

    came = poll_until(feed, lambda came: "unanswered" in feed.status().detail)

    assert kinds(came) == ["up"]
    assert (feed.status().state, feed.status().confirmed) == ("subscribing", 0)
    assert [message["action"] for message in vendor.received] == [
        "auth",
        "subscribe",
        "unsubscribe",
        "subscribe",
    ]


def test_one_lost_acknowledgement(vendor, feed):
    """A channel whose acknowledgement is missing is asked for once more."""
    answers = iter([True])
    vendor.is_silent = lambda channel: next(answers, False)

    poll_until(feed, lambda came: "confirmed" in kinds(came))

    assert [message["action"] for message in vendor.received] == [
        "auth",
        "subscribe",
        "unsubscribe",
        "subscribe",
    ]


def test_bad_frames_are_counted_and_shown(vendor, feed):
    """What cannot be used is counted by reason with a few short samples, once, and the stream goes on."""
    poll_until(feed, lambda came: "confirmed" in kinds(came))
    for _ in range(9):
        vendor.push_raw("<html>" + "x" * 5000)
    vendor.push_raw(json.dumps([quote_event(bp=None), quote_event(bp=2.5)]))

    came = poll_until(feed, bids)
    bad = feed.take_bad_frames()

    assert bids(came) == [2.5]
    assert bad.counts == {"not-json": 9, "malformed": 1}
    assert [reason for reason, _ in bad.samples] == ["not-json"] * 5 + ["malformed"]
    assert {len(sample) for reason, sample in bad.samples if reason == "not-json"} == {500}
    assert feed.take_bad_frames().counts == {}
    assert kinds(came) == []


def test_the_key_is_never_shown(vendor):
    """Whatever the server repeats of the key, no notice, status or sample holds it."""
    feed = make_feed(vendor)
    vendor.script(
        Say(CONNECTED),
        Expect("auth"),
        Say("x" * 490 + vendor.key),
        Say([status_event("auth_failed", f"{vendor.key} is wrong")]),
        Drop(),
    )

    came = poll_until(feed, bool)

    feed.stop()
    shown = f"{came} {feed.status()} {feed.take_bad_frames()} {feed!r}"
    assert "refused" in shown
    assert vendor.key not in shown
    assert vendor.key[:8] not in shown


def test_nobody_there(vendor):
    """A server that cannot be reached is tried again and again, and the status says why."""
    feed = MassiveFeed("ws://127.0.0.1:9", "k", clock=SystemClock(), random=lambda: 1.0, rules=rules())
    feed.want(["O:SPY261123C00680000"])

    poll_until(feed, lambda came: feed.status().reconnects >= 2 and feed.status().state == "waiting")

    assert feed.status().detail == "Connection refused"
    feed.stop()
