"""What has happened, kept for those who ask later: rings of quotes, trades and minute bars. Each forgets its oldest.

Contracts are known by their row in the book, underlyings by their number among the instruments; each of the two has
rings of its own, so that a busy chain does not push out the few bars of an index.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from marketswarm.simulator.tape import Bar

Record = NDArray[Any]

_QUOTE = np.dtype(
    [
        ("of", "i4"),
        ("ms", "i8"),
        ("sequence", "i8"),
        ("bid", "f8"),
        ("ask", "f8"),
        ("bid_size", "i4"),
        ("ask_size", "i4"),
        ("bid_exchange", "i4"),
        ("ask_exchange", "i4"),
    ]
)
_TRADE = np.dtype(
    [
        ("of", "i4"),
        ("ms", "i8"),
        ("sequence", "i8"),
        ("price", "f8"),
        ("size", "i8"),
        ("exchange", "i4"),
        ("condition", "i4"),
        ("number", "i8"),
    ]
)
_MINUTE = np.dtype(
    [
        ("of", "i4"),
        ("ms", "i8"),
        ("open", "f8"),
        ("high", "f8"),
        ("low", "f8"),
        ("close", "f8"),
        ("volume", "i8"),
        ("turnover", "f8"),
        ("trades", "i8"),
    ]
)


class Ring:
    """The last so many records of one kind."""

    def __init__(self, kind: np.dtype[Any], capacity: int) -> None:
        self._records: Record = np.zeros(capacity, kind)
        self._added = 0

    def add(self, count: int, **columns: Any) -> None:
        """Add records, column by column; of more than the ring holds, the last ones."""
        capacity = len(self._records)
        kept = min(count, capacity)
        start = (self._added + count - kept) % capacity
        before_end = min(kept, capacity - start)
        for name, values in columns.items():
            column, last = self._records[name], np.broadcast_to(values, (count,))[count - kept :]
            column[start : start + before_end], column[: kept - before_end] = (
                last[:before_end],
                last[before_end:],
            )
        self._added += count

    def of(self, number: int) -> Record:
        """The records of one contract or instrument, oldest first."""
        capacity = len(self._records)
        held = min(self._added, capacity)
        places = (self._added - held + np.arange(held)) % capacity
        found = places[self._records["of"][places] == number]
        return np.asarray(self._records[found])


class History:
    """Quotes, trades and minute bars of contracts, or of underlyings."""

    def __init__(self, *, quotes: int, trades: int, minutes: int) -> None:
        self.quotes = Ring(_QUOTE, quotes)
        self.trades = Ring(_TRADE, trades)
        self.minutes = Ring(_MINUTE, minutes)

    def add_minute(self, number: int, bar: Bar) -> None:
        """Keep a finished minute."""
        self.minutes.add(
            1,
            of=number,
            ms=bar.start_ms,
            open=bar.open,
            high=bar.high,
            low=bar.low,
            close=bar.close,
            volume=bar.volume,
            turnover=bar.turnover,
            trades=bar.trades,
        )


class Ledger:
    """Both histories. About 20 MB when full."""

    def __init__(self) -> None:
        self.options = History(quotes=200_000, trades=50_000, minutes=50_000)
        self.spots = History(quotes=20_000, trades=20_000, minutes=20_000)
