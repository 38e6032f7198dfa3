"""Several connections as one feed, against a simulated vendor that allows them."""

import time

import pytest

from marketswarm.clock import SystemClock
from marketswarm.massive.backoff import Backoff
from marketswarm.massive.feed import MassiveFeed
from marketswarm.massive.session import SessionRules
from marketswarm.massive.sharded import ShardedFeed
from marketswarm.massive.subscriptions import SubscriptionRules
from marketswarm.ports import FeedFrame, FeedNotice, MarketFeed
from tests.support.simulator import running_simulator

BUDGET = 6


@pytest.fixture(scope="module")
def vendor():
    """A vendor of two symbols that allows three connections."""
    with running_simulator(symbols=("SPX", "SPY"), connections=3, events_per_second=50_000) as made:
        yield made


@pytest.fixture(scope="module")
def chains(vendor):
    """Twelve contracts: six of a chain of SPX, six of one of SPY."""
    tickers = vendor.call(lambda: list(vendor.server.market.book.tickers))
    first = {root: next(name for name in tickers if name.startswith(f"O:{root}")) for root in ("SPXW", "SPY")}
    return [
        name
        for start in first.values()
        for name in [name for name in tickers if name[:-9] == start[:-9]][:BUDGET]
    ]


@pytest.fixture
def feed(vendor):
    """A feed whose connections carry six contracts each."""
    rules = SessionRules(
        SubscriptionRules(kinds=("Q",), budget=BUDGET), crowded_s=30.0, backoff=Backoff(0.02, 0.05)
    )

    def connect() -> MassiveFeed:
        return MassiveFeed(vendor.ws, "key", clock=SystemClock(), random=lambda: 1.0, rules=rules)

    made = ShardedFeed(connect, SystemClock(), budget=BUDGET)
    yield made
    made.stop()


def poll_until(feed, holds, timeout_s=10.0):
    """Poll until something holds; all that came."""
    came, end = [], time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < end, (
            f"{feed.status()} after {[i for i in came if isinstance(i, FeedNotice)]}"
        )
        came += feed.poll(0.05)
    return came


def links(vendor):
    """The connections that the vendor sees, with what each holds."""
    return vendor.call(
        lambda: [
            {channel.removeprefix("Q.") for channel in link.conversation.held}
            for link in vendor.server._connections
            if not link.is_ending
        ]
    )


def test_it_is_a_feed(feed):
    """It offers what the stream asks of a feed, and connects to nothing before something is wanted."""
    used: MarketFeed = feed
    assert used.poll(0) == []
    assert (used.status().state, used.status().connections) == ("idle", 0)


def test_one_connection_carries_its_budget_and_says_what_is_left_out(feed, chains, vendor):
    """Without leave for more, the earlier contracts are streamed, and the others counted."""
    feed.want(chains)
    poll_until(feed, lambda: len(feed.confirmed()) == BUDGET)

    assert feed.confirmed() == set(chains[:BUDGET])
    status = feed.status()
    assert (status.desired, status.confirmed, status.over_budget, status.connections) == (12, 6, 6, 1)
    assert "6 contracts over the budget" in status.detail
    assert len(links(vendor)) == 1


def test_a_second_connection_carries_the_rest(feed, chains, vendor):
    """Each chain is whole on one connection, no connection has more than its budget, and quotes come of both."""
    feed.want(chains)
    poll_until(feed, lambda: len(feed.confirmed()) == BUDGET)

    feed.allow(2)
    poll_until(feed, lambda: feed.confirmed() == set(chains))

    assert sorted(map(sorted, links(vendor))) == sorted([sorted(chains[:6]), sorted(chains[6:])])
    assert (feed.status().over_budget, feed.status().connections, feed.status().reconnects) == (0, 2, 0)
    seen: set[str] = set()
    end = time.monotonic() + 10
    while seen != set(chains):
        assert time.monotonic() < end
        for item in feed.poll(0.05):
            if isinstance(item, FeedFrame):
                seen |= {update.ticker for update in item.updates}


