"""A delayed key at the real-time host, on real sockets."""

import time

import pytest

from marketswarm.clock import ManualClock, SystemClock
from marketswarm.massive.backoff import Backoff
from marketswarm.massive.fallback import FallbackFeed
from marketswarm.massive.feed import MassiveFeed
from marketswarm.massive.hosts import Hosts
from marketswarm.massive.plan_watch import PlanWatch
from marketswarm.massive.session import SessionRules
from marketswarm.massive.subscriptions import SubscriptionRules
from marketswarm.model.plan import UnderlyingPlan, VendorPlan
from marketswarm.ports import FeedFrame
from tests.support.scripted_vendor import ScriptedVendor

TICKER = "O:SPXW261123C06800000"
RULES = SessionRules(SubscriptionRules(kinds=("Q",), ack_timeout_s=0.1), backoff=Backoff(0.02, 0.05))


def connect(base: str) -> MassiveFeed:
    """One connection with short waits."""
    return MassiveFeed(base, "scripted-key", clock=SystemClock(), random=lambda: 1.0, rules=RULES)


@pytest.fixture
def delayed():
    """The vendor's delayed host."""
    with ScriptedVendor() as running:
        yield running


@pytest.fixture
def silent(vendor):
    """The real-time host as a delayed key meets it: it takes the key and answers nothing."""
    vendor.is_silent = lambda _channel: True
    return vendor


@pytest.fixture
def make():
    """Feeds, stopped at the end."""
    made = []

    def feed(hosts: Hosts) -> FallbackFeed:
        made.append(FallbackFeed(hosts, connect))
        made[-1].want([TICKER])
        return made[-1]

    yield feed
    for each in made:
        each.stop()


def poll_until(feed, holds, timeout_s: float = 5.0) -> list:
    """Poll until something holds; all that came."""
    came, end = [], time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < end, f"{feed.status()} after {came}"
        came += feed.poll(0.05)
    return came


def test_a_mute_host_is_left_for_the_delayed_one(silent, delayed, make):
    """After the time for answers the same contracts are asked of the other host; it is announced, and said to be delayed."""
    feed = make(Hosts(silent.ws_url, delayed.ws_url))

    came = poll_until(feed, lambda: feed.confirmed() == {TICKER})

    assert [item.kind for item in came if not isinstance(item, FeedFrame)] == [
        "up",
        "lost",
        "up",
        "confirmed",
    ]
    assert "delayed" in next(item.reason for item in came if item.kind == "lost")
    assert feed.status().delayed
    assert silent.subscribed() == set()
    delayed.push_quote(TICKER, bid=1.0, ask=1.1)
    frames = poll_until(feed, lambda: feed.status().updates)
    assert [update.bid for item in frames if isinstance(item, FeedFrame) for update in item.updates] == [1.0]


def test_what_is_learnt_holds_for_the_process(silent, delayed, make):
    """The next connection goes to the delayed host at once."""
    hosts = Hosts(silent.ws_url, delayed.ws_url)
    first = make(hosts)
    poll_until(first, first.confirmed)

    second = make(hosts)
    poll_until(second, second.confirmed)

    assert silent.connections == 1


def test_another_connection_follows(silent, delayed, make):
    """A connection that was mute as well moves when another has found the way."""
    hosts = Hosts(silent.ws_url, delayed.ws_url)
    first, second = make(hosts), make(hosts)

    poll_until(first, lambda: second.poll(0.01) or first.confirmed())
    poll_until(second, second.confirmed)

    assert second.status().delayed


def test_a_refusal_is_an_answer(vendor, delayed, make):
    """A host that refuses a kind of channel is not mute, and is kept."""
    vendor.refused_kinds = {"Q"}
    feed = make(Hosts(vendor.ws_url, delayed.ws_url))

    poll_until(feed, lambda: "quote" in feed.status().not_streamed)

    assert feed.poll(0.1) == []
    assert (delayed.connections, feed.status().delayed) == (0, False)


