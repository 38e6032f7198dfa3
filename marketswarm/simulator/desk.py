"""The market makers' desk: quotes on proper price steps, trades at them, and the day bar that trades leave."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from marketswarm.simulator import interest
from marketswarm.simulator.book import Book, Rows
from marketswarm.simulator.ledger import History
from marketswarm.simulator.profile import Profile
from marketswarm.simulator.surface import Slices, option_values

Floats = NDArray[np.float64]

# Ids of US options exchanges on the vendor's wire lie in the three hundreds.
EXCHANGES = np.array([300, 301, 302, 303, 304, 308, 309, 312, 313, 316, 318, 319, 320, 322, 323, 325])
_HIGH_TICK_FROM = 3.0
_AUTO_EXECUTION, _MULTI_LEG = 209, 233
_LAST_TRADES_MS = 900_000  # what trades once a day has done so within that time before its end, or before now


class Past(NamedTuple):
    """What was before a market is first looked at: since when it trades today, how much of the day that is, and the day before."""

    began_ms: int
    now_ms: int
    elapsed: float
    day_before_ended_ms: int


class OptionTrade(NamedTuple):
    """One print on the tape."""

    row: int
    price: float
    size: int
    exchange: int
    condition: int
    ms: int
    sequence: int


class Desk:
    """Quotes and trades the contracts of a book, and writes both into a history."""

    def __init__(
        self, book: Book, profiles: list[Profile], rng: np.random.Generator, history: History
    ) -> None:
        self._book = book
        self._history = history
        self._rng = rng
        self._sequence = 1_000_000
        self._tick = np.array([profile.tick for profile in profiles])
        self._high_tick = np.array([profile.high_tick for profile in profiles])
        self._american = np.array([not profile.is_index for profile in profiles])
        self._step = np.array([profile.fine_step for profile in profiles])
        self._deviation_day = np.array([profile.family.volatility for profile in profiles]) / np.sqrt(252)

    def worth(self, rows: Rows, slices: Slices) -> Floats:
        """Model value of contracts in points; what may be exercised at once is worth at least that."""
        contracts = self._book.contracts
        strike, call = contracts["strike"][rows], contracts["call"][rows]
        of_rows = slices.of(contracts["series"][rows])
        values = option_values(of_rows, strike, call)
        intrinsic = np.where(call, of_rows.spot - strike, strike - of_rows.spot)
        return np.where(self._american[contracts["symbol"][rows]], np.maximum(values, intrinsic), values)

    def quote(self, rows: Rows, slices: Slices, now_ms: int) -> None:
        """Make new quotes. Each differs from the one before it, if only in a size."""
        contracts, count = self._book.contracts, len(rows)
        symbol = contracts["symbol"][rows]
        bid, ask = quote_prices(self.worth(rows, slices), self._tick[symbol], self._high_tick[symbol])
        bid_size, ask_size = np.where(bid > 0, self._sizes(count), 0), self._sizes(count)
        same = (bid == contracts["bid"][rows]) & (ask == contracts["ask"][rows])
        same &= (bid_size == contracts["bid_size"][rows]) & (ask_size == contracts["ask_size"][rows])
        contracts["bid"][rows], contracts["ask"][rows] = bid, ask
        contracts["bid_size"][rows] = bid_size
        contracts["ask_size"][rows] = ask_size + same
        contracts["bid_exchange"][rows] = EXCHANGES[self._rng.integers(0, len(EXCHANGES), count)]
        contracts["ask_exchange"][rows] = EXCHANGES[self._rng.integers(0, len(EXCHANGES), count)]
        contracts["quote_ms"][rows] = now_ms
        contracts["sequence"][rows] = self._sequences(count)
        names = ("bid", "ask", "bid_size", "ask_size", "bid_exchange", "ask_exchange", "sequence")
        self._history.quotes.add(count, of=rows, ms=now_ms, **{name: contracts[name][rows] for name in names})

    def trade(self, row: int, now_ms: int) -> OptionTrade | None:
        """One trade at the bid or the ask; none where nobody bids."""
        contract = self._book.contracts[row]
        if contract["bid"] <= 0:
            return None
        price = float(contract["ask"] if self._rng.random() < 0.5 else contract["bid"])
        size = int(self._rng.geometric(0.35))
        exchange = int(contract["ask_exchange"])
        condition = _AUTO_EXECUTION if self._rng.random() < 0.85 else _MULTI_LEG
        contract["trade_price"], contract["trade_size"], contract["trade_ms"] = price, size, now_ms
        contract["trade_exchange"], contract["trade_condition"] = exchange, condition
        first = contract["volume"] == 0
        contract["open"] = price if first else contract["open"]
        contract["high"] = price if first else max(price, contract["high"])
        contract["low"] = price if first else min(price, contract["low"])
        contract["close"] = price
        contract["volume"] += size
        contract["turnover"] += price * size
        sequence = self._next_sequence()
        self._history.trades.add(
            1,
            of=row,
            ms=now_ms,
            sequence=sequence,
            price=price,
            size=size,
            exchange=exchange,
            condition=condition,
        )
        return OptionTrade(row, price, size, exchange, condition, now_ms, sequence)

    def count_interest(self, rows: Rows, slices: Slices, salt: tuple[int, int]) -> None:
        """Set the open interest of the day. `salt`: seed and day."""
        contracts = self._book.contracts
        symbol, of_rows = contracts["symbol"][rows], slices.of(contracts["series"][rows])
        places = interest.Places(
            codes=contracts["code"][rows],
            strike=contracts["strike"][rows],
            spot=of_rows.spot,
            step=self._step[symbol],
            deviation_day=self._deviation_day[symbol],
            days=of_rows.years * 365,
            weight=self._weights()[contracts["series"][rows]],
            call=contracts["call"][rows],
        )
        contracts["open_interest"][rows] = interest.open_interest(places, salt)

    def begin_day(self, rows: Rows, previous_close: Floats) -> None:
        """Empty the day bars, keeping the close of the day before."""
        contracts = self._book.contracts
        contracts["previous_close"][rows] = self._on_tick(rows, previous_close)
        for name in ("open", "high", "low", "close", "volume", "turnover"):
            contracts[name][rows] = 0

    def fill_day(self, rows: Rows, opening: Floats, slices: Slices, past: Past) -> None:
        """Give contracts what they had before the simulator looked: the bar of the day so far, and the last trade.

        What has not traded today has its last trade from the day before, at that day's close.
        """
        contracts = self._book.contracts
        codes, days = contracts["code"][rows], slices.of(contracts["series"][rows]).years * 365
        volume, day_before = (
            interest.day_volume(codes, contracts["open_interest"][rows], days, elapsed, salt)
            for elapsed, salt in ((past.elapsed, 3), (1.0, 5))
        )
        today = volume > 0
        self._fill_bars(rows[today], opening[today], volume[today], slices)
        volume = np.where(today, volume, day_before)
        traded = volume > 0
        self._fill_last_trades(rows[traded], volume[traded], today[traded], past)

    def _fill_bars(self, rows: Rows, opening: Floats, volume: NDArray[np.int64], slices: Slices) -> None:
        contracts = self._book.contracts
        first, last = self._on_tick(rows, opening), self._on_tick(rows, self.worth(rows, slices))
        contracts["open"][rows], contracts["close"][rows] = first, last
        reach = 0.1 * np.abs(last - first)
        contracts["high"][rows] = self._on_tick(rows, np.maximum(first, last) + reach)
        contracts["low"][rows] = self._on_tick(rows, np.minimum(first, last) - reach)
        contracts["volume"][rows], contracts["turnover"][rows] = volume, volume * (first + last) / 2

    def _fill_last_trades(
        self, rows: Rows, volume: NDArray[np.int64], today: NDArray[np.bool_], past: Past
    ) -> None:
        """The more has traded in a day, the nearer to now, or to that day's end, the last trade is."""
        contracts = self._book.contracts
        codes = contracts["code"][rows]
        price = np.where(today, contracts["close"][rows], contracts["previous_close"][rows])
        contracts["trade_price"][rows], contracts["trade_size"][rows] = price, 1 + codes % 7
        contracts["trade_exchange"][rows] = EXCHANGES[(codes % len(EXCHANGES)).astype(np.int64)]
        contracts["trade_condition"][rows] = _AUTO_EXECUTION
        longest_ms = np.where(today, past.now_ms - past.began_ms, _LAST_TRADES_MS)
        age_ms = np.minimum(interest.draw(codes, 4) * _LAST_TRADES_MS / np.sqrt(volume), longest_ms)
        ended_ms = np.where(today, past.now_ms, past.day_before_ended_ms)
        contracts["trade_ms"][rows] = ended_ms - age_ms.astype(np.int64)
        self._history.trades.add(
            len(rows),
            of=rows,
            ms=contracts["trade_ms"][rows],
            sequence=1 + np.arange(len(rows)),
            price=price,
            size=contracts["trade_size"][rows],
            exchange=contracts["trade_exchange"][rows],
            condition=_AUTO_EXECUTION,
        )

    def _weights(self) -> Floats:
        # Monthlies have gathered for months; adjusted series hardly trade.
        kinds = (
            (s.shares != 100, s.settles == "am", 15 <= s.expiration.day <= 21) for s in self._book.series
        )
        return np.array(
            [5.0 if odd else 1500.0 if am else 700.0 if monthly else 220.0 for odd, am, monthly in kinds]
        )

    def _on_tick(self, rows: Rows, price: Floats) -> Floats:
        symbol = self._book.contracts["symbol"][rows]
        tick = np.where(price < _HIGH_TICK_FROM, self._tick[symbol], self._high_tick[symbol])
        return np.asarray(np.round(np.maximum(np.round(price / tick), 1.0) * tick, 2))

    def _sizes(self, count: int) -> NDArray[np.int64]:
        return np.asarray(1 + np.floor(self._rng.exponential(1.0, count) ** 1.5 * 18)).astype(np.int64)

    def _next_sequence(self) -> int:
        self._sequence += int(self._rng.integers(1, 6))
        return self._sequence

    def _sequences(self, count: int) -> NDArray[np.int64]:
        steps = np.cumsum(self._rng.integers(1, 6, count)) + self._sequence
        self._sequence = int(steps[-1]) if count else self._sequence
        return np.asarray(steps)


def quote_prices(worth: Floats, tick: Floats, high_tick: Floats) -> tuple[Floats, Floats]:
    """Bid and ask around a value, each on the price steps that hold at its height. A bid may be 0, an ask not."""
    half = 0.004 * worth + 0.25 * tick
    bid_tick = np.where(worth - half < _HIGH_TICK_FROM, tick, high_tick)
    ask_tick = np.where(worth + half < _HIGH_TICK_FROM, tick, high_tick)
    bid = np.maximum(np.floor((worth - half) / bid_tick + 1e-9) * bid_tick, 0.0)
    ask = np.maximum(np.ceil((worth + half) / ask_tick - 1e-9) * ask_tick, bid + ask_tick)
    return np.round(bid, 2), np.round(ask, 2)
