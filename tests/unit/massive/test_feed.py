"""The live feed against a vendor that behaves, and one that does not."""

import json
import threading
import time
from collections.abc import Callable
from functools import partial

import pytest

from marketswarm.clock import Clock, SystemClock
from marketswarm.massive.backoff import Backoff
from marketswarm.massive.feed import MassiveFeed
from marketswarm.massive.inbox import Inbox, InboxSize
from marketswarm.massive.session import SessionRules
from marketswarm.massive.socket import FeedSocket, SocketWaits
from marketswarm.massive.subscriptions import SubscriptionRules
from marketswarm.model.arrival import Frame, Opened
from marketswarm.ports import FeedFrame, FeedNotice
from tests.support.scripted_vendor import CloseWith, Drop, Expect, Mute, Say, ScriptedVendor, Serve
from tests.unit.massive.builders import quote_event, status_event

CONNECTED = [status_event("connected", "Connected Successfully")]
AUTHENTICATED = [status_event("auth_success", "authenticated")]
TICKER = "O:SPXW261123C06800000"
UP_AND_CONFIRMED = [FeedNotice("up"), FeedNotice("confirmed")]


def rules(**changes) -> SessionRules:
    """Waits short enough for a test."""
    quick = {"connect_s": 2.0, "auth_s": 0.3, "ping_every_s": 0.1, "pong_within_s": 0.2, "crowded_s": 0.2}
    return SessionRules(backoff=Backoff(0.02, 0.05), **(quick | changes))


class HurriedClock(SystemClock):
    """Twenty seconds in one."""

    def monotonic_s(self) -> float:
        return super().monotonic_s() * 20


def make_feed(
    vendor: ScriptedVendor, *, key: str | None = None, clock: Clock | None = None, **changes
) -> MassiveFeed:
    """A feed of that vendor which wants one contract, on quotes alone."""
    changes.setdefault("subscriptions", SubscriptionRules(kinds=("Q",), ack_timeout_s=0.1))
    made = MassiveFeed(
        vendor.ws_url,
        key or vendor.key,
        clock=clock or SystemClock(),
        random=lambda: 1.0,
        rules=rules(**changes),
        inbox=Inbox(InboxSize(frames=1000)),
        dial=partial(FeedSocket, waits=SocketWaits(io_s=0.2, farewell_s=0.1)),
    )
    made.want([TICKER])
    return made


@pytest.fixture
def feed(vendor):
    """A feed of that vendor."""
    made = make_feed(vendor)
    yield made
    made.stop()


def poll_until(feed: MassiveFeed, holds: Callable[[list], bool], timeout_s: float = 5.0) -> list:
    """Poll until what came satisfies the condition, then give all of it."""
    came, end = [], time.monotonic() + timeout_s
    while not holds(came):
        assert time.monotonic() < end, f"only {came} came; {feed.status()}"
        came += feed.poll(0.05)
    return came


def notices(came: list) -> list[FeedNotice]:
    """The notices among it."""
    return [item for item in came if isinstance(item, FeedNotice)]


def kinds(came: list) -> list[str]:
    """The kinds of the notices among it."""
    return [notice.kind for notice in notices(came)]


def bids(came: list) -> list[float]:
    """The bids of the quotes among it, in order."""
    return [update.bid for item in came if isinstance(item, FeedFrame) for update in item.updates]


def test_it_connects_to_nothing_by_itself(feed):
    """A feed that nobody has polled is idle, whatever it is wanted to stream."""
    assert feed.status().state == "idle"


def test_the_whole_way_of_a_quote(vendor, feed):
    """Connect, authenticate, subscribe, confirm; then a quote arrives with the time of its arrival."""
    assert notices(poll_until(feed, lambda came: "confirmed" in kinds(came))) == UP_AND_CONFIRMED
    began = time.monotonic()
    vendor.push_quote(TICKER, bid=1.5, ask=1.6)

    (item,) = poll_until(feed, bool)

    assert began <= item.arrived_s <= time.monotonic()
    assert bids([item]) == [1.5]
    assert [message["action"] for message in vendor.received] == ["auth", "subscribe"]
    status = feed.status()
    assert (status.state, status.desired, status.confirmed, status.updates) == ("streaming", 1, 1, 1)
    assert status.last_frame_s == item.arrived_s


def test_three_channels_a_contract(vendor):
    """By default each contract is subscribed for quotes, trades and bars of seconds."""
    feed = make_feed(vendor, subscriptions=SubscriptionRules())
    poll_until(feed, lambda came: "confirmed" in kinds(came))

    assert vendor.subscribed() == {f"Q.{TICKER}", f"T.{TICKER}", f"A.{TICKER}"}
    feed.stop()


