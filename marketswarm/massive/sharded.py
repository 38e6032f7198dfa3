"""Several connections as one feed: each with its own part of the contracts, and a loss that says whose it was."""

from collections import Counter
from collections.abc import Callable, Collection
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import chain
from typing import Final, Protocol

from marketswarm.clock import Clock
from marketswarm.massive.shards import allot
from marketswarm.ports import BadFrames, FeedFrame, FeedNotice, FeedState, FeedStatus

_SLICE_S = 0.005  # how long one connection is listened to while others may have something
# What is said of all connections is what the worst of them says.
_WORST_FIRST: Final[tuple[FeedState, ...]] = (
    "refused",
    "waiting",
    "connecting",
    "authenticating",
    "subscribing",
    "streaming",
    "idle",
    "closed",
)


class OneConnection(Protocol):
    """A `MarketFeed` of one connection."""

    def want(self, tickers: Collection[str]) -> None:
        """See `MarketFeed`, as for all others here."""
        ...

    def expect_data(self, expected: bool) -> None:
        """Whether the market is open."""
        ...

    def poll(self, timeout_s: float) -> list[FeedFrame | FeedNotice]:
        """Wait for at most that long."""
        ...

    def confirmed(self) -> AbstractSet[str]:
        """What is acknowledged."""
        ...

    def status(self) -> FeedStatus:
        """How it is."""
        ...

    def queued_frames(self) -> int:
        """How many frames wait."""
        ...

    def take_bad_frames(self) -> BadFrames:
        """What could not be used."""
        ...

    def stop(self) -> None:
        """Close it."""
        ...


class ShardedFeed:
    """`MarketFeed` over as many connections as are allowed and needed; with one it does nothing but hand on.

    Args:
        connect: makes a feed of one connection, which connects when something is wanted of it.
        budget: contracts that one connection may hold.
    """

    def __init__(self, connect: Callable[[], OneConnection], clock: Clock, *, budget: int = 1000) -> None:
        self._connect = connect
        self._clock = clock
        self._budget = budget
        self._feeds = [connect()]
        self._parts: list[list[str]] = [[]]
        self._wanted: dict[str, None] = {}
        self._allotted: dict[str, int] = {}
        self._out: list[FeedFrame | FeedNotice] = []
        self._expects_data = False
        self._turn = 0
        self._is_stopped = False

    def allow(self, connections: int) -> None:
        """Use so many connections at most. What moves to another one is announced as lost."""
        if connections == len(self._feeds) or self._is_stopped:
            return
        for feed, part in zip(self._feeds[connections:], self._parts[connections:], strict=True):
            feed.stop()
            if part:
                self._out.append(FeedNotice("lost", "connection given back", frozenset(part)))
        del self._feeds[connections:]
        self._feeds += [self._connect() for _ in range(connections - len(self._feeds))]
        self.expect_data(self._expects_data)
        self._spread()

    def want(self, tickers: Collection[str]) -> None:
        """Replace the set of contracts to stream. New ones are subscribed before others are dropped."""
        self._wanted = dict.fromkeys(tickers)
        self._spread()

    def expect_data(self, expected: bool) -> None:
        """Whether the market is open, so that the silence of a connection says something."""
        self._expects_data = expected
        for feed in self._feeds:
            feed.expect_data(expected)

    def poll(self, timeout_s: float) -> list[FeedFrame | FeedNotice]:
        """Wait for at most that long for something on any connection, then return all there is."""
        if len(self._feeds) == 1 and not self._out:
            return self._feeds[0].poll(timeout_s)
        deadline_s = self._clock.monotonic_s() + timeout_s
        while True:
            self._out += chain.from_iterable(self._poll(number, 0) for number in range(len(self._feeds)))
            left_s = deadline_s - self._clock.monotonic_s()
            if self._out or left_s <= 0 or self._is_stopped:
                out, self._out = self._out, []
                return out
            self._turn = (self._turn + 1) % len(self._feeds)
            self._out += self._poll(self._turn, min(_SLICE_S, left_s))

    def confirmed(self) -> AbstractSet[str]:
        """The wanted contracts that are acknowledged on every channel which the plan does not refuse."""
        return frozenset().union(*(feed.confirmed() for feed in self._feeds))

    def status(self) -> FeedStatus:
        """What the connections together say of themselves; the state is that of the worst that is in use."""
        seen = [feed.status() for feed in self._feeds]
        in_use = [status for status in seen if status.desired] or seen[:1]
        worst = min(in_use, key=lambda status: _WORST_FIRST.index(status.state))
        heard = [status.last_frame_s for status in seen if status.last_frame_s is not None]
        return replace(
            worst,
            desired=len(self._wanted),
            confirmed=sum(status.confirmed for status in seen),
            over_budget=len(self._wanted) - len(self._allotted),
            frames=sum(status.frames for status in seen),
            updates=sum(status.updates for status in seen),
            reconnects=sum(status.reconnects for status in seen),
            queued_frames=sum(status.queued_frames for status in seen),
            last_frame_s=max(heard, default=None),
            detail="; ".join(dict.fromkeys(status.detail for status in in_use if status.detail)),
            connections=len(in_use) if self._wanted else 0,
            delayed=any(status.delayed for status in in_use),
        )

    def queued_frames(self) -> int:
        """How many frames of all connections have arrived and were not given by `poll` yet."""
        return sum(feed.queued_frames() for feed in self._feeds)

    def take_bad_frames(self) -> BadFrames:
        """What could not be used since the last call."""
        taken = [feed.take_bad_frames() for feed in self._feeds]
        counts = sum((Counter(bad.counts) for bad in taken), Counter[str]())
        return BadFrames(dict(counts), [sample for bad in taken for sample in bad.samples])

    def stop(self) -> None:
        """Close all connections and end their threads. May be called from any thread, and twice."""
        self._is_stopped = True
        for feed in list(self._feeds):
            feed.stop()

    def _poll(self, number: int, timeout_s: float) -> list[FeedFrame | FeedNotice]:
        part = self._parts[number]
        return [
            replace(item, tickers=frozenset(part))
            if isinstance(item, FeedNotice) and len(self._feeds) > 1
            else item
            for item in self._feeds[number].poll(timeout_s)
        ]

    def _spread(self) -> None:
        self._allotted = allot(self._wanted, self._allotted, len(self._feeds), self._budget)
        self._parts = [[] for _ in self._feeds]
        for ticker in self._wanted:
            if ticker in self._allotted:
                self._parts[self._allotted[ticker]].append(ticker)
        excess = [ticker for ticker in self._wanted if ticker not in self._allotted]
        for feed, part in zip(self._feeds, self._parts, strict=True):
            feed.want(
                part + excess if feed is self._feeds[-1] else part
            )  # it says of itself what it has no room for
