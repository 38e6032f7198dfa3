"""The live feed against a vendor that behaves."""

import json
import threading
import time

from marketswarm.massive.subscriptions import SubscriptionRules
from marketswarm.model.arrival import Frame, Opened
from marketswarm.ports import FeedNotice
from tests.support.vendor_feed import TICKER, UP_AND_CONFIRMED, bids, kinds, make_feed, notices, poll_until


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


def test_a_quiet_market_is_no_fault(vendor, feed):
    """A connection on which only pings are answered stays."""
    poll_until(feed, lambda came: "confirmed" in kinds(came))

    assert feed.poll(0.7) == []
    assert feed.status().reconnects == 0


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
