"""Routes about bars: ranges, the day before, a day's open and close, and indicators over bars."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from marketswarm.simulator import indicators
from marketswarm.simulator.answers import (
    Answer,
    bad_query,
    found,
    no_such_object,
    not_in_timeframe,
    number,
    plain,
    request_id,
    status_of,
)
from marketswarm.simulator.chart import TIMESPANS, bars_of
from marketswarm.simulator.hours import midnight_ms
from marketswarm.simulator.market import Market
from marketswarm.simulator.plans import class_of
from marketswarm.simulator.query import ListQuery, Shape, as_bool, as_moment, as_one_of, read_query
from marketswarm.simulator.routing import Call, Route
from marketswarm.simulator.tape import Bar

_NS = 1_000_000
_RANGE = Shape("AggsQueryParam", {}, ("asc", "desc"), 50_000, usual=5000)
_INDICATOR = Shape("IndicatorQueryParam", {"timestamp": as_moment}, ("timestamp",), 5000, order="desc")
_PRICES = ("close", "open", "high", "low")
_LONGEST_WINDOW = 5000


class BarApi:
    """Answers from the ledger's trades and minutes, and from the bars of today and the day before."""

    def __init__(self, market: Market) -> None:
        self._market = market

    def routes(self) -> dict[str, Route]:
        """Path pattern → route."""
        bars = "/v2/aggs/ticker/{ticker}"
        return {
            bars + "/range/{multiplier}/{timespan}/{from}/{to}": Route(self.range, "bars", "ticker"),
            bars + "/prev": Route(self.previous_bar, "bars", "ticker"),
            "/v1/open-close/{ticker}/{date}": Route(self.open_close, "bars", "ticker"),
            "/v1/indicators/{indicator}/{ticker}": Route(self.indicator, "bars", "ticker"),
        }

    def range(self, call: Call) -> Answer:
        """Bars from one moment to another, both included; a day as the end is that whole day."""
        query = read_query(call.parameters, _RANGE, self._market.terms.switches.page_rows)
        adjusted = as_bool(query.spoken.get("adjusted", "true"))
        start_ms, end_ms = _moment_ms(call.parts["from"]), _moment_ms(call.parts["to"], whole_day=True)
        if end_ms < start_ms:
            raise bad_query("The parameter 'to' cannot be a time that occurs before 'from'")
        self._check_timeframe(call, end_ms)
        ticker = call.parts["ticker"]
        bars = bars_of(self._market, ticker, _multiplier(call.parts["multiplier"]), _timespan(call))
        descending = query.sort == "desc"
        kept = [bar for bar in bars if start_ms <= bar.start_ms <= end_ms]
        kept = kept[::-1] if descending else kept
        if query.after is not None:
            after_ms, _ = query.after_numbers()
            kept = [
                bar for bar in kept if (bar.start_ms < after_ms if descending else bar.start_ms > after_ms)
            ]
        page = kept[: query.page]
        body = self._envelope(ticker, [bar_row(bar, ticker) for bar in page], adjusted=adjusted)
        if len(page) < len(kept):
            last = str(page[-1].start_ms)
            body["next_url"] = call.next_url(query.cursor(last, last))
        return plain(body)

    def previous_bar(self, call: Call) -> Answer:
        """The bar of the day before."""
        ticker = call.parts["ticker"]
        today_ms = midnight_ms(self._market.hours.trading_day(self._market.now_ms))
        before = [bar for bar in bars_of(self._market, ticker, 1, "day") if bar.start_ms < today_ms]
        rows = [{"T": ticker, **bar_row(bar, ticker)} for bar in before[-1:]]
        adjusted = as_bool(call.parameters.get("adjusted", "true"))
        return plain(self._envelope(ticker, rows, adjusted=adjusted))

    def open_close(self, call: Call) -> Answer:
        """One day's open, high, low and close."""
        start_ms = midnight_ms(_day(call.parts["date"]))
        self._check_timeframe(call, start_ms)
        ticker = call.parts["ticker"]
        days = {bar.start_ms: bar for bar in bars_of(self._market, ticker, 1, "day")}
        if start_ms not in days:
            raise no_such_object("Data")
        bar = days[start_ms]
        prices = {name: number(getattr(bar, name)) for name in ("open", "high", "low", "close")}
        hours = {"afterHours": number(bar.close), "preMarket": number(bar.open)}
        traded = {} if class_of(ticker) == "indices" else {"volume": bar.volume}
        named = {"status": self._status(ticker), "from": call.parts["date"], "symbol": ticker}
        return plain(named | prices | hours | traded | {"request_id": request_id()})

    def indicator(self, call: Call) -> Answer:
        """`sma`, `ema`, `rsi` or `macd` over a ticker's bars, the newest first."""
        name, ticker = call.parts["indicator"], call.parts["ticker"]
        query = read_query(call.parameters, _INDICATOR, self._market.terms.switches.page_rows)
        price = as_one_of("IndicatorQueryParam.SeriesType", *_PRICES)(
            query.spoken.get("series_type", "close")
        )
        timespan = as_one_of("IndicatorQueryParam.Timespan", *TIMESPANS)(query.spoken.get("timespan", "day"))
        bars = bars_of(self._market, ticker, 1, timespan)
        rows = _indicator_rows(name, bars, [getattr(bar, price) for bar in bars], query)
        rows = [row for row in rows if _within(row["timestamp"], query)]
        rows = rows[::-1] if query.descending else rows
        underlying: dict[str, Any] = {"url": _bars_url(call, ticker, timespan, bars)}
        if as_bool(query.spoken.get("expand_underlying", "false")):
            underlying["aggregates"] = [bar_row(bar, ticker) for bar in bars]
        results = {"underlying": underlying, "values": rows[: query.page]}
        return found(results, delayed=self._market.terms.plans.of(class_of(ticker)).is_delayed)

    def _check_timeframe(self, call: Call, until_ms: int) -> None:
        """A free plan ends with the day before."""
        plan = self._market.terms.plans.of(class_of(call.parts["ticker"]))
        today_ms = midnight_ms(self._market.hours.trading_day(self._market.now_ms))
        if not plan.gives("snapshots") and until_ms >= today_ms:
            raise not_in_timeframe(self._market.terms.switches)

    def _envelope(self, ticker: str, rows: Sequence[Any], *, adjusted: bool) -> dict[str, Any]:
        """The envelope of bars, which has no `results` where there are none."""
        counts = {"queryCount": len(rows), "resultsCount": len(rows), "adjusted": adjusted}
        filled = {"results": list(rows), "count": len(rows)} if rows else {}
        named = {"status": self._status(ticker), "request_id": request_id()}
        return {"ticker": ticker} | counts | filled | named

    def _status(self, ticker: str) -> str:
        return status_of(delayed=self._market.terms.plans.of(class_of(ticker)).is_delayed)


