"""One chain as columns, a row a contract: what all levels are computed from. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np
from msgspec import DecodeError, Meta, Struct
from msgspec.json import Decoder
from numpy.typing import NDArray

from marketswarm.maths.calendar import new_york_midnight_ms
from marketswarm.maths.normal import Flags, Floats
from marketswarm.maths.settlement import years_left
from marketswarm.model.chain import ChainId

Times = NDArray[np.int64]
Places = NDArray[np.intp]
Ms = Annotated[int, Meta(ge=0, lt=2**52)]


class _Quote(Struct, gc=False):
    bid: float | None = None
    ask: float | None = None
    mid: float | None = None
    ts: Ms = 0


class _Day(Struct, gc=False):
    volume: float | None = None
    ts: Ms = 0


class _Greeks(Struct, gc=False):
    source: str = ""
    iv: float | None = None
    delta: float | None = None
    gamma: float | None = None
    vega: float | None = None
    theta: float | None = None
    ts: Ms = 0


class _Stored(Struct, gc=False):
    strike: float
    type: str
    root: str
    multiplier: float = 100
    open_interest: float | None = None
    quote: _Quote | None = None
    day: _Day | None = None
    greeks: _Greeks | None = None


_STORED = Decoder(_Stored)
_NO_QUOTE, _NO_GREEKS, _NO_DAY = _Quote(), _Greeks(), _Day()
_UNKNOWN: Final = np.nan


@dataclass(frozen=True, slots=True)
class ChainColumns:
    """Rows ordered by root, strike and side, puts behind calls. NaN where unknown, 0 in times.

    Attributes:
        chain: which one.
        now_ms: the moment for which `years` is counted.
        spot: of the underlying, points.
        roots: the chain's roots; `root` which of them a row has.
        multiplier: units of the underlying a contract.
        open_interest, volume: contracts; volume of this session, unknown where the day's bar is of another one.
        bid, ask, mid: points.
        iv: fraction per year. `delta` per point, `gamma` delta per point, `vega` per volatility point, `theta` per calendar day.
        years: to settlement, NaN when it is over.
        quote_ts, greeks_ts: vendor times, ms since the epoch.
        greeks_source: `local`, `provider`, or empty when there are none; two sources are never in one column.
        behind_ms: so much older than `now_ms` the newest quotes are by the way they come, such as fifteen minutes; no fault of theirs.
        unreadable: contracts that are stored and could not be read; they have no row.
    """

    chain: ChainId
    now_ms: int
    spot: float
    roots: tuple[str, ...]
    root: Places
    strike: Floats
    is_call: Flags
    multiplier: Floats
    open_interest: Floats
    volume: Floats
    bid: Floats
    ask: Floats
    mid: Floats
    iv: Floats
    delta: Floats
    gamma: Floats
    vega: Floats
    theta: Floats
    years: Floats
    quote_ts: Times
    greeks_ts: Times
    greeks_source: str
    behind_ms: int = 0
    unreadable: int = 0

    @property
    def size(self) -> int:
        """How many contracts."""
        return int(self.strike.size)


def columns_of(
    chain: ChainId,
    contracts: Mapping[str, bytes],
    *,
    spot: float,
    now_ms: int,
    settles_ms: Callable[[str], int],
    behind_ms: int = 0,
) -> ChainColumns:
    """Columns of stored contracts, ticker → JSON; a text that cannot be read is left out, and counted.

    Args:
        chain: which one.
        contracts: as they are stored.
        spot: of the underlying.
        now_ms: the moment of the evaluation.
        settles_ms: when a root settles.
        behind_ms: how late quotes come by their way.
    """
    rows = [stored for text in contracts.values() if (stored := _read(text)) is not None]
    rows.sort(key=lambda one: (one.root, one.strike, one.type != "call"))
    roots = tuple(dict.fromkeys(one.root for one in rows))
    left = [years_left(settles_ms(root), now_ms) for root in roots]
    years = np.array([_UNKNOWN if one is None else one for one in left], dtype=np.float64)
    quotes = [one.quote or _NO_QUOTE for one in rows]
    midnight_ms = new_york_midnight_ms(now_ms)
    source, greeks = _greeks_of(rows)
    root = np.array([roots.index(one.root) for one in rows], dtype=np.intp)
    return ChainColumns(
        chain=chain,
        now_ms=now_ms,
        spot=spot,
        roots=roots,
        root=root,
        strike=_floats(one.strike for one in rows),
        is_call=np.array([one.type == "call" for one in rows], dtype=np.bool_),
        multiplier=_floats(one.multiplier for one in rows),
        open_interest=_floats(one.open_interest for one in rows),
        volume=_floats(_volume_since(midnight_ms, one.day or _NO_DAY) for one in rows),
        bid=_floats(one.bid for one in quotes),
        ask=_floats(one.ask for one in quotes),
        mid=_floats(one.mid for one in quotes),
        iv=_floats(one.iv for one in greeks),
        delta=_floats(one.delta for one in greeks),
        gamma=_floats(one.gamma for one in greeks),
        vega=_floats(one.vega for one in greeks),
        theta=_floats(one.theta for one in greeks),
        years=years[root] if rows else years,
        quote_ts=np.array([one.ts for one in quotes], dtype=np.int64),
        greeks_ts=np.array([one.ts for one in greeks], dtype=np.int64),
        greeks_source=source,
        behind_ms=behind_ms,
        unreadable=len(contracts) - len(rows),
    )


def _greeks_of(rows: list[_Stored]) -> tuple[str, list[_Greeks]]:
    """One source's greeks: our own where there are any."""
    known = {one.greeks.source for one in rows if one.greeks is not None and one.greeks.gamma is not None}
    source = "local" if "local" in known else next(iter(sorted(known)), "")
    return source, [
        one.greeks if one.greeks is not None and one.greeks.source == source else _NO_GREEKS for one in rows
    ]


def _volume_since(midnight_ms: int, day: _Day) -> float | None:
    """What a day's bar says has been traded since then; a contract that has not traded yet may still show its last day's."""
    return None if 0 < day.ts < midnight_ms else day.volume


def _read(text: bytes) -> _Stored | None:
    try:
        return _STORED.decode(text)
    except (DecodeError, UnicodeDecodeError):
        return None


def _floats(values: Iterable[float | None]) -> Floats:
    return np.array([_UNKNOWN if one is None else one for one in values], dtype=np.float64)