def test_wishes_change_while_streaming(vendor, feed):
    """New contracts come before old ones go, on the wire too."""
    poll_until(feed, lambda came: "confirmed" in kinds(came))
    feed.want(["O:B", "O:C"])
    assert kinds(poll_until(feed, bool)) == ["confirmed"]

    vendor.wait_for(lambda: vendor.subscribed() == {"Q.O:B", "Q.O:C"})
    assert [message["action"] for message in vendor.received] == [
        "auth",
        "subscribe",
        "subscribe",
        "unsubscribe",
    ]


def test_poll_waits_no_longer_than_asked(feed):
    """Without anything to return, `poll` returns after its time-out."""
    poll_until(feed, lambda came: "confirmed" in kinds(came))
    began = time.monotonic()

    assert feed.poll(0.1) == []
    assert 0.1 <= time.monotonic() - began < 2.0


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


def test_a_quiet_market_is_no_fault(vendor, feed):
    """A connection on which only pings are answered stays."""
    poll_until(feed, lambda came: "confirmed" in kinds(came))

    assert feed.poll(0.7) == []
    assert feed.status().reconnects == 0


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


def test_over_the_budget(vendor):
    """Contracts beyond the budget are not subscribed, and counted."""
    feed = make_feed(vendor, subscriptions=SubscriptionRules(kinds=("Q",), budget=2))
    feed.want(["O:A", "O:B", "O:C"])

    came = notices(poll_until(feed, lambda came: "confirmed" in kinds(came)))

    assert came[-1] == FeedNotice("confirmed", "1 contracts over the budget")
    assert vendor.subscribed() == {"Q.O:A", "Q.O:B"}
    assert feed.status().over_budget == 1
    feed.stop()


def test_a_late_reader_loses_nothing(vendor, feed):
    """When nobody polls for a while the server has to wait; then everything arrives, in order."""
    poll_until(feed, lambda came: "confirmed" in kinds(came))
    pushing = threading.Thread(
        target=lambda: [vendor.push_quote(TICKER, bid=n, ask=n + 1) for n in range(3000)], daemon=True
    )
    pushing.start()
    vendor.wait_for(lambda: feed.queued_frames() >= 1000)
    assert feed.status().queued_frames >= 1000

    came = poll_until(feed, lambda came: len(bids(came)) == 3000)
    poll_until(feed, lambda _: feed.queued_frames() == 0)

    assert bids(came) == list(range(3000))
    assert kinds(came) == []


def test_stop_from_another_thread(vendor, feed):
    """`stop` from any thread ends a waiting `poll`, the connection and the reader; twice is once."""
    poll_until(feed, lambda came: "confirmed" in kinds(came))
    threading.Timer(0.05, feed.stop).start()
    began = time.monotonic()

    assert feed.poll(5.0) == []
    assert time.monotonic() - began < 4.0
    feed.stop()
    assert feed.poll(0.0) == []
    assert feed.status().state == "closed"
    vendor.wait_for(lambda: vendor.subscribed() == set())
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("massive-feed")]


def test_stop_before_the_first_poll(vendor):
    """A feed that is stopped before it began never connects."""
    feed = make_feed(vendor)
    feed.stop()

    assert feed.poll(0.1) == []
    assert vendor.connections == 0


def test_nobody_there(vendor):
    """A server that cannot be reached is tried again and again, and the status says why."""
    feed = MassiveFeed("ws://127.0.0.1:9", "k", clock=SystemClock(), random=lambda: 1.0, rules=rules())
    feed.want(["O:SPY261123C00680000"])

    poll_until(feed, lambda came: feed.status().reconnects >= 2 and feed.status().state == "waiting")

    assert feed.status().detail == "Connection refused"
    feed.stop()


class Told:
    """A tap that notes what it is told, while it is on."""

    def __init__(self) -> None:
        self.is_on, self.arrivals = False, []

    def arrived(self, arrivals):
        self.arrivals += arrivals


def test_a_tap_is_told_of_all_that_arrives_before_it_is_decoded(vendor, feed):
    """The opening and frames as they came, in order; nothing while it is off, and never the key that was sent."""
    told = Told()
    feed._tap = told
    told.is_on = True
    poll_until(feed, lambda came: "confirmed" in kinds(came))
    vendor.push_quote(TICKER, bid=1.5, ask=1.6)
    poll_until(feed, bids)
    told.is_on = False
    vendor.push_quote(TICKER, bid=1.7, ask=1.8)
    poll_until(feed, bids)

    assert isinstance(told.arrivals[0], Opened)
    frames = [arrival.raw for arrival in told.arrivals if isinstance(arrival, Frame)]
    statuses = [json.loads(raw)[0].get("status") for raw in frames]
    assert statuses == ["connected", "auth_success", "success", None]
    assert json.loads(frames[-1])[0]["bp"] == 1.5
    assert not any(vendor.key.encode() in raw for raw in frames)
