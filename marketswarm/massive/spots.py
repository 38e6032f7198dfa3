"""Where spot comes from: one call for all symbols, then, for those it did not answer, source after source.

Which source a plan opens differs from plan to plan, so a refusal only leads to the next source. A key that is refused, and
a provider that cannot be reached by the first call, end the search: no other source would do better.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from typing import TypeVar

import msgspec

from marketswarm.errors import KeyRefused, ProviderError, Retryable
from marketswarm.massive.answers import is_delayed
from marketswarm.massive.backoff import RetryPolicy
from marketswarm.massive.calls import VendorCalls
from marketswarm.massive.decode import UNUSABLE
from marketswarm.massive.eligibility import Universe
from marketswarm.massive.readings import (
    parity_reading,
    previous_reading,
    snapshot_reading,
    stock_reading,
    underlying_reading,
)
from marketswarm.massive.rows import decode_rows, underlying_of
from marketswarm.massive.wire import SnapshotRow, StockBar, StockRow
from marketswarm.model.chain import ChainId
from marketswarm.model.spot import SpotMethod, SpotReading, SpotReadings
from marketswarm.model.ticker import Underlying

_UNIFIED = "/v3/snapshot"
_INDICES = "/v3/snapshot/indices"
_STOCKS = "/v2/snapshot/locale/us/markets/stocks/tickers"
_PAGE = 250  # also the most tickers that one call may name
_NEAR = 0.02  # of spot

Expirations = Callable[[str, date, int], list[date]]
Row = TypeVar("Row")


class SpotSources:
    """The ordered list of sources.

    Args:
        calls: the API.
        retry: of each call.
        expirations: symbol, first day and count → listed expirations; needed for put-call parity.
    """

    def __init__(self, calls: VendorCalls, retry: RetryPolicy, expirations: Expirations) -> None:
        self._calls = calls
        self._retry = retry
        self._expirations = expirations
        self._near: dict[str, float] = {}  # where parity found spot last: one page around it is enough

    def read(self, underlyings: Sequence[Underlying], today: date) -> SpotReadings:
        """Spot of each underlying from the first source that has it, and why the rest has none.

        Raises:
            KeyRefused: the key itself is refused.
            ProviderUnavailable: the first call could not reach the provider.
        """
        search = _Search(underlyings)
        if underlyings:
            search.ask(
                "unified", lambda: self._snapshots(_UNIFIED, "unified", search.missing(), today), final=True
            )
        indices = [underlying for underlying in search.missing() if underlying.is_index]
        stocks = [underlying for underlying in search.missing() if not underlying.is_index]
        if indices:
            search.ask("indices", lambda: self._snapshots(_INDICES, "indices", indices, today), indices)
        if stocks:
            search.ask("stocks", lambda: self._stocks(stocks, today), stocks)
        for underlying in search.missing():
            self._search_alone(search, underlying, today)
        return search.result()

    def _search_alone(self, search: "_Search", underlying: Underlying, today: date) -> None:
        sources: dict[SpotMethod, Callable[[Underlying, date], Iterator[SpotReading | None]]] = {
            "chain": self._chain_row,
            "parity": self._parity,
            "previous": self._previous,  # of an earlier session: anything of this one goes before it
        }
        for method, source in sources.items():
            if underlying in search.missing():
                search.ask(method, partial(source, underlying, today), [underlying])

    def _snapshots(
        self, path: str, method: SpotMethod, underlyings: Sequence[Underlying], today: date
    ) -> Iterator[SpotReading | None]:
        symbols = {underlying.provider_ticker: underlying.symbol for underlying in underlyings}
        for first in range(0, len(symbols), _PAGE):
            tickers = list(symbols)[first : first + _PAGE]
            query = {"ticker.any_of": ",".join(tickers), "limit": str(_PAGE)}
            for page in self._calls.pages(f"{method} spot", path, query, self._retry):
                for row in _rows(page.results, SnapshotRow):
                    if row.ticker in symbols and row.error is None:
                        symbol = symbols[row.ticker]
                        yield snapshot_reading(row, symbol, method, today, delayed=is_delayed(page))

    def _stocks(self, underlyings: Sequence[Underlying], today: date) -> Iterator[SpotReading | None]:
        symbols = {underlying.symbol for underlying in underlyings}
        page = self._calls.get("stocks spot", _STOCKS, {"tickers": ",".join(sorted(symbols))}, self._retry)
        for row in _rows(page.tickers, StockRow):
            if row.ticker in symbols:
                yield stock_reading(row, row.ticker, today, delayed=is_delayed(page))

    def _chain_row(self, underlying: Underlying, today: date) -> Iterator[SpotReading | None]:
        what = f"chain row of {underlying.symbol}"
        path = f"/v3/snapshot/options/{underlying.provider_ticker}"
        page = self._calls.get(what, path, {"limit": "10"}, self._retry)
        asset = underlying_of(page.results or ())
        if asset is not None:
            yield underlying_reading(asset, underlying.symbol, today, delayed=is_delayed(page))

    def _previous(self, underlying: Underlying, today: date) -> Iterator[SpotReading | None]:
        what = f"previous close of {underlying.symbol}"
        path = f"/v2/aggs/ticker/{underlying.provider_ticker}/prev"
        page = self._calls.get(what, path, {}, self._retry)
        for bar in _rows(page.results, StockBar):
            yield previous_reading(bar, underlying.symbol, today, delayed=is_delayed(page))

    def _parity(self, underlying: Underlying, today: date) -> Iterator[SpotReading | None]:
        near = self._near.pop(underlying.symbol, None)
        for expiration in self._expirations(underlying.symbol, today, 1):
            bounds = [None] if near is None else [(near * (1 - _NEAR), near * (1 + _NEAR)), None]
            for bound in bounds:
                reading = self._parity_within(underlying, expiration, bound, today)
                if reading is not None:
                    self._near[underlying.symbol] = reading.spot
                    yield reading
                    return

    def _parity_within(
        self, underlying: Underlying, expiration: date, bound: tuple[float, float] | None, today: date
    ) -> SpotReading | None:
        # Parity holds for the PM root.
        universe = Universe(ChainId(underlying.symbol, expiration), underlying.is_index, am_has_stopped=True)
        path = f"/v3/snapshot/options/{underlying.provider_ticker}"
        query = {"expiration_date": str(expiration), "limit": str(_PAGE)}
        query |= {"sort": "strike_price", "order": "asc"}
        if bound is not None:
            query |= {"strike_price.gte": f"{bound[0]:.2f}", "strike_price.lte": f"{bound[1]:.2f}"}
        rows: list[msgspec.Raw] = []
        delayed = False
        for page in self._calls.pages(f"parity of {underlying.symbol}", path, query, self._retry):
            rows += page.results or ()
            delayed = delayed or is_delayed(page)
        chain = decode_rows(rows, universe, delayed=delayed)
        return parity_reading(chain.contracts.values(), underlying.symbol, today, delayed=chain.delayed)


class _Search:
    """Which symbols are found, and what was tried for the others."""

    def __init__(self, underlyings: Sequence[Underlying]) -> None:
        self._wanted = dict.fromkeys(underlyings)
        self._found: dict[str, SpotReading] = {}
        self._tried: dict[str, list[str]] = {underlying.symbol: [] for underlying in underlyings}
        self._unsure: set[str] = set()

    def missing(self) -> list[Underlying]:
        return [underlying for underlying in self._wanted if underlying.symbol not in self._found]

    def ask(
        self,
        method: SpotMethod,
        source: Callable[[], Iterator[SpotReading | None]],
        whom: Sequence[Underlying] | None = None,
        *,
        final: bool = False,
    ) -> None:
        """Take what the source has. With `final`, a provider that cannot be reached ends the search."""
        reason, is_unsure = "nothing", False
        try:
            for reading in source():
                if reading is not None:
                    self._found.setdefault(reading.symbol, reading)
        except KeyRefused:
            raise
        except ProviderError as error:
            if final and isinstance(error, Retryable):
                raise
            reason, is_unsure = error.detail, isinstance(error, Retryable)
        for underlying in whom if whom is not None else self.missing():
            if underlying.symbol not in self._found:
                self._tried[underlying.symbol].append(f"{method}: {reason}")
                self._unsure |= {underlying.symbol} if is_unsure else set()

    def result(self) -> SpotReadings:
        failed = {u.symbol: "; ".join(self._tried[u.symbol]) for u in self.missing()}
        return SpotReadings(self._found, failed, frozenset(self._unsure & failed.keys()))


def _rows(raws: Sequence[msgspec.Raw] | None, shape: type[Row]) -> Iterator[Row]:
    """The rows that are in the documented shape."""
    for raw in raws or ():
        try:
            yield msgspec.json.decode(raw, type=shape)
        except UNUSABLE:
            continue
