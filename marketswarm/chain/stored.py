"""What goes to the store and what comes back, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from marketswarm.model.chain import ChainId, ChainState
from marketswarm.model.contract import Section


class Change(NamedTuple):
    """One section of one contract, as a patch: flat canonical members, `null` for what is gone."""

    ticker: str
    section: Section
    ts: int
    patch: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a batch: the chain's seq after it, and how many changes went which way."""

    seq: int
    applied: int
    same: int
    stale: int
    unlisted: int


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
    """

    chain: ChainId
    epoch: int
    seq: int
    state: ChainState
    request: str
    request_chains: int
    contracts: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Window:
    """The window and spot of a load, written beside the chain."""

    spot: float
    centre: float
    low: float
    high: float


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
