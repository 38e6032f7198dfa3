"""All option contracts of the simulated exchange, and what is known of each.

Contracts are rows of one array and are only ever added, so that a row number means the same contract for ever; what has
expired is marked, not removed.
"""

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from marketswarm.simulator.profile import Profile
from marketswarm.simulator.universe import Series

Rows = NDArray[np.int64]
Record = NDArray[Any]

_CONTRACT = np.dtype(
    [
        ("strike", "f8"),
        ("call", "?"),
        ("series", "i4"),
        ("symbol", "i4"),
        ("listed", "?"),
        ("code", "u8"),
        ("open_interest", "i8"),
        ("bid", "f8"),
        ("ask", "f8"),
        ("bid_size", "i4"),
        ("ask_size", "i4"),
        ("bid_exchange", "i4"),
        ("ask_exchange", "i4"),
        ("quote_ms", "i8"),
        ("sequence", "i8"),
        ("trade_price", "f8"),
        ("trade_size", "i4"),
        ("trade_exchange", "i4"),
        ("trade_condition", "i4"),
        ("trade_ms", "i8"),
        ("open", "f8"),
        ("high", "f8"),
        ("low", "f8"),
        ("close", "f8"),
        ("previous_close", "f8"),
        ("volume", "i8"),
        ("turnover", "f8"),
    ]
)


class Book:
    """The contracts. `contracts` is the array, `tickers` their names in the same order."""

    def __init__(self) -> None:
        self.series: list[Series] = []
        self.tickers: list[str] = []
        self.row_of: dict[str, int] = {}
        self.contracts: Record = np.zeros(0, _CONTRACT)
        self.version = 0
        self._numbers: dict[tuple[str, object], int] = {}

    def list_series(self, series: Series, symbol: int, strikes: list[float]) -> Rows:
        """Put a series on offer with these strikes; those it has already stay as they are. Gives the new rows."""
        number = self._number_of(series)
        day = f"O:{series.root}{series.expiration:%y%m%d}"
        named = [
            (f"{day}{right}{round(strike * 1000):08d}", strike, right == "C")
            for right in "CP"
            for strike in strikes
        ]
        fresh = [contract for contract in named if contract[0] not in self.row_of]
        return self._append(fresh, number, symbol)

    def drop_settled(self, now_ms: int) -> None:
        """Take off offer what has been settled."""
        settled = [n for n, series in enumerate(self.series) if series.settlement_ms <= now_ms]
        expired = np.isin(self.contracts["series"], settled) & self.contracts["listed"]
        if expired.any():
            self.contracts["listed"][expired] = False
            self.version += 1

    def listed_rows(self, symbol: int | None = None) -> Rows:
        """Rows on offer, of one symbol or of all."""
        offered = self.contracts["listed"]
        if symbol is not None:
            offered = offered & (self.contracts["symbol"] == symbol)
        return np.flatnonzero(offered)

    def series_of(self, row: int) -> Series:
        """The series that a contract belongs to."""
        return self.series[int(self.contracts["series"][row])]

    def profile_of(self, row: int) -> Profile:
        """The underlying of a contract."""
        return self.series_of(row).profile

    def _number_of(self, series: Series) -> int:
        key = (series.root, series.expiration)
        if key not in self._numbers:
            self._numbers[key] = len(self.series)
            self.series.append(series)
        return self._numbers[key]

    def _append(self, fresh: list[tuple[str, float, bool]], series: int, symbol: int) -> Rows:
        if not fresh:
            return np.zeros(0, np.int64)
        start = len(self.tickers)
        added = np.zeros(len(fresh), _CONTRACT)
        added["strike"] = [strike for _, strike, _ in fresh]
        added["call"] = [call for _, _, call in fresh]
        added["series"], added["symbol"], added["listed"] = series, symbol, True
        added["code"] = [zlib.crc32(ticker.encode()) for ticker, _, _ in fresh]
        self.tickers += [ticker for ticker, _, _ in fresh]
        self.row_of.update((ticker, start + n) for n, (ticker, _, _) in enumerate(fresh))
        self.contracts = np.concatenate([self.contracts, added])
        self.version += 1
        return np.arange(start, len(self.tickers))
