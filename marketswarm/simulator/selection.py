"""Which contracts a list query means, in its order, page by page."""

import operator
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from marketswarm.simulator.answers import bad_query
from marketswarm.simulator.book import Book, Rows
from marketswarm.simulator.query import ListQuery

_OPERATORS = {
    "eq": operator.eq,
    "gte": operator.ge,
    "gt": operator.gt,
    "lte": operator.le,
    "lt": operator.lt,
}


class Catalogue:
    """The book's columns as list queries see them; rebuilt when contracts were added or dropped.

    Args:
        most_rows: no page has more, whatever is asked for; None leaves it to the query.
    """

    def __init__(self, book: Book, most_rows: int | None = None) -> None:
        self._book = book
        self._most_rows = most_rows
        self._version = -1

    def page(self, rows: Rows, query: ListQuery) -> tuple[Rows, str | None]:
        """The rows of one page among the given ones, and the cursor of the next page if there is one."""
        self._renew()
        for condition in query.filters:
            rows = rows[_OPERATORS[condition.operator](self._column(condition.column)[rows], condition.value)]
        keys = self._sort_key(query.sort)
        ordered = rows[np.lexsort((self._rank[rows], keys[rows]))]
        if query.after is not None:
            ordered = ordered[self._behind(ordered, keys, query)]
        if query.descending:
            ordered = ordered[::-1]
        chosen = ordered[: query.limit][: self._most_rows]
        if len(chosen) == len(ordered):
            return chosen, None
        last = int(chosen[-1])
        return chosen, query.cursor(str(self._column(query.sort)[last]), self._book.tickers[last])

    def _behind(self, rows: Rows, keys: NDArray[Any], query: ListQuery) -> NDArray[np.bool_]:
        last = self._book.row_of.get(query.after or "")
        if last is None:
            raise bad_query("invalid cursor")
        key, rank = keys[last], self._rank[last]
        if query.descending:
            return np.asarray((keys[rows] < key) | ((keys[rows] == key) & (self._rank[rows] < rank)))
        return np.asarray((keys[rows] > key) | ((keys[rows] == key) & (self._rank[rows] > rank)))

    def _sort_key(self, name: str) -> NDArray[Any]:
        return self._rank if name == "ticker" else self._column(name)

    def _column(self, name: str) -> NDArray[Any]:
        return self._columns[name]

    def _renew(self) -> None:
        if self._version == self._book.version:
            return
        self._version, contracts = self._book.version, self._book.contracts
        tickers = np.array(self._book.tickers)
        self._rank = np.empty(len(tickers), np.int64)
        self._rank[np.argsort(tickers)] = np.arange(len(tickers))
        expirations = np.array([series.expiration.isoformat() for series in self._book.series])
        symbols = np.array([series.profile.symbol for series in self._book.series])
        self._columns: Mapping[str, NDArray[Any]] = {
            "ticker": tickers,
            "strike_price": contracts["strike"],
            "expiration_date": expirations[contracts["series"]],
            "underlying_ticker": symbols[contracts["series"]],
            "contract_type": np.where(contracts["call"], "call", "put"),
        }