def test_the_loss_of_one_connection_names_its_contracts(feed, chains, vendor):
    """The other one streams on; what was lost is subscribed again by itself."""
    feed.allow(2)
    feed.want(chains)
    poll_until(feed, lambda: feed.confirmed() == set(chains))

    vendor.call(
        lambda: [
            link.transport.abort()
            for link in list(vendor.server._connections)
            if f"Q.{chains[0]}" in link.conversation.held
        ]
    )
    came = poll_until(feed, lambda: feed.confirmed() == set(chains[6:]))
    came += poll_until(feed, lambda: feed.confirmed() == set(chains))

    lost = [item for item in came if isinstance(item, FeedNotice) and item.kind == "lost"]
    assert [notice.tickers for notice in lost] == [frozenset(chains[:6])]
    assert feed.status().reconnects == 1


def test_a_connection_that_is_given_back_is_closed_at_once(feed, chains, vendor):
    """What was on it is announced as lost and goes over the others as far as there is room."""
    feed.allow(3)
    feed.want(chains)
    poll_until(feed, lambda: feed.confirmed() == set(chains))

    feed.allow(1)
    came = poll_until(feed, lambda: len(links(vendor)) == 1) + feed.poll(0.05)

    lost = [item for item in came if isinstance(item, FeedNotice) and item.kind == "lost"]
    assert [notice.tickers for notice in lost] == [frozenset(chains[6:])]
    assert (feed.status().connections, feed.status().over_budget) == (1, 6)


def test_nothing_wanted_is_no_connection(feed, chains, vendor):
    """All connections are left to others when nothing is to be streamed."""
    feed.allow(2)
    feed.want(chains)
    poll_until(feed, lambda: feed.confirmed() == set(chains))

    feed.want([])
    poll_until(feed, lambda: links(vendor) == [])

    assert feed.status().state == "idle"


def test_frames_that_wait_are_counted_over_all_connections(feed, chains):
    """As many as each of them says."""
    feed.allow(2)
    feed.want(chains)
    poll_until(feed, lambda: feed.confirmed() == set(chains))
    end = time.monotonic() + 5.0
    while not all(part.queued_frames() for part in feed._feeds) and time.monotonic() < end:
        time.sleep(0.01)

    assert 2 <= sum(part.queued_frames() for part in feed._feeds) <= feed.queued_frames()


def test_bad_frames_of_all_connections_are_counted_together(feed, chains, vendor):
    """Reasons and counts are sums."""
    feed.allow(2)
    feed.want(chains)
    poll_until(feed, lambda: feed.confirmed() == set(chains))

    vendor.call(lambda: [link.post("no json") for link in vendor.server._connections])
    counts: dict[str, int] = {}
    end = time.monotonic() + 5
    while counts.get("not-json", 0) < 2:
        assert time.monotonic() < end
        feed.poll(0.05)
        for reason, count in feed.take_bad_frames().counts.items():
            counts[reason] = counts.get(reason, 0) + count

    assert counts == {"not-json": 2}


def test_two_that_share_one_connection_do_not_evict_each_other_in_turns():
    """The newer one stays; the older one is told, and does not come back before a minute is over."""
    with running_simulator(symbols=("SPY",), connections=1) as vendor:
        tickers = vendor.call(lambda: list(vendor.server.market.book.tickers))[:3]
        older, newer = (
            ShardedFeed(
                lambda: MassiveFeed(vendor.ws, "key", clock=SystemClock(), random=lambda: 0.0), SystemClock()
            )
            for _ in range(2)
        )
        for feed in (older, newer):
            feed.want(tickers)
            poll_until(feed, lambda feed=feed: feed.confirmed() == set(tickers))
        poll_until(older, lambda: older.status().state == "waiting")

        end = time.monotonic() + 2.5
        while time.monotonic() < end:
            older.poll(0.05)
            newer.poll(0.05)

        assert "max_connections" in older.status().detail
        assert (older.status().state, older.status().reconnects) == ("waiting", 0)
        assert (newer.status().state, newer.status().reconnects) == ("streaming", 0)
        older.stop()
        newer.stop()
