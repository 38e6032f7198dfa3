"""Quotes and greeks of one chain's contracts as columns, read from what is stored and kept up with the feed."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np
from msgspec import DecodeError, Struct
from msgspec.json import Decoder

from marketswarm.chain.conflate import Latest
from marketswarm.chain.valuation import CODES, VALUED, ChainShape, Codes, Quotes, Times, quotes_of, shape_of
from marketswarm.maths.normal import Flags, Floats

_UNKNOWN = -1
_Row = tuple[float | None, float | None, int]


class _Quote(Struct):
    bid: float | None = None
    ask: float | None = None
    ts: int = 0


class _Greeks(Struct):
    source: str
    iv: float | None = None
    delta: float | None = None
    gamma: float | None = None
    theta: float | None = None
    vega: float | None = None
    absent: str | None = None
    ts: int = 0

    def figures(self) -> list[float]:
        return [
            np.nan if one is None else one for one in (self.iv, self.delta, self.gamma, self.theta, self.vega)
        ]


class _Stored(Struct):
    strike: float
    type: str
    root: str
    quote: _Quote | None = None
    greeks: _Greeks | None = None


_STORED = Decoder(_Stored)


class HeldQuotes:
    """The columns.

    Args:
        source: ticker → stored JSON; what cannot be read is left out.
        settles_ms: when a root settles.

    Attributes:
        row: ticker → row, `tickers` the other way.
        latest: bid, ask and time of each row's quote.
        figures, absent, ts_written: the greeks as they are stored, as in a `Valuation`; `absent` is -1 where they are not ours.
        is_local: whether the chain's greeks are ours.
    """

    def __init__(self, source: Mapping[str, bytes], settles_ms: Callable[[str], int]) -> None:
        self.source = source
        rows = {ticker: stored for ticker, text in source.items() if (stored := _read(text)) is not None}
        self.tickers = list(rows)
        self.row = {ticker: place for place, ticker in enumerate(rows)}
        self.shape: ChainShape = shape_of(
            ((one.strike, one.type == "call", one.root) for one in rows.values()), settles_ms
        )
        self.latest: list[_Row] = [_quote(one.quote) for one in rows.values()]
        self.figures: Floats = np.full((5, len(rows)), np.nan)
        self.absent: Codes = np.full(len(rows), _UNKNOWN, dtype=np.int8)
        self.ts_written: Times = np.zeros(len(rows), dtype=np.int64)
        self._read_greeks([one.greeks for one in rows.values()])
        self.is_local = bool((self.absent != _UNKNOWN).any())

    def take_newer(self, before: "HeldQuotes") -> None:
        """Take over quotes that are newer than what is stored: they have not been written yet."""
        for ticker, place in before.row.items():
            here = self.row.get(ticker)
            if here is not None and before.latest[place][2] > self.latest[here][2]:
                self.latest[here] = before.latest[place]

    def take(self, touched: Iterable[Latest]) -> Flags:
        """Take the newest quotes in; which rows they touch, both sides of each strike."""
        places = []
        for latest in touched:
            place, quote = self.row.get(latest.ticker), latest.quote
            if place is not None and quote is not None and quote.ts >= self.latest[place][2]:
                self.latest[place] = (quote.bid, quote.ask, quote.ts)
                places.append(place)
        rows = np.zeros(len(self.tickers), dtype=np.bool_)
        rows[places] = True
        others = self.shape.other[rows]
        rows[others[others >= 0]] = True
        return rows

    def quotes(self) -> Quotes:
        """All quotes as columns."""
        return quotes_of(self.latest)

    def _read_greeks(self, stored: Iterable[_Greeks | None]) -> None:
        for place, greeks in enumerate(stored):
            if greeks is None:
                continue
            self.ts_written[place] = greeks.ts
            figures = greeks.figures()
            is_whole = not np.isnan(figures).any()
            if greeks.source != "local" or (is_whole and greeks.absent):
                continue
            if is_whole:
                self.figures[:, place] = figures
                self.absent[place] = VALUED
            elif greeks.absent:
                self.absent[place] = CODES.get(greeks.absent, _UNKNOWN)


def _read(text: bytes) -> _Stored | None:
    try:
        return _STORED.decode(text)
    except DecodeError:
        return None


def _quote(stored: _Quote | None) -> _Row:
    return (None, None, 0) if stored is None else (stored.bid, stored.ask, stored.ts)
