"""The REST routes: what each path answers. No HTTP server in here, so any can serve it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from marketswarm.simulator import spot_rows
from marketswarm.simulator.answers import (
    Answer,
    bad_query,
    found,
    missing_row,
    no_such_object,
    plain,
    request_id,
)
from marketswarm.simulator.hours import midnight_ms
from marketswarm.simulator.market import Market
from marketswarm.simulator.option_rows import chain_rows, listing_row, unified_row
from marketswarm.simulator.query import (
    ListQuery,
    Reader,
    Shape,
    as_bool,
    as_date,
    as_number,
    as_text,
    read_query,
)
from marketswarm.simulator.selection import Catalogue
from marketswarm.simulator.status import phase, status_now, upcoming
from marketswarm.simulator.tape import Instrument

_DAY_MS = 86_400_000
_MOST_TICKERS = 250
_CONTRACT_FILTERS: dict[str, Reader] = {
    "strike_price": as_number,
    "expiration_date": as_date,
    "contract_type": as_text,
}
_CHAIN = Shape(
    "OptionsChainQueryParam", _CONTRACT_FILTERS, ("ticker", "expiration_date", "strike_price"), 250
)
_CONTRACTS = Shape(
    "OptionsContractsQueryParam",
    {**_CONTRACT_FILTERS, "underlying_ticker": as_text, "ticker": as_text},
    ("ticker", "underlying_ticker", "expiration_date", "strike_price"),
    1000,
)
_TICKERS = Shape("SnapshotQueryParam", {"ticker": as_text}, ("ticker",), 250)


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `base` is scheme and host for absolute addresses in the answer."""

    path: str
    parts: Mapping[str, str]
    parameters: Mapping[str, str]
    base: str


Handler = Callable[[Call], Answer]