def test_without_a_second_host_nothing_moves(silent, make):
    """The feed says what stayed without an answer, and stays where it is."""
    feed = make(Hosts(silent.ws_url, None))

    poll_until(feed, lambda: "unanswered" in feed.status().detail)

    assert (silent.connections, feed.status().delayed) == (1, False)


def test_a_real_time_key_is_left_alone(vendor, delayed, make):
    """A host that answers is kept."""
    feed = make(Hosts(vendor.ws_url, delayed.ws_url))

    poll_until(feed, feed.confirmed)

    assert (delayed.connections, feed.status().delayed) == (0, False)


class Upgrade:
    """A plan without quotes, until it is upgraded; `look` lets the ten seconds to the next look pass."""

    def __init__(self):
        self.quotes, self.timing, self._clock = "no", "delayed", ManualClock()
        self.watch = PlanWatch(self.plan, self._clock)

    def plan(self) -> VendorPlan:
        row = UnderlyingPlan("SPX", "yes", self.quotes, "yes", timing=self.timing)
        return VendorPlan("f", "b", 0, "yes", (row,))

    def connect(self, base: str) -> MassiveFeed:
        """One connection with short waits, which asks for what the plan gives."""
        subscriptions = SubscriptionRules(kinds=self.plan().kinds(), ack_timeout_s=0.1)
        rules = SessionRules(subscriptions, backoff=Backoff(0.02, 0.05))
        return MassiveFeed(base, "scripted-key", clock=SystemClock(), random=lambda: 1.0, rules=rules)

    def look(self):
        self._clock.advance(10)


@pytest.fixture
def upgrade():
    """A plan to be upgraded."""
    return Upgrade()


@pytest.fixture
def feed_of(upgrade):
    """A feed that watches the plan, stopped at the end."""
    made = []

    def feed(hosts: Hosts) -> FallbackFeed:
        made.append(FallbackFeed(hosts, upgrade.connect, upgrade.watch))
        made[-1].want([TICKER])
        return made[-1]

    yield feed
    for each in made:
        each.stop()


def test_a_plan_that_gives_more_is_asked_for_more(vendor, feed_of, upgrade):
    """A feed that began without quotes has them after the upgrade, by a new connection that is announced like any."""
    feed = feed_of(Hosts(vendor.ws_url, None))
    poll_until(feed, feed.confirmed)
    assert feed.status().not_streamed == ("quote",)

    upgrade.quotes = "yes"
    upgrade.look()
    came = poll_until(feed, lambda: f"Q.{TICKER}" in vendor.subscribed() and feed.confirmed())

    lost = next(item for item in came if item.kind == "lost")
    assert lost.reason == "the plan gives more than before"
    assert feed.status().not_streamed == ()
    upgrade.look()
    assert feed.poll(0.1) == []
    assert vendor.connections == 2


def test_a_plan_in_real_time_is_asked_of_the_real_time_host(silent, delayed, feed_of, upgrade):
    """Who fell back to the delayed host goes back when the plan gives more, and is delayed no more."""
    hosts = Hosts(silent.ws_url, delayed.ws_url)
    feed = feed_of(hosts)
    poll_until(feed, feed.confirmed)
    assert feed.status().delayed

    silent.is_silent = lambda _channel: False
    upgrade.quotes, upgrade.timing = "yes", "real-time"
    upgrade.look()
    poll_until(feed, lambda: f"Q.{TICKER}" in silent.subscribed() and feed.confirmed())

    assert not feed.status().delayed
    assert (hosts.base, hosts.delayed) == (silent.ws_url, delayed.ws_url)


def test_more_of_delayed_data_stays_with_the_delayed_host(silent, delayed, feed_of, upgrade):
    """The real-time host would be as mute as before."""
    feed = feed_of(Hosts(silent.ws_url, delayed.ws_url))
    poll_until(feed, feed.confirmed)

    upgrade.quotes = "yes"
    upgrade.look()
    poll_until(feed, lambda: f"Q.{TICKER}" in delayed.subscribed() and feed.confirmed())

    assert (silent.connections, feed.status().delayed) == (1, True)
