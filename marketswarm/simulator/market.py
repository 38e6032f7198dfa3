"""The simulated market: prices move, contracts are listed and settled, quotes and trades happen. Time is passed in.

REST and WebSocket both read the state that is kept here, and nothing else: there is one truth.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from marketswarm.simulator.book import Book, Rows
from marketswarm.simulator.desk import Desk, OptionTrade, Past
from marketswarm.simulator.hours import Hours, midnight_utc_ms
from marketswarm.simulator.ledger import Ledger
from marketswarm.simulator.plans import Plans
from marketswarm.simulator.profile import Profile
from marketswarm.simulator.scenarios.catalogue import scenario_named
from marketswarm.simulator.scenarios.course import Label, Phase, SmileShift
from marketswarm.simulator.scenarios.script import script_of
from marketswarm.simulator.spots import spot_process
from marketswarm.simulator.surface import YEAR_MS, Sensitivities, Slices, sensitivities, slices
from marketswarm.simulator.tape import Tape
from marketswarm.simulator.terms import Terms
from marketswarm.simulator.universe import Series, listed_series, strike_ladder

Floats = NDArray[np.float64]

_STALE_MS = 500
_SHORTEST_MS = 1000
_RELIST_DRIFT = 0.03
_TRADES_PER_EVENT = 0.03
_GATHERED = 3  # times the most open interest of any strike, at one that prices are drawn to
# Among 800 contracts, more than this share of them in one step would choose the hottest twice.
_BUSIEST_STEP = 0.25


@dataclass(frozen=True, slots=True)
class OptionEvents:
    """What happened to contracts in one step: rows with a new quote, in order, and trades."""

    quotes: Rows
    trades: list[OptionTrade]


class Market:
    """Underlyings and their options. The same seed, scenario, start and calls give the same market.

    Args:
        lead_s: trading seconds of a usual market before the scenario begins.
    """

    def __init__(
        self,
        profiles: Sequence[Profile],
        hours: Hours,
        seed: int,
        now_ms: int,
        terms: Terms | None = None,
        *,
        scenario: str = "usual",
        lead_s: float = 0.0,
    ) -> None:
        self.profiles = list(profiles)
        self.hours = hours
        self.terms = terms or Terms()
        self.book, self.ledger = Book(), Ledger()
        self._seed, self._now_ms = seed, now_ms
        desk_rng, tape_rng, self._rng = (np.random.default_rng([seed, n]) for n in range(1, 4))
        self._process = spot_process(self.profiles, seed, hours.year_s)
        self._begin_script(scenario, now_ms, lead_s)
        self._desk = Desk(self.book, self.profiles, desk_rng, self.ledger.options)
        spots = self.spots.tolist()
        self.tape = Tape(self.profiles, spots, hours.market_ms(now_ms), tape_rng, self.terms)
        self._day = hours.trading_day(now_ms)
        self._adjusted = _adjusted_profile(self.profiles)
        self._slices: Slices | None = None
        self._list_contracts()

    @property
    def spots(self) -> Floats:
        """The moving price behind each symbol; what the tape has published of it is a little older."""
        return self._process.spots

    @property
    def now_ms(self) -> int:
        """The moment the market has been brought to."""
        return self._now_ms

    @property
    def market_ms(self) -> int:
        """The moment that prices are of: the last close while the market is closed."""
        return self.hours.market_ms(self._now_ms)

    @property
    def is_open(self) -> bool:
        """Whether prices move."""
        return self.hours.is_open(self._now_ms)

    @property
    def labels(self) -> tuple[Label, ...]:
        """What the scenario makes happen, in trading seconds since the market began."""
        return self._script.labels

    def change_plans(self, plans: Plans) -> None:
        """The account buys other plans; whoever is connected keeps what the old ones gave, until the next connection."""
        self.terms = replace(self.terms, plans=plans)
        self.tape.change_plans(plans)

    def advance(self, now_ms: int) -> None:
        """Bring prices and listing to a moment. A clock that went back is followed without moving prices."""
        seconds = self.hours.trading_ms(self._now_ms, now_ms) / 1000
        self._now_ms = now_ms
        self._move(seconds)
        self._slices = None
        if self.hours.trading_day(now_ms) != self._day:
            self._begin_day()
        drift = np.abs(self.spots / self._centres - 1)
        if now_ms >= self._next_settlement_ms or drift.max(initial=0) > _RELIST_DRIFT:
            self._list_contracts()

    def happen(self, rows: Rows, mean_events: float, heat: Floats | None = None) -> OptionEvents:
        """Let about so many quotes and trades happen among some contracts at the present moment.

        `heat` of these rows may be given by a caller who has it from a moment ago: it hardly changes within a tick. More than about a quarter of the contracts at once needs more steps: see `steps_for`.
        """
        if not len(rows) or mean_events <= 0 or not self.is_open:
            return OptionEvents(np.zeros(0, np.int64), [])
        heat = self.heat(rows) if heat is None else heat
        quotes = mean_events * (1 - _TRADES_PER_EVENT)
        chosen = rows[self._rng.random(len(rows)) < quotes * heat]
        self._desk.quote(chosen, self.slices(), self._now_ms)
        return OptionEvents(chosen, self._trade(self._choose(rows, heat, mean_events * _TRADES_PER_EVENT)))

    def steps_for(self, contracts: int, mean_events: float) -> int:
        """Into how many steps to divide events so that none chooses too many contracts at once."""
        return max(1, int(np.ceil(mean_events / max(1.0, contracts * _BUSIEST_STEP))))

    def refresh(self, rows: Rows, streamed: NDArray[np.bool_]) -> None:
        """Bring quotes up to date that nobody streams, before they are shown; streamed ones stay as last sent."""
        if not self.is_open:
            return
        stale = self._now_ms - self.book.contracts["quote_ms"][rows] >= _STALE_MS
        stale &= ~streamed[rows] & self.book.contracts["listed"][rows]
        if stale.any():
            self._desk.quote(rows[stale], self.slices(), self._now_ms)

    def trade_anywhere(self, mean_trades: float, streamed: NDArray[np.bool_]) -> list[OptionTrade]:
        """Trades among everything listed, for readers of the whole tape."""
        if not self.is_open or mean_trades <= 0:
            return []
        rows = self.book.listed_rows()
        chosen = self._choose(rows, self.heat(rows), mean_trades)
        self.refresh(np.unique(chosen), streamed)
        return self._trade(chosen)

    def heat(self, rows: Rows) -> Floats:
        """How likely each contract is the one of the next event: near the money and near expiration most."""
        contracts, shared = self.book.contracts, self.slices().of(self.book.contracts["series"][rows])
        reach = np.sqrt(shared.theta / shared.years * np.maximum(shared.years, 2 / 365))
        distance = np.log(contracts["strike"][rows] / shared.forward) / reach
        weight = (0.12 + np.exp(-(distance**2))) / (1 + 20 * shared.years)
        return np.asarray(weight / weight.sum())

    def slices(self) -> Slices:
        """What the strikes of each series share at the present moment, one row per series of the book."""
        if self._slices is None:
            self._slices = self._slices_at(self.spots, self.market_ms)
        return self._slices

    def worth(self, rows: Rows) -> Floats:
        """Model value of contracts, in points."""
        return self._desk.worth(rows, self.slices())

    def sensitivities(self, rows: Rows) -> Sensitivities:
        """Volatility and greeks of contracts at the present moment."""
        contracts = self.book.contracts
        shared = self._on_vendor_clock(self.slices()).of(contracts["series"][rows])
        return sensitivities(shared, contracts["strike"][rows], contracts["call"][rows])

    def _on_vendor_clock(self, shared: Slices) -> Slices:
        """The same prices seen with the time that the vendor's solver takes to be left."""
        if self.terms.switches.expiry_clock == "exchange":
            return shared
        years = np.maximum(self._fixed.midnight_ms - self.market_ms, _SHORTEST_MS) / YEAR_MS
        return replace(shared, years=years)

    def _begin_script(self, name: str, now_ms: int, lead_s: float) -> None:
        scenario, strikes = scenario_named(name), self._process.nearest_strikes()
        self._script = script_of(scenario, self._seed, self.hours, now_ms, strikes, lead_s=lead_s)
        self._elapsed_s, self._smile = 0.0, SmileShift()
        self._pins = strikes if scenario.pins else {}
        if scenario.pins:
            self._process.draw_to(strikes)
        if opening := self._script.opening():
            self._enter(opening)
            self._smile = opening.course.smile

    def _move(self, seconds: float) -> None:
        for stretch in self._script.stretches(self._elapsed_s, seconds):
            self._process.advance(stretch.seconds, stretch.course)
            share = -np.expm1(-stretch.seconds / stretch.course.glide_s)
            self._smile = self._smile.toward(stretch.course.smile, float(share))
            if stretch.begins is not None:
                self._enter(stretch.begins)
        self._elapsed_s += seconds

    def _enter(self, phase: Phase) -> None:
        if phase.jump:
            self._process.jump(phase.jump)
        if phase.variance is not None:
            self._process.set_variance(phase.variance)

    def _slices_at(self, spots: Floats, moment_ms: int) -> Slices:
        fixed = self._fixed
        years = np.maximum(fixed.settlement_ms - moment_ms, _SHORTEST_MS) / YEAR_MS
        return slices(
            spot=spots[fixed.symbol],
            years=years,
            moving_years=self._moving_years(moment_ms),
            volatility=fixed.volatility,
            variance=self._process.variance[fixed.symbol],
            dividend_yield=fixed.dividend_yield,
            skew=fixed.skew * self._smile.skew,
            level=self._smile.level,
            curvature=self._smile.curvature,
        )

    def _moving_years(self, moment_ms: int) -> Floats:
        """What is left for prices to move until each settlement, as a share of a year of such time."""
        since_ms = self.hours.trading_ms(self._fixed.as_of_ms, moment_ms)
        if moment_ms < self._fixed.as_of_ms:
            since_ms = -self.hours.trading_ms(moment_ms, self._fixed.as_of_ms)
        left_ms = np.maximum(self._fixed.moving_ms - since_ms, _SHORTEST_MS)
        return np.asarray(left_ms / 1000 / self.hours.year_s)

    def _choose(self, rows: Rows, heat: Floats, mean: float) -> Rows:
        count = int(self._rng.poisson(mean))
        return np.asarray(self._rng.choice(rows, count, p=heat)) if count else np.zeros(0, np.int64)

    def _trade(self, chosen: Rows) -> list[OptionTrade]:
        trades = (self._desk.trade(int(row), self._now_ms) for row in chosen)
        return [trade for trade in trades if trade is not None]

    def _list_contracts(self) -> None:
        stay_ms = self.terms.switches.expired_stay_minutes * 60_000
        self.book.drop_settled(self._now_ms - stay_ms)
        self._centres = self.spots
        added = []
        for number, profile in enumerate(self.profiles):
            adjusted = profile is self._adjusted
            for series in listed_series(profile, self._now_ms, self.hours.calendar, adjusted=adjusted):
                ladder = strike_ladder(series, float(self._centres[number]))
                added.append(self.book.list_series(series, number, ladder))
        self._fixed = _fixed_facts(self.profiles, self.book.series, self.hours, self.market_ms)
        self._slices = None
        offered = np.unique(self.book.contracts["series"][self.book.listed_rows()])
        self._next_settlement_ms = int(self._fixed.settlement_ms[offered].min()) + stay_ms
        self._introduce(np.concatenate(added))

    def _introduce(self, rows: Rows) -> None:
        """Give new contracts open interest, a quote, and the day so far."""
        self._count_interest(rows)
        closed = np.array([instrument.previous.close for instrument in self.tape.instruments])
        opened = np.array([instrument.day.open for instrument in self.tape.instruments])
        self._desk.begin_day(rows, self._desk.worth(rows, self._slices_at(closed, self.market_ms)))
        opening = self._desk.worth(rows, self._slices_at(opened, self.market_ms))
        self._desk.fill_day(rows, opening, self.slices(), self._past())
        self._desk.quote(rows, self.slices(), self.market_ms)

    def _past(self) -> Past:
        hours, now_ms = self.hours, self._now_ms
        return Past(
            began_ms=hours.day_began_ms(now_ms),
            now_ms=self.market_ms,
            elapsed=hours.day_elapsed(now_ms),
            day_before_ended_ms=hours.day_before_ended_ms(now_ms),
        )

    def _begin_day(self) -> None:
        self._day = self.hours.trading_day(self._now_ms)
        self.tape.begin_day(self._now_ms)
        rows = self.book.listed_rows()
        self._desk.begin_day(rows, self.worth(rows))
        self._count_interest(rows)

    def _count_interest(self, rows: Rows) -> None:
        self._desk.count_interest(rows, self.slices(), self._salt())
        if not self._pins:
            return
        contracts = self.book.contracts
        series, interest = contracts["series"][rows], contracts["open_interest"][rows]
        most = np.zeros(len(self.book.series), np.int64)
        np.maximum.at(most, series, interest)
        pinned = np.array([self._pins[profile.symbol] for profile in self.profiles])
        at_pin = contracts["strike"][rows] == pinned[contracts["symbol"][rows]]
        contracts["open_interest"][rows[at_pin]] = _GATHERED * most[series[at_pin]]

    def _salt(self) -> tuple[int, int]:
        return self._seed, self._day.toordinal()