class RestApi:
    """Answers from the market's state.

    Args:
        streamed: which contracts are being streamed, by row; their quotes are shown as last sent.
        page_rows: no page of contracts has more rows, whatever is asked for.
    """

    def __init__(
        self, market: Market, streamed: Callable[[], NDArray[np.bool_]], page_rows: int | None = None
    ) -> None:
        self._market = market
        self._streamed = streamed
        self._catalogue = Catalogue(market.book, page_rows)
        self._by_ticker = {i.profile.ticker: i for i in market.tape.instruments}

    def routes(self) -> dict[str, Handler]:
        """Path pattern → handler."""
        stocks = "/v2/snapshot/locale/us/markets/stocks/tickers"
        return {
            "/v3/snapshot/options/{underlying}": self.chain,
            "/v3/snapshot/options/{underlying}/{contract}": self.contract_snapshot,
            "/v3/reference/options/contracts": self.contracts,
            "/v3/reference/options/contracts/{ticker}": self.contract,
            "/v3/snapshot/indices": self.indices,
            "/v3/snapshot": self.unified,
            stocks: self.stocks,
            stocks + "/{ticker}": self.stock,
            "/v2/aggs/ticker/{ticker}/prev": self.previous_bar,
            "/v2/last/trade/{ticker}": self.last_trade,
            "/v1/marketstatus/now": self.market_status,
            "/v1/marketstatus/upcoming": self.holidays,
        }

    def chain(self, call: Call) -> Answer:
        """A page of the chain snapshot; an underlying that is not on offer has no rows."""
        query = read_query(call.parameters, _CHAIN)
        number = self._number_of(call.parts["underlying"])
        if number is None:
            return found([])
        rows, cursor = self._catalogue.page(self._market.book.listed_rows(number), query)
        self._market.refresh(rows, self._streamed())
        return found(chain_rows(self._market, rows), _next(call, cursor))

    def contract_snapshot(self, call: Call) -> Answer:
        """One contract of the chain snapshot."""
        row = self._row_of(call.parts["contract"])
        if self._market.book.contracts["symbol"][row] != self._number_of(call.parts["underlying"]):
            raise no_such_object("Option Ticker")
        self._market.refresh(np.array([row]), self._streamed())
        return found(chain_rows(self._market, np.array([row]))[0])

    def contracts(self, call: Call) -> Answer:
        """A page of the contract listing; expired ones only when asked for."""
        query = read_query(call.parameters, _CONTRACTS)
        expired = as_bool(query.spoken.get("expired", "false"))
        if "as_of" in query.spoken:
            as_date(query.spoken["as_of"])
        offered = self._market.book.contracts["listed"]
        rows, cursor = self._catalogue.page(np.flatnonzero(offered != expired), query)
        return found([listing_row(self._market, int(row)) for row in rows], _next(call, cursor))

    def contract(self, call: Call) -> Answer:
        """One contract of the listing."""
        return found(listing_row(self._market, self._row_of(call.parts["ticker"])))

    def indices(self, call: Call) -> Answer:
        """Index values."""
        status = "regular_trading" if self._phase() == "open" else self._phase()
        known = {t: i for t, i in self._by_ticker.items() if i.profile.is_index}
        rows = {ticker: spot_rows.index_row(instrument, status) for ticker, instrument in known.items()}
        return self._ticker_page(call, rows)

    def unified(self, call: Call) -> Answer:
        """Stocks, indices and options in one list."""
        spoken = read_query(call.parameters, _TICKERS).spoken
        wanted, kind = _any_of(spoken), spoken.get("type")
        rows = {ticker: self._unified_spot(instrument) for ticker, instrument in self._by_ticker.items()}
        options = [t for t in wanted or () if t in self._market.book.row_of]
        numbers = np.array([self._market.book.row_of[t] for t in options], np.int64)
        self._market.refresh(numbers, self._streamed())
        status = "open" if self._phase() == "open" else "closed"
        rows |= {t: unified_row(self._market, int(n), status) for t, n in zip(options, numbers, strict=True)}
        kept = {ticker: row for ticker, row in rows.items() if kind in (None, row["type"])}
        return self._ticker_page(call, kept)

    def stocks(self, call: Call) -> Answer:
        """Snapshots of several stocks; unknown ones are left out."""
        asked = [t for t in call.parameters.get("tickers", "").split(",") if t]
        known = [
            i for t, i in self._by_ticker.items() if not i.profile.is_index and (not asked or t in asked)
        ]
        rows = [spot_rows.stock_row(instrument) for instrument in known]
        return plain({"count": len(rows), "status": "OK", "request_id": request_id(), "tickers": rows})

    def stock(self, call: Call) -> Answer:
        """The snapshot of one stock."""
        row = spot_rows.stock_row(self._stock_of(call.parts["ticker"]))
        return plain({"request_id": request_id(), "status": "OK", "ticker": row})

    def previous_bar(self, call: Call) -> Answer:
        """The bar of the day before."""
        ticker = call.parts["ticker"]
        body = {"ticker": ticker, "queryCount": 0, "resultsCount": 0, "adjusted": True}
        start_ms = midnight_ms(self._market.hours.trading_day(self._market.now_ms)) - _DAY_MS
        if ticker in self._by_ticker:
            bar = spot_rows.previous_bar(self._by_ticker[ticker], start_ms)
            body |= {"results": [bar], "queryCount": 1, "resultsCount": 1, "count": 1}
        return plain(body | {"status": "OK", "request_id": request_id()})

    def last_trade(self, call: Call) -> Answer:
        """The last trade of a stock, fund or option; an index has none."""
        ticker = call.parts["ticker"]
        if ticker not in self._market.book.row_of:
            return found(spot_rows.last_trade(self._stock_of(ticker)))
        record = self._market.book.contracts[self._market.book.row_of[ticker]]
        if record["trade_ms"] == 0:
            raise no_such_object("Data")
        trade_ns = int(record["trade_ms"]) * 1_000_000
        trade = {"T": ticker, "c": [int(record["trade_condition"])], "p": float(record["trade_price"])}
        place = {
            "q": int(record["sequence"]),
            "s": int(record["trade_size"]),
            "x": int(record["trade_exchange"]),
        }
        return found(trade | place | {"t": trade_ns, "y": trade_ns})

    def market_status(self, _call: Call) -> Answer:
        """Whether markets are open."""
        return plain(status_now(self._market.hours, self._market.now_ms))

    def holidays(self, _call: Call) -> Answer:
        """Closures to come: a bare array."""
        return plain(upcoming(self._market.hours.calendar, self._market.now_ms))

    def _ticker_page(self, call: Call, rows: Mapping[str, dict[str, Any]]) -> Answer:
        query = read_query(call.parameters, _TICKERS)
        wanted = _any_of(query.spoken)
        tickers = sorted(rows if wanted is None else set(wanted), reverse=query.descending)
        tickers = [t for t in tickers if _passes(t, query)]
        page = tickers[: query.limit]
        cursor = query.cursor(page[-1], page[-1]) if len(page) < len(tickers) else None
        return found([rows.get(ticker, missing_row(ticker)) for ticker in page], _next(call, cursor))

    def _unified_spot(self, instrument: Instrument) -> dict[str, Any]:
        if instrument.profile.is_index:
            status = "regular_trading" if self._phase() == "open" else self._phase()
            return spot_rows.index_row(instrument, status)
        return spot_rows.unified_stock_row(instrument, self._phase())

    def _phase(self) -> str:
        return phase(self._market.hours, self._market.now_ms)

    def _number_of(self, underlying: str) -> int | None:
        tickers = [instrument.profile.ticker for instrument in self._market.tape.instruments]
        return tickers.index(underlying) if underlying in tickers else None

    def _row_of(self, ticker: str) -> int:
        if ticker not in self._market.book.row_of:
            raise no_such_object("Option Ticker")
        return self._market.book.row_of[ticker]

    def _stock_of(self, ticker: str) -> Instrument:
        instrument = self._by_ticker.get(ticker)
        if instrument is None or instrument.profile.is_index:
            raise no_such_object("Ticker")
        return instrument


def _any_of(parameters: Mapping[str, str]) -> list[str] | None:
    if "ticker.any_of" not in parameters:
        return None
    tickers = [ticker for ticker in parameters["ticker.any_of"].split(",") if ticker]
    if len(tickers) > _MOST_TICKERS:
        raise bad_query(f"ticker.any_of holds {len(tickers)} tickers, allowed are {_MOST_TICKERS}")
    return tickers


def _passes(ticker: str, query: ListQuery) -> bool:
    if query.after is not None and (ticker >= query.after if query.descending else ticker <= query.after):
        return False
    compare = {"eq": str.__eq__, "gte": str.__ge__, "gt": str.__gt__, "lte": str.__le__, "lt": str.__lt__}
    return all(compare[one.operator](ticker, str(one.value)) for one in query.filters)


def _next(call: Call, cursor: str | None) -> str | None:
    return None if cursor is None else f"{call.base}{call.path}?cursor={cursor}"
