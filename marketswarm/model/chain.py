"""A chain: which one it is, its window of strikes, and what a snapshot of it holds."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from marketswarm.model.contract import Contract
from marketswarm.model.plan import QuotesBy

ChainState = Literal["loading", "live", "stale", "gap", "closed"]
LoadReason = Literal["startup", "manual", "drift", "roll", "gap", "audit"]
Source = Literal["live", "sim", "replay"]


@dataclass(frozen=True, slots=True, order=True)
class ChainId:
    """One symbol and one expiration."""

    symbol: str
    expiration: date

    def __str__(self) -> str:
        return f"{self.symbol} {self.expiration.isoformat()}"


@dataclass(frozen=True, slots=True)
class StrikeWindow:
    """The strikes that a chain holds: `low` … `high`, both included, around `centre`, the strike nearest to spot."""

    centre: float
    low: float
    high: float
    strikes: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """The strikes that the vendor lists for one chain, ascending, without doubles.

    Attributes:
        contracts: how many standard contracts stand behind them.
        nonstandard: how many listed contracts are adjusted or otherwise kept out.
    """

    chain: ChainId
    strikes: tuple[float, ...]
    contracts: int
    nonstandard: int = 0


@dataclass(frozen=True, slots=True)
class ChainRows:
    """What the vendor's snapshot gave for a window, all pages read.

    Attributes:
        contracts: by ticker, each once.
        rejected: reason → how many rows were kept out (`adjusted`, `settled`, `expiration`, `malformed`).
        underlying_price: spot as the rows state it, if they do.
        pages: how many pages were read.
        delayed: the plan gives them later than they happen, by 15 minutes.
    """

    chain: ChainId
    contracts: dict[str, Contract]
    rejected: dict[str, int] = field(default_factory=dict)
    underlying_price: float | None = None
    pages: int = 1
    delayed: bool = False


@dataclass(frozen=True, slots=True)
class ChainMeta:
    """What `chainmeta:*` holds. Times in ms since the epoch.

    Attributes:
        strikes_each_side: N of the window in force; 0 when unknown.
        strikes_asked: N that was asked for, which the budget may not have had room for; 0 when unknown.
        moved_ms: when the window was last put around spot.
        later: of the chain in force: expirations that are streamed beside it.
        next: of the chain in force: expirations that are loaded ahead of the roll.
        next_streamed: whether those are streamed already.
        quotes: how they come, as its stream says; empty when none has said it yet.
        polled_ms: when a poll was stored last; 0 when none was.
        quoted_ms: vendor time of the newest quote that the last poll brought; 0 when it brought none.
        delayed: the vendor gives what is stored later than it happens.
    """

    chain: ChainId
    epoch: int
    seq: int
    state: ChainState
    spot: float
    centre: float
    low: float
    high: float
    contracts: int
    loaded_ms: int
    applied_ms: int
    source: Source
    strikes_each_side: int = 0
    strikes_asked: int = 0
    moved_ms: int = 0
    later: tuple[date, ...] = ()
    next: tuple[date, ...] = ()
    next_streamed: bool = False
    quotes: QuotesBy | Literal[""] = ""
    polled_ms: int = 0
    quoted_ms: int = 0
    delayed: bool = False

    @property
    def notice(self) -> str:
        """Why the window has fewer strikes than were asked for; empty when it has them."""
        return shrink_notice(self.strikes_asked, self.strikes_each_side)


@dataclass(frozen=True, slots=True)
class StoredChain:
    """A chain and its cursor, read in one step: the feed from `meta.seq` on continues exactly this."""

    meta: ChainMeta
    contracts: dict[str, Contract]


def shrink_notice(asked: int, each_side: int) -> str:
    """What to say of a chain that got fewer strikes than it asked for, and how it gets more; empty when it got them."""
    if each_side >= asked:
        return ""
    return (
        f"±{each_side} strikes of ±{asked}: all chains together have no more room on the account's connections; "
        "fewer MARKETSWARM_SYMBOLS or MARKETSWARM_EXPIRATIONS, or more MARKETSWARM_CONNECTIONS give more"
    )