def bar_row(bar: Bar, ticker: str) -> dict[str, Any]:
    """One bar; an index has no volume."""
    prices = {"o": bar.open, "h": bar.high, "l": bar.low, "c": bar.close}
    row: dict[str, Any] = {name: number(price) for name, price in prices.items()} | {"t": bar.start_ms}
    if class_of(ticker) == "indices":
        return row
    return row | {"v": bar.volume, "vw": number(round(bar.vwap, 4)), "n": bar.trades}


def _indicator_rows(
    name: str, bars: list[Bar], prices: list[float], query: ListQuery
) -> list[dict[str, Any]]:
    simple: dict[str, tuple[Callable[[Sequence[float], int], list[float]], int]] = {
        "sma": (indicators.sma, 50),
        "ema": (indicators.ema, 50),
        "rsi": (indicators.rsi, 14),
    }
    if name in simple:
        compute, usual = simple[name]
        figures = [{"value": number(value)} for value in compute(prices, _window(query, "window", usual))]
    elif name == "macd":
        short, long = _window(query, "short_window", 12), _window(query, "long_window", 26)
        found_ = indicators.macd(prices, short, long, _window(query, "signal_window", 9))
        names = ("value", "signal", "histogram")
        figures = [dict(zip(names, map(number, each), strict=True)) for each in found_]
    else:
        raise no_such_object("Data")
    recent = bars[len(bars) - len(figures) :]
    return [{"timestamp": bar.start_ms} | figure for bar, figure in zip(recent, figures, strict=True)]


def _within(timestamp_ms: int, query: ListQuery) -> bool:
    tests = {"eq": int.__eq__, "gte": int.__ge__, "gt": int.__gt__, "lte": int.__le__, "lt": int.__lt__}
    return all(tests[one.operator](timestamp_ms * _NS, int(one.value)) for one in query.filters)


def _bars_url(call: Call, ticker: str, timespan: str, bars: list[Bar]) -> str:
    first, last = (bars[0].start_ms, bars[-1].start_ms) if bars else (0, 0)
    return f"{call.base}/v2/aggs/ticker/{ticker}/range/1/{timespan}/{first}/{last}"


def _window(query: ListQuery, name: str, usual: int) -> int:
    text = query.spoken.get(name, str(usual))
    if not text.isdecimal() or not 1 <= int(text) <= _LONGEST_WINDOW:
        raise bad_query(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    return int(text)


def _multiplier(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise bad_query(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    return int(text)


def _timespan(call: Call) -> str:
    return as_one_of("AggsPathParam.Timespan", *TIMESPANS)(call.parts["timespan"])


def _moment_ms(text: str, *, whole_day: bool = False) -> int:
    if text.isdecimal():
        return int(text)
    return midnight_ms(_day(text) + timedelta(days=1)) - 1 if whole_day else midnight_ms(_day(text))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise bad_query(f'parsing time "{text}" as "2006-01-02": cannot parse') from None
