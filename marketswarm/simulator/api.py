"""The REST routes over snapshots and the listing, and the table of all routes. No HTTP server in here, so any can serve it."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from marketswarm.simulator import spot_rows
from marketswarm.simulator.answers import (
    Answer,
    bad_query,
    foreign_row,
    found,
    missing_row,
    no_such_object,
    not_entitled,
    plain,
    request_id,
    status_of,
)
from marketswarm.simulator.bar_api import BarApi
from marketswarm.simulator.market import Market
from marketswarm.simulator.option_rows import chain_rows, listing_row, unified_row
from marketswarm.simulator.paging import page_of
from marketswarm.simulator.plans import AssetClass, Plans, class_of
from marketswarm.simulator.query import (
    ListQuery,
    Reader,
    Shape,
    as_bool,
    as_date,
    as_number,
    as_one_of,
    as_text,
    read_query,
)
from marketswarm.simulator.reference_api import ReferenceApi
from marketswarm.simulator.routing import Call, Door, Handler, Route
from marketswarm.simulator.selection import Catalogue
from marketswarm.simulator.status import phase
from marketswarm.simulator.tape import Instrument
from marketswarm.simulator.tick_api import TickApi

_MOST_TICKERS = 250
_MOST_MOVERS = 20


def _contract_filters(owner: str) -> dict[str, Reader]:
    return {
        "strike_price": as_number,
        "expiration_date": as_date,
        "contract_type": as_one_of(f"{owner}.ContractType", "call", "put", "other"),
    }


_CHAIN = Shape(
    "OptionsChainQueryParam",
    _contract_filters("OptionsChainQueryParam"),
    ("ticker", "expiration_date", "strike_price"),
    250,
)
_CONTRACTS = Shape(
    "OptionsContractsQueryParam",
    {
        **_contract_filters("OptionsContractsQueryParam"),
        "underlying_ticker": as_text,
        "ticker": as_text,
    },
    ("ticker", "underlying_ticker", "expiration_date", "strike_price"),
    1000,
)
_TICKERS = Shape("SnapshotQueryParam", {"ticker": as_text}, ("ticker",), 250)
_STOCKS = "/v2/snapshot/locale/us/markets/stocks"


class RestApi:
    """Answers from the market's state, as far as the account's plans go.

    Args:
        streamed: which contracts are being streamed, by row; their quotes are shown as last sent.
    """

    def __init__(self, market: Market, streamed: Callable[[], NDArray[np.bool_]]) -> None:
        self._market, self._switches = market, market.terms.switches
        self._streamed = streamed
        self._catalogue = Catalogue(market.book)
        self._by_ticker = {i.profile.ticker: i for i in market.tape.instruments}
        self._door = Door(lambda: market.terms, lambda: market.now_ms)

    @property
    def _plans(self) -> Plans:
        return self._market.terms.plans

    def routes(self) -> dict[str, Handler]:
        """Path pattern → handler behind the door of the plans. A pattern without a variable goes before one with."""
        others = (TickApi(self._market), BarApi(self._market), ReferenceApi(self._market))
        table = self._own_routes()
        for other in others:
            table |= other.routes()
        return {path: self._door.guard(route) for path, route in table.items()}

    def _own_routes(self) -> dict[str, Route]:
        return {
            "/v3/snapshot/options/{underlying}": Route(self.chain, "snapshots", "options"),
            "/v3/snapshot/options/{underlying}/{contract}": Route(
                self.contract_snapshot, "snapshots", "options"
            ),
            "/v3/reference/options/contracts": Route(self.contracts, "reference", "options"),
            "/v3/reference/options/contracts/{ticker}": Route(self.contract, "reference", "options"),
            "/v3/snapshot/indices": Route(self.indices, "snapshots", "indices"),
            "/v3/snapshot": Route(self.unified),
            "/v1/summaries": Route(self.summaries),
            _STOCKS + "/tickers": Route(self.stocks, "snapshots", "stocks"),
            _STOCKS + "/tickers/{ticker}": Route(self.stock, "snapshots", "stocks"),
            _STOCKS + "/gainers": Route(self.gainers, "snapshots", "stocks"),
            _STOCKS + "/losers": Route(self.losers, "snapshots", "stocks"),
        }

    def chain(self, call: Call) -> Answer:
        """A page of the chain snapshot; an underlying that is not on offer has no rows."""
        query = self._read(call, _CHAIN)
        number = self._number_of(call.parts["underlying"])
        if number is None:
            if self._switches.unknown_underlying == "missing":
                raise no_such_object("Ticker")
            return found([], delayed=self._plans.options.is_delayed)
        rows, cursor = self._catalogue.page(self._market.book.listed_rows(number), query)
        self._market.refresh(rows, self._streamed())
        shown = chain_rows(self._market, rows)
        return found(shown, call.next_url(cursor), delayed=self._plans.options.is_delayed)

    def contract_snapshot(self, call: Call) -> Answer:
        """One contract of the chain snapshot."""
        row = self._row_of(call.parts["contract"])
        if self._market.book.contracts["symbol"][row] != self._number_of(call.parts["underlying"]):
            raise no_such_object("Option Ticker")
        self._market.refresh(np.array([row]), self._streamed())
        shown = chain_rows(self._market, np.array([row]))[0]
        return found(shown, delayed=self._plans.options.is_delayed)

    def contracts(self, call: Call) -> Answer:
        """A page of the contract listing; expired ones only when asked for."""
        query = self._read(call, _CONTRACTS)
        expired = as_bool(query.spoken.get("expired", "false"))
        if "as_of" in query.spoken:
            as_date(query.spoken["as_of"])
        offered = self._market.book.contracts["listed"]
        rows, cursor = self._catalogue.page(np.flatnonzero(offered != expired), query)
        return found([listing_row(self._market, int(row)) for row in rows], call.next_url(cursor))

    def contract(self, call: Call) -> Answer:
        """One contract of the listing."""
        return found(listing_row(self._market, self._row_of(call.parts["ticker"])))

    def indices(self, call: Call) -> Answer:
        """Index values."""
        known = {t: i for t, i in self._by_ticker.items() if i.profile.is_index}
        rows = {ticker: self._spot_row(instrument) for ticker, instrument in known.items()}
        return self._ticker_page(call, rows, delayed=self._plans.indices.is_delayed)

    def unified(self, call: Call) -> Answer:
        """Stocks, indices and options in one list; tickers of classes without a plan have a row that says so."""
        if not any(plan.gives("snapshots") for plan in self._plans.all()):
            raise not_entitled(self._switches)
        spoken = self._read(call, _TICKERS).spoken
        kind = spoken.get("type")
        rows = {
            t: row
            for t, row in self._unified_rows(_any_of(spoken)).items()
            if kind in (None, row.get("type", kind))
        }
        delayed = any(plan.is_delayed for plan in self._plans.all() if plan.gives("snapshots"))
        return self._ticker_page(call, rows, delayed=delayed)

    def summaries(self, call: Call) -> Answer:
        """The older form of the unified snapshot, of named tickers only."""
        rows = self._unified_rows(_any_of(call.parameters) or [])
        asked = _any_of(call.parameters) or []
        return found([_summary(rows.get(ticker, missing_row(ticker))) for ticker in asked])

    def stocks(self, call: Call) -> Answer:
        """Snapshots of several stocks; unknown ones are left out."""
        asked = [t for t in call.parameters.get("tickers", "").split(",") if t]
        return self._stock_list([row for row in self._stock_rows() if not asked or row["ticker"] in asked])

    def stock(self, call: Call) -> Answer:
        """The snapshot of one stock."""
        row = spot_rows.stock_row(self._stock_of(call.parts["ticker"]), self._plans.stocks)
        status = status_of(delayed=self._plans.stocks.is_delayed)
        return plain({"request_id": request_id(), "status": status, "ticker": row})

    def gainers(self, _call: Call) -> Answer:
        """Stocks above their last close, the furthest first."""
        rows = [row for row in self._stock_rows() if row["todaysChangePerc"] > 0]
        return self._stock_list(sorted(rows, key=_change, reverse=True)[:_MOST_MOVERS])

    def losers(self, _call: Call) -> Answer:
        """Stocks below their last close, the furthest first."""
        rows = [row for row in self._stock_rows() if row["todaysChangePerc"] < 0]
        return self._stock_list(sorted(rows, key=_change)[:_MOST_MOVERS])

    def _stock_rows(self) -> list[dict[str, Any]]:
        stocks = (i for i in self._by_ticker.values() if not i.profile.is_index)
        return [spot_rows.stock_row(instrument, self._plans.stocks) for instrument in stocks]

    def _stock_list(self, rows: list[dict[str, Any]]) -> Answer:
        status = status_of(delayed=self._plans.stocks.is_delayed)
        body = {"count": len(rows), "status": status, "request_id": request_id(), "tickers": rows}
        return plain(body)

    def _read(self, call: Call, shape: Shape) -> ListQuery:
        return read_query(call.parameters, shape, self._switches.page_rows)

    def _ticker_page(self, call: Call, rows: Mapping[str, dict[str, Any]], *, delayed: bool) -> Answer:
        query = self._read(call, _TICKERS)
        asked = _any_of(query.spoken)
        wanted = rows if asked is None else {t: rows.get(t, missing_row(t)) for t in asked}
        page, cursor = page_of(wanted.values(), query, "ticker")
        return found(page, call.next_url(cursor), delayed=delayed)

    def _unified_rows(self, asked: list[str] | None) -> dict[str, dict[str, Any]]:
        """Rows of everything but contracts, and of the contracts that are asked for."""
        rows = {ticker: self._spot_row(instrument) for ticker, instrument in self._by_ticker.items()}
        options = [t for t in asked or () if t in self._market.book.row_of]
        numbers = np.array([self._market.book.row_of[t] for t in options], np.int64)
        self._market.refresh(numbers, self._streamed())
        status = "open" if self._phase("options") == "open" else "closed"
        rows |= {t: unified_row(self._market, int(n), status) for t, n in zip(options, numbers, strict=True)}
        if asked is None:
            return {t: row for t, row in rows.items() if self._may_see(t)}
        return {t: row if self._may_see(t) else foreign_row(t) for t, row in rows.items()}

    def _may_see(self, ticker: str) -> bool:
        return self._plans.of(class_of(ticker)).gives("snapshots")

    def _spot_row(self, instrument: Instrument) -> dict[str, Any]:
        asset_class = instrument.profile.asset_class
        status, plan = self._phase(asset_class), self._plans.of(asset_class)
        if asset_class == "stocks":
            return spot_rows.unified_stock_row(instrument, status, plan)
        return spot_rows.index_row(instrument, "regular_trading" if status == "open" else status, plan)

    def _phase(self, asset_class: AssetClass) -> str:
        return phase(self._market.hours, self._market.now_ms + self._plans.shift_ms(asset_class))

    def _number_of(self, underlying: str) -> int | None:
        tickers = [instrument.profile.ticker for instrument in self._market.tape.instruments]
        if self._switches.bare_index == "accepted" and f"I:{underlying}" in tickers:
            underlying = f"I:{underlying}"
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


def _change(row: dict[str, Any]) -> float:
    return float(row["todaysChangePerc"])


def _summary(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the unified snapshot in its older form: a price on the row, the contract's details under another name."""
    if "error" in row:
        return row
    kept = {name: row[name] for name in ("market_status", "name", "session", "ticker", "type")}
    price = row.get("value", row["session"].get("price", row["session"].get("close")))
    named = kept | ({} if price is None else {"price": price})
    return named | {"options": row["details"]} if "details" in row else named