@dataclass(frozen=True, slots=True)
class _Fixed:
    """What never changes about each series, as arrays; `moving_ms` is the trading time from `as_of_ms` to its settlement."""

    symbol: NDArray[np.int64]
    as_of_ms: int
    settlement_ms: NDArray[np.int64]
    moving_ms: NDArray[np.int64]
    midnight_ms: NDArray[np.int64]
    volatility: Floats
    dividend_yield: Floats
    skew: Floats


def _fixed_facts(profiles: list[Profile], series: list[Series], hours: Hours, now_ms: int) -> _Fixed:
    settlements = [one.settlement_ms for one in series]
    return _Fixed(
        np.array([profiles.index(one.profile) for one in series]),
        now_ms,
        np.array(settlements),
        np.array(hours.moving_ms(now_ms, settlements)),
        np.array([midnight_utc_ms(one.expiration + timedelta(days=1)) for one in series]),
        np.array([one.profile.family.volatility for one in series]),
        np.array([one.profile.dividend_yield for one in series]),
        np.array([one.profile.family.skew for one in series]),
    )


def _adjusted_profile(profiles: list[Profile]) -> Profile | None:
    """The one that also has a series from a corporate action: the first stock or fund."""
    return next((profile for profile in profiles if not profile.is_index), None)
