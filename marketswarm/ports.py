"""The few protocols through which stages meet the outside: the provider and its feed."""

from collections.abc import Callable, Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol

from msgspec import Struct

from marketswarm.model.arrival import Arrival
from marketswarm.model.chain import ChainId, ChainRows, Listing
from marketswarm.model.contract import Section
from marketswarm.model.spot import SpotReadings
from marketswarm.model.update import Update

Progress = Callable[[str, int, int], None]
"""Told of each step of a load: its name, and how many of how many steps are done."""


class MarketData(Protocol):
    """The provider's snapshots. Every method raises `ProviderError` or its kin, retries already done."""

    def spots(self, symbols: Sequence[str]) -> SpotReadings:
        """Spot of all symbols, in one call where the plan allows it."""
        ...

    def expirations(self, symbol: str, from_day: date, count: int) -> list[date]:
        """The next listed expirations from that day on, ascending, at most `count`."""
        ...

    def listing(self, chain: ChainId) -> Listing:
        """Every strike that the vendor lists for the chain."""
        ...

    def chain_rows(self, chain: ChainId, low: float, high: float) -> ChainRows:
        """A snapshot of all contracts with low ≤ strike ≤ high, all pages or an error, never a part."""
        ...


FeedState = Literal[
    "idle", "connecting", "authenticating", "subscribing", "streaming", "waiting", "refused", "closed"
]


@dataclass(frozen=True, slots=True)
class FeedNotice:
    """Something that happened to the connection, in order with the frames.

    `up`: authenticated. `confirmed`: no answer is awaited any more; `reason` names what stayed without one. `lost`: the connection ended, updates may be
    missing from here on. `refused`: the vendor will not serve this key or plan; `reason` says why, nothing is retried.
    `tickers`: the contracts that it is about; None means all.
    """

    kind: Literal["up", "confirmed", "lost", "refused"]
    reason: str = ""
    tickers: frozenset[str] | None = None


class FeedFrame(Struct, frozen=True):
    """The usable updates of one WebSocket frame, and when it arrived (monotonic seconds)."""

    arrived_s: float
    updates: Sequence[Update]


@dataclass(frozen=True, slots=True)
class BadFrames:
    """Frames or single events that could not be used, since the last time asked.

    Attributes:
        counts: reason (`not-json`, `not-array`, `unknown-kind`, `malformed`, …) → how many.
        samples: (reason, the beginning of the raw text), a few of each reason.
    """

    counts: dict[str, int] = field(default_factory=dict)
    samples: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """What the feed says of itself. Counters since start; `connections` that are in use now.

    `not_streamed`: sections whose channels the plan refuses. `delayed`: the host gives events later than they happen.
    """

    state: FeedState
    desired: int = 0
    confirmed: int = 0
    over_budget: int = 0
    frames: int = 0
    updates: int = 0
    reconnects: int = 0
    queued_frames: int = 0
    last_frame_s: float | None = None
    detail: str = ""
    not_streamed: tuple[Section, ...] = ()
    connections: int = 1
    delayed: bool = False


class MarketFeed(Protocol):
    """The provider's live feed of option contracts over the upstream connections that it may use.

    Not thread-safe but for `stop`: one thread calls `poll` in a loop, and everything happens inside those calls.
    """

    def allow(self, connections: int) -> None:
        """Use so many connections at most, one until told. What moves to another connection is announced as lost."""
        ...

    def want(self, tickers: Collection[str]) -> None:
        """Replace the set of contracts to stream. New ones are subscribed before others are dropped."""
        ...

    def expect_data(self, expected: bool) -> None:
        """Whether the market is open: then a connection that lives and brings nothing is replaced. Not expected until told."""
        ...

    def poll(self, timeout_s: float) -> list[FeedFrame | FeedNotice]:
        """Wait for at most that long for something, then return all there is, in order."""
        ...

    def confirmed(self) -> AbstractSet[str]:
        """The wanted contracts that are acknowledged on every channel which the plan does not refuse."""
        ...

    def status(self) -> FeedStatus:
        """What the feed says of itself now."""
        ...

    def queued_frames(self) -> int:
        """How many frames have arrived and were not given by `poll` yet; cheap enough to be asked all the time."""
        ...

    def take_bad_frames(self) -> BadFrames:
        """What could not be used since the last call."""
        ...

    def stop(self) -> None:
        """Close the connection and end the reader thread. May be called from any thread, and twice."""
        ...


class FeedTap(Protocol):
    """Told of what one feed receives, before it is decoded. Every call returns at once, whatever becomes of it."""

    @property
    def is_on(self) -> bool:
        """Whether anybody wants to be told."""
        ...

    def arrived(self, arrivals: Sequence[Arrival]) -> None:
        """These have arrived, in that order."""
        ...


class CallTap(Protocol):
    """Told of each answer of the provider's REST API. Every call returns at once."""

    @property
    def is_on(self) -> bool:
        """Whether anybody wants to be told."""
        ...

    def answered(
        self, target: str, began_s: float, status: int, body: bytes, retry_after: str | None
    ) -> None:
        """One request has ended: its path and query, when it began (monotonic seconds), and what came back.

        The status is 0 where nothing came back.
        """
        ...
