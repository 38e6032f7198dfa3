"""Plays a labelled scenario of the simulator straight into Vigil's thinking: no wire, no store, no time that passes.

It is how the detectors are judged: what was made to happen is known, and a hundred seeds are a hundred cases. Quotes come from
the simulator's market, volatility and greeks from the same valuation that a stream uses.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from marketswarm.chain.valuation import VALUED, ChainShape, Quotes, outlook_of, shape_of, value_chain
from marketswarm.maths.calendar import us_options_calendar
from marketswarm.maths.normal import Floats
from marketswarm.maths.settlement import years_left
from marketswarm.model.chain import ChainId
from marketswarm.simulator.book import Rows
from marketswarm.simulator.hours import Hours
from marketswarm.simulator.market import Market
from marketswarm.simulator.profile import profile_of
from marketswarm.simulator.scenarios.course import Label
from marketswarm.vigil.columns import ChainColumns

PERIOD_MS = 10_000
_INDICES = frozenset({"SPX", "NDX", "XSP", "RUT", "VIX", "DJX", "OEX"})


@dataclass(frozen=True, slots=True)
class Stage:
    """What is played.

    Attributes:
        begin_ms: the first tick, ms since the epoch.
        ticks: how many, ten seconds apart.
        lead_s: seconds of a usual market before the scenario begins.
        each_side: strikes on each side of spot.
        unjudged: kinds of labels that nothing is expected of.
    """

    scenario: str
    seed: int
    begin_ms: int
    ticks: int
    symbol: str = "SPX"
    lead_s: float = 0.0
    each_side: int = 50
    unjudged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """One tick: its slot, spot, and the chain in force."""

    ts: int
    spot: float
    columns: ChainColumns


class _Offered(NamedTuple):
    """What the exchange has on offer of one chain.

    Attributes:
        listed: the expiration, and the version of the book that it was looked up in.
        rows: of the book, ordered by strike, calls first.
    """

    listed: tuple[date, int]
    root: str
    rows: Rows
    strikes: Floats


class StagedMarket:
    """The simulator's market of one symbol, a tick at a time."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._calendar = us_options_calendar()
        self._market = Market(
            [profile_of(stage.symbol, is_index=stage.symbol in _INDICES)],
            Hours(self._calendar, "calendar"),
            stage.seed,
            stage.begin_ms,
            scenario=stage.scenario,
            lead_s=stage.lead_s,
        )
        self._offered: _Offered | None = None
        self._at = -1
        self._shape: ChainShape | None = None
        self._rows: Rows = np.zeros(0, dtype=np.int64)
        self._carry: Floats = np.full(1, np.nan)

    @property
    def labels(self) -> tuple[Label, ...]:
        """What is made to happen, in seconds since the first tick."""
        return tuple(one for one in self._market.labels if one.kind not in self._stage.unjudged)

    def scenes(self) -> Iterator[Scene]:
        """Tick after tick."""
        for number in range(self._stage.ticks):
            ts = self._stage.begin_ms + number * PERIOD_MS
            self._market.advance(ts)
            spot = round(float(self._market.spots[0]), 2)
            yield Scene(ts, spot, self._columns(ts, spot))

    def _columns(self, ts: int, spot: float) -> ChainColumns:
        chain = ChainId(self._stage.symbol, self._calendar.first_expiration_day(ts))
        shape, rows = self._window(chain, spot)
        self._market.refresh(rows, np.zeros(len(self._market.book.tickers), dtype=np.bool_))
        held = self._market.book.contracts[rows]
        quotes = Quotes(held["bid"], held["ask"], held["quote_ms"])
        outlook = outlook_of(shape, quotes, spot=spot, carry=self._carry, now_ms=ts)
        self._carry = np.where(outlook.is_parity, outlook.forward / spot, self._carry)
        valued = value_chain(shape, quotes, outlook, np.full(1, spot))
        figures = np.where(valued.absent == VALUED, valued.figures, np.nan)
        left = years_left(shape.settles_ms[0], ts)
        count = len(rows)
        return ChainColumns(
            chain=chain,
            now_ms=ts,
            spot=spot,
            roots=shape.roots,
            root=shape.root,
            strike=shape.strike,
            is_call=shape.is_call,
            multiplier=np.full(count, 100.0),
            open_interest=held["open_interest"].astype(np.float64),
            volume=held["volume"].astype(np.float64),
            bid=held["bid"],
            ask=held["ask"],
            mid=np.where(held["ask"] > 0, (held["bid"] + held["ask"]) / 2, np.nan),
            iv=figures[0],
            delta=figures[1],
            gamma=figures[2],
            theta=figures[3],
            vega=figures[4],
            years=np.full(count, np.nan if left is None else left),
            quote_ts=held["quote_ms"],
            greeks_ts=valued.ts,
            greeks_source="local" if (valued.absent == VALUED).any() else "",
        )

    def _window(self, chain: ChainId, spot: float) -> tuple[ChainShape, Rows]:
        """The contracts around spot, ordered by strike, calls first; the same until spot is nearest to another strike."""
        listed = chain.expiration, self._market.book.version
        if self._offered is None or self._offered.listed != listed:
            self._offered, self._at = self._offer(chain), -1
        offered = self._offered
        at = int(np.argmin(np.abs(offered.strikes - spot)))
        if self._shape is None or at != self._at:
            self._at = at
            kept = offered.strikes[max(0, at - self._stage.each_side) : at + self._stage.each_side + 1]
            strikes = self._market.book.contracts["strike"][offered.rows]
            self._rows = offered.rows[(strikes >= kept[0]) & (strikes <= kept[-1])]
            self._shape = self._shape_of(offered.root, chain)
        return self._shape, self._rows

    def _offer(self, chain: ChainId) -> _Offered:
        book = self._market.book
        numbers = [
            number
            for number, series in enumerate(book.series)
            if series.expiration == chain.expiration and series.settles == "pm" and series.shares == 100
        ]
        rows = book.listed_rows()
        rows = rows[np.isin(book.contracts["series"][rows], numbers)]
        held = book.contracts[rows]
        return _Offered(
            listed=(chain.expiration, book.version),
            root=book.series[numbers[0]].root,
            rows=rows[np.lexsort((~held["call"], held["strike"]))],
            strikes=np.unique(held["strike"]),
        )

    def _shape_of(self, root: str, chain: ChainId) -> ChainShape:
        held = self._market.book.contracts[self._rows]
        settles_ms = self._calendar.expiration_close_ms(chain.expiration)
        sides = zip(held["strike"].tolist(), held["call"].tolist(), strict=True)
        return shape_of(((strike, call, root) for strike, call in sides), lambda _root: settles_ms)
