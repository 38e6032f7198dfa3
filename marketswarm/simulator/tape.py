"""The underlyings' own tape: index values, and trades and quotes of stocks and funds, with their bars."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from marketswarm.simulator.plans import Plans
from marketswarm.simulator.profile import Profile
from marketswarm.simulator.terms import Terms

STOCK_EXCHANGES = (4, 7, 8, 11, 12, 15, 19, 21)
STOCK_BID_EXCHANGE, STOCK_ASK_EXCHANGE = 11, 12


@dataclass(slots=True)
class Bar:
    """Open, high, low, close, volume and turnover of a stretch of time."""

    start_ms: int
    open: float
    high: float
    low: float
    close: float
    volume: int = 0
    turnover: float = 0.0
    trades: int = 0

    def add(self, price: float, size: int) -> None:
        """Take in one trade, or one value with size 0."""
        self.high, self.low, self.close = max(self.high, price), min(self.low, price), price
        self.volume += size
        self.turnover += price * size
        self.trades += 1

    @property
    def vwap(self) -> float:
        """Average price by volume; the close where nothing traded."""
        return self.turnover / self.volume if self.volume else self.close


@dataclass(slots=True)
class Instrument:
    """What has been published of one underlying. Times in ms."""

    profile: Profile
    value: float
    value_ms: int
    day: Bar
    minute: Bar
    previous: Bar
    bid: float = 0.0
    ask: float = 0.0
    bid_size: int = 100
    ask_size: int = 100
    quote_ms: int = 0
    trade_size: int = 100
    trade_exchange: int = STOCK_EXCHANGES[0]
    sequence: int = 1000
    trade_number: int = 0


@dataclass(frozen=True, slots=True)
class Publication:
    """Which of an instrument's faces changed: value of an index, or quote and trade of a stock."""

    instrument: Instrument
    value: bool = False
    quote: bool = False
    trade: bool = False


class Tape:
    """Publishes underlyings: index values at fixed steps of time if they changed, stock quotes and trades at random."""

    def __init__(
        self,
        profiles: Sequence[Profile],
        spots: Sequence[float],
        now_ms: int,
        rng: np.random.Generator,
        terms: Terms | None = None,
    ) -> None:
        terms = terms or Terms()
        self._rng = rng
        self._value_every_ms = terms.switches.value_every_ms
        # An account may have underlyings sooner or later than its options: then their times differ from the market's.
        self.shifts_ms = _shifts_ms(terms.plans, profiles)
        self.instruments = [
            self._start(profile, spot, now_ms + shift_ms)
            for profile, spot, shift_ms in zip(profiles, spots, self.shifts_ms, strict=True)
        ]

    def change_plans(self, plans: Plans) -> None:
        """From here on times are those of other plans."""
        self.shifts_ms = _shifts_ms(plans, [instrument.profile for instrument in self.instruments])

    def publish(self, spots: Sequence[float], now_ms: int, seconds: float, pace: float) -> list[Publication]:
        """What is new in the `seconds` since the last call. A `pace` of 1 is about 8 quotes and 3 trades a second."""
        made = []
        for instrument, spot, shift_ms in zip(self.instruments, spots, self.shifts_ms, strict=True):
            if instrument.profile.is_index:
                made.append(self._publish_value(instrument, spot, now_ms + shift_ms))
            else:
                made.append(self._publish_stock(instrument, spot, now_ms + shift_ms, seconds * pace))
        return [publication for publication in made if publication is not None]

    def begin_day(self, now_ms: int) -> None:
        """Turn the day's bars over."""
        for instrument in self.instruments:
            value = instrument.value
            instrument.previous, instrument.day = instrument.day, Bar(now_ms, value, value, value, value)

    def _start(self, profile: Profile, spot: float, now_ms: int) -> Instrument:
        spot, daily = round(spot, 2), profile.family.volatility / 16
        closed, opened = (round(spot * (1 + move), 2) for move in self._rng.normal(0, daily / 3, 2).tolist())
        high, low = round(max(spot, opened) * 1.001, 2), round(min(spot, opened) * 0.999, 2)
        shares = 0 if profile.is_index else int(4e9 / spot)
        day = Bar(now_ms, opened, high, low, spot, shares, shares * (opened + spot) / 2)
        spread = closed * daily / 2
        previous = Bar(
            now_ms - 86_400_000, round(closed - spread / 2, 2), round(closed + spread, 2), round(closed - spread, 2), closed,
            shares * 2, shares * 2 * closed,
        )  # fmt: skip
        minute = Bar(now_ms // 60_000 * 60_000, spot, spot, spot, spot)
        instrument = Instrument(profile, spot, now_ms, day, minute, previous, quote_ms=now_ms)
        instrument.bid, instrument.ask = round(spot - 0.01, 2), round(spot + 0.01, 2)
        return instrument

    def _publish_value(self, instrument: Instrument, spot: float, now_ms: int) -> Publication | None:
        value = round(spot, 2)
        due = now_ms // self._value_every_ms != instrument.value_ms // self._value_every_ms
        if not due or value == instrument.value:
            return None
        self._record(instrument, value, 0, now_ms)
        return Publication(instrument, value=True)

    def _publish_stock(
        self, instrument: Instrument, spot: float, now_ms: int, busy_s: float
    ) -> Publication | None:
        quoted = self._quote(instrument, spot, now_ms) if self._rng.random() < 8 * busy_s else False
        traded = self._rng.random() < 3 * busy_s
        if traded:
            price = instrument.ask if self._rng.random() < 0.5 else instrument.bid
            instrument.trade_size = int(self._rng.choice((1, 10, 100, 100, 100, 200, 500)))
            instrument.trade_exchange = int(self._rng.choice(STOCK_EXCHANGES))
            instrument.trade_number += 1
            self._record(instrument, price, instrument.trade_size, now_ms)
        return Publication(instrument, quote=quoted, trade=traded) if quoted or traded else None

    def _quote(self, instrument: Instrument, spot: float, now_ms: int) -> bool:
        bid = float(np.floor(spot * 100) / 100)
        ask = round(bid + (0.01 if self._rng.random() < 0.8 else 0.02), 2)
        sizes = [int(size) for size in 100 * self._rng.integers(1, 20, 2)]
        before = (instrument.bid, instrument.ask, instrument.bid_size, instrument.ask_size)
        if before == (bid, ask, *sizes):
            return False
        instrument.bid, instrument.ask, instrument.bid_size, instrument.ask_size = bid, ask, *sizes
        instrument.quote_ms = now_ms
        instrument.sequence += int(self._rng.integers(1, 9))
        return True

    def _record(self, instrument: Instrument, price: float, size: int, now_ms: int) -> None:
        minute = now_ms // 60_000 * 60_000
        if instrument.minute.start_ms != minute:
            instrument.minute = Bar(minute, price, price, price, price)
        instrument.minute.add(price, size)
        instrument.day.add(price, size)
        instrument.value, instrument.value_ms = price, now_ms
        instrument.sequence += int(self._rng.integers(1, 9))


def _shifts_ms(plans: Plans, profiles: Sequence[Profile]) -> list[int]:
    return [plans.shift_ms(profile.asset_class) for profile in profiles]
