"""Routes about single quotes and trades: those the ledger still holds, and the last of each."""

from typing import Any

from marketswarm.maths.calendar import new_york_day
from marketswarm.simulator import spot_rows
from marketswarm.simulator.answers import Answer, found, no_such_object, number
from marketswarm.simulator.hours import midnight_ms
from marketswarm.simulator.ledger import History, Record
from marketswarm.simulator.market import Market
from marketswarm.simulator.plans import class_of
from marketswarm.simulator.query import ListQuery, Shape, as_moment, read_query
from marketswarm.simulator.routing import Call, Route
from marketswarm.simulator.tape import Instrument

_NS = 1_000_000
_TAPE = 1
_DAY_LETTERS = len("2006-01-02")
_QUOTES = Shape("QuotesQueryParam", {"timestamp": as_moment}, ("timestamp",), 50_000, order="desc")
_TRADES = Shape("TradesQueryParam", {"timestamp": as_moment}, ("timestamp",), 50_000, order="desc")


class TickApi:
    """Answers from the ledger and the tape. A ticker that is not known has no rows."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._numbers = {profile.ticker: number for number, profile in enumerate(market.profiles)}

    def routes(self) -> dict[str, Route]:
        """Path pattern → route."""
        return {
            "/v3/quotes/{ticker}": Route(self.quotes, "quotes", "ticker"),
            "/v3/trades/{ticker}": Route(self.trades, "trades", "ticker"),
            "/v2/last/nbbo/{ticker}": Route(self.last_quote, "quotes", "ticker"),
            "/v2/last/trade/{ticker}": Route(self.last_trade, "trades", "ticker"),
        }

    def quotes(self, call: Call) -> Answer:
        """A page of quotes, the newest first."""
        query = read_query(call.parameters, _QUOTES, self._market.terms.switches.page_rows)
        history, number_ = self._place_of(call.parts["ticker"])
        page, cursor = page_of(history.quotes.of(number_), query)
        return self._found(call, [quote_row(record) for record in page], cursor)

    def trades(self, call: Call) -> Answer:
        """A page of trades, the newest first; an index has values and no trades."""
        query = read_query(call.parameters, _TRADES, self._market.terms.switches.page_rows)
        ticker = call.parts["ticker"]
        history, number_ = self._place_of(ticker)
        records = history.trades.of(number_)
        page, cursor = page_of(records[records["size"] > 0], query)
        spell = option_trade_row if class_of(ticker) == "options" else stock_trade_row
        return self._found(call, [spell(record) for record in page], cursor)

    def last_quote(self, call: Call) -> Answer:
        """The last quote of a stock or fund."""
        row = spot_rows.last_quote(self._stock_of(call.parts["ticker"]))
        return found(row, delayed=self._is_delayed(call.parts["ticker"]))

    def last_trade(self, call: Call) -> Answer:
        """The last trade of a stock, fund or option; an index has none."""
        ticker = call.parts["ticker"]
        delayed = self._is_delayed(ticker)
        if ticker not in self._market.book.row_of:
            return found(spot_rows.last_trade(self._stock_of(ticker)), delayed=delayed)
        record = self._market.book.contracts[self._market.book.row_of[ticker]]
        if record["trade_ms"] == 0:
            raise no_such_object("Data")
        trade_ns = int(record["trade_ms"]) * _NS
        trade = {"T": ticker, "c": [int(record["trade_condition"])], "p": float(record["trade_price"])}
        place = {
            "q": int(record["sequence"]),
            "s": int(record["trade_size"]),
            "x": int(record["trade_exchange"]),
        }
        return found(trade | place | {"t": trade_ns, "y": trade_ns}, delayed=delayed)

    def _place_of(self, ticker: str) -> tuple[History, int]:
        ledger, rows = self._market.ledger, self._market.book.row_of
        if ticker in rows:
            return ledger.options, rows[ticker]
        return ledger.spots, self._numbers.get(ticker, -1)

    def _stock_of(self, ticker: str) -> Instrument:
        if class_of(ticker) != "stocks" or ticker not in self._numbers:
            raise no_such_object("Ticker")
        return self._market.tape.instruments[self._numbers[ticker]]

    def _found(self, call: Call, rows: list[dict[str, Any]], cursor: str | None) -> Answer:
        return found(rows, call.next_url(cursor), delayed=self._is_delayed(call.parts["ticker"]))

    def _is_delayed(self, ticker: str) -> bool:
        return self._market.terms.plans.of(class_of(ticker)).is_delayed


def page_of(records: Record, query: ListQuery) -> tuple[Record, str | None]:
    """One page of ticks in the query's order, and the cursor of the next page if there is one."""
    for one in query.filters:
        records = records[_passing(records["ms"] * _NS, one.operator, int(one.value), query)]
    ordered = records[::-1] if query.descending else records
    if query.after is not None:
        ordered = ordered[_behind(ordered, query)]
    page = ordered[: query.page]
    if len(page) == len(ordered):
        return page, None
    last = page[-1]
    return page, query.cursor(str(int(last["ms"]) * _NS), str(int(last["sequence"])))


def quote_row(record: Any) -> dict[str, Any]:
    """One quote."""
    return {
        "ask_exchange": int(record["ask_exchange"]),
        "ask_price": number(float(record["ask"])),
        "ask_size": int(record["ask_size"]),
        "bid_exchange": int(record["bid_exchange"]),
        "bid_price": number(float(record["bid"])),
        "bid_size": int(record["bid_size"]),
        "sequence_number": int(record["sequence"]),
        "sip_timestamp": int(record["ms"]) * _NS,
    }


def option_trade_row(record: Any) -> dict[str, Any]:
    """One trade of a contract: no id."""
    return {
        "conditions": [int(record["condition"])],
        "exchange": int(record["exchange"]),
        "participant_timestamp": int(record["ms"]) * _NS,
        "price": number(float(record["price"])),
        "sequence_number": int(record["sequence"]),
        "sip_timestamp": int(record["ms"]) * _NS,
        "size": int(record["size"]),
    }


def stock_trade_row(record: Any) -> dict[str, Any]:
    """One trade of a stock or fund: no condition."""
    row = option_trade_row(record) | {"id": str(int(record["number"])), "tape": _TAPE}
    del row["conditions"]
    return row


def _passing(stamps: Any, operator: str, wanted: int, query: ListQuery) -> Any:
    if operator == "eq":
        # A bare day means all of it.
        text = query.spoken["timestamp"]
        is_day = not text.isdecimal() and len(text) == _DAY_LETTERS
        return (stamps >= wanted) & (stamps < _day_after(wanted)) if is_day else stamps == wanted
    tests = {"gte": stamps >= wanted, "gt": stamps > wanted, "lte": stamps <= wanted, "lt": stamps < wanted}
    return tests[operator]


def _day_after(midnight_ns: int) -> int:
    return midnight_ms(new_york_day(midnight_ns // _NS + 26 * 3_600_000)) * _NS


def _behind(records: Record, query: ListQuery) -> Any:
    stamp, sequence = query.after_numbers()
    ms = stamp // _NS
    same = records["ms"] == ms
    if query.descending:
        return (records["ms"] < ms) | (same & (records["sequence"] < sequence))
    return (records["ms"] > ms) | (same & (records["sequence"] > sequence))
