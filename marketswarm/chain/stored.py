"""What goes to the store and what comes back, as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from marketswarm.errors import ChainMissing, EpochChanged, WriterFenced
from marketswarm.model.chain import ChainId, ChainState
from marketswarm.model.contract import Section
from marketswarm.model.plan import QuotesBy

StoreRefusal = ChainMissing | EpochChanged | WriterFenced
"""Why a chain takes no changes from this writer now: it must look again before it goes on."""


class Change(NamedTuple):
    """One section of one contract, as a patch.

    Attributes:
        ts: time of the section in ms; the patch says the same.
        seq: the vendor's sequence, which orders quotes, or trades, of one contract within one ms; None: there is none.
        patch: flat canonical members, `null` for what is gone.
    """

    ticker: str
    section: Section
    ts: int
    seq: int | None
    patch: str


class ChainChanges(NamedTuple):
    """Changes of one chain, with the epoch that the writer knows and its fencing token."""

    chain: ChainId
    epoch: int
    fence: int
    changes: Sequence[Change]


class RefusedChanges(NamedTuple):
    """Changes of a batch that could not be used, for one reason: the script's word, how many, and the first of them."""

    word: str
    number: int
    first: Change


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a batch: the chain's seq after it, and how many changes went which way.

    Attributes:
        refused: changes that are no valid ones; all others of their batch were applied.
    """

    seq: int
    applied: int
    same: int
    stale: int
    unlisted: int
    refused: tuple[RefusedChanges, ...] = ()


@dataclass(frozen=True, slots=True)
class Committed:
    """What a load did to the stored chain."""

    epoch: int
    seq: int
    contracts: int
    added: int
    removed: int
    changed: int


@dataclass(frozen=True, slots=True)
class Universe:
    """Which contracts a chain holds, and the epoch at which it does.

    Attributes:
        request: id of the request behind the last whole load of it, empty when nobody gave one.
        request_chains: how many chains that load was to bring.
        contracts: ticker → stored JSON.
        doubt: id of the last announcement that updates were lost, empty when there was none.
        quotes: how quotes come, as it is stored; empty when nobody has said it yet.
        delayed: whether what comes is said to be delayed, as it is stored.
    """

    chain: ChainId
    epoch: int
    seq: int
    state: ChainState
    request: str
    request_chains: int
    contracts: Mapping[str, bytes]
    doubt: str = ""
    quotes: QuotesBy | Literal[""] = ""
    delayed: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """The window and spot of a load, written beside the chain.

    Attributes:
        each_side: N in force; None leaves what is stored.
        asked: N that was asked for; None leaves what is stored.
        moved_ms: when it was put around spot; None when it was not.
    """

    spot: float
    centre: float
    low: float
    high: float
    each_side: int | None = None
    asked: int | None = None
    moved_ms: int | None = None


@dataclass(frozen=True, slots=True)
class LoadOrigin:
    """Where the rows of a whole load come from.

    Attributes:
        begun_ms: when they were asked for.
        request: id of the request behind the load, empty when nobody gave one.
        request_chains: how many chains the load is to bring.
    """

    begun_ms: int
    request: str = ""
    request_chains: int = 1
