"""Rows about options: of the chain snapshot, of the contract listing, of the unified snapshot."""

from typing import Any

import numpy as np

from marketswarm.simulator import interest
from marketswarm.simulator.answers import decimal, number
from marketswarm.simulator.book import Rows
from marketswarm.simulator.hours import midnight_ms
from marketswarm.simulator.market import Market
from marketswarm.simulator.universe import STANDARD_SHARES, Series

Row = dict[str, Any]

_NS = 1_000_000


def chain_rows(market: Market, rows: Rows) -> list[Row]:
    """Rows of the chain snapshot, in the given order."""
    if not len(rows):
        return []
    records = market.book.contracts[rows]
    greeks = _greeks(market, rows)
    day_ns = midnight_ms(market.hours.trading_day(market.now_ms)) * _NS
    return [
        _chain_row(market, int(row), record, solved, day_ns)
        for row, record, solved in zip(rows, records, greeks, strict=True)
    ]


def listing_row(market: Market, row: int) -> Row:
    """One row of the contract listing, keys in the vendor's order."""
    record, series = market.book.contracts[row], market.book.series_of(row)
    right, exercise = ("C" if record["call"] else "P"), ("E" if series.profile.is_index else "A")
    in_cash, switches = series.profile.is_index, market.terms.switches
    kind = "IC" if in_cash and switches.index_cfi == "index" else "SP"
    listed = {
        "cfi": f"O{right}{exercise}{kind}S",
        **_details(series, record),
        "primary_exchange": switches.index_exchange if in_cash else "BATO",
        "shares_per_contract": series.shares,
        "strike_price": number(float(record["strike"])),
        "ticker": market.book.tickers[row],
        "underlying_ticker": series.profile.symbol,
    }
    if series.shares != STANDARD_SHARES:
        cash = {"amount": 12.5, "type": "currency", "underlying": "USD"}
        listed["additional_underlyings"] = [cash]
    return listed


def unified_row(market: Market, row: int, status: str) -> Row:
    """One option in the unified snapshot."""
    chain = chain_rows(market, np.array([row]))[0]
    series, record = market.book.series_of(row), market.book.contracts[row]
    day = chain.pop("day")
    details = {name: value for name, value in chain.pop("details").items() if name != "ticker"}
    strike = number(float(record["strike"]))
    return {
        "ticker": market.book.tickers[row],
        "type": "options",
        "name": f"{series.profile.symbol} ${strike} {'Call' if record['call'] else 'Put'}",
        "market_status": status,
        "details": details | {"underlying_ticker": series.profile.symbol},
        "session": _session(day),
        **chain,
    }


def fair_value(record: Any) -> float:
    """What business plans get in place of a quote: the middle of it, to the cent."""
    return number(round(float(record["bid"] + record["ask"]) / 2, 2))


def day_bar(record: Any, day_ns: int) -> Row:
    """The `day` object; empty where nothing traded."""
    if record["volume"] == 0:
        return {}
    close, previous = float(record["close"]), float(record["previous_close"])
    return {
        "change": number(close - previous),
        "change_percent": number(round((close / previous - 1) * 100, 3)),
        "close": number(close),
        "high": number(float(record["high"])),
        "last_updated": day_ns,
        "low": number(float(record["low"])),
        "open": number(float(record["open"])),
        "previous_close": number(previous),
        "volume": int(record["volume"]),
        "vwap": number(round(float(record["turnover"] / record["volume"]), 4)),
    }


def _chain_row(market: Market, row: int, record: Any, solved: Row, day_ns: int) -> Row:
    series, plan = market.book.series_of(row), market.terms.plans.options
    shown: Row = {
        "day": day_bar(record, day_ns),
        "details": _details(series, record)
        | {
            "shares_per_contract": series.shares,
            "strike_price": number(float(record["strike"])),
            "ticker": market.book.tickers[row],
        },
        **solved,
        "open_interest": int(record["open_interest"]),
        "underlying_asset": _underlying(market, record),
    }
    if plan.gives("quotes"):
        shown["last_quote"] = _last_quote(record, plan.timeframe)
    if plan.gives("trades") and record["trade_ms"] > 0:
        shown["last_trade"] = _last_trade(record, plan.timeframe)
    if plan.gives("fmv"):
        shown |= {"fmv": fair_value(record), "fmv_last_updated": int(record["quote_ms"]) * _NS}
    if not series.profile.is_index:
        _add_break_even(shown, record)
    return shown


def _details(series: Series, record: Any) -> Row:
    return {
        "contract_type": "call" if record["call"] else "put",
        "exercise_style": series.profile.style,
        "expiration_date": series.expiration.isoformat(),
    }


def _last_quote(record: Any, timeframe: str) -> Row:
    bid, ask = float(record["bid"]), float(record["ask"])
    return {
        "ask": number(ask),
        "ask_exchange": int(record["ask_exchange"]),
        "ask_size": int(record["ask_size"]),
        "bid": number(bid),
        "bid_exchange": int(record["bid_exchange"]),
        "bid_size": int(record["bid_size"]),
        "last_updated": int(record["quote_ms"]) * _NS,
        "midpoint": number((bid + ask) / 2),
        "timeframe": timeframe,
    }


def _last_trade(record: Any, timeframe: str) -> Row:
    return {
        "conditions": [int(record["trade_condition"])],
        "decimal_size": decimal(int(record["trade_size"])),
        "exchange": int(record["trade_exchange"]),
        "price": number(float(record["trade_price"])),
        "sip_timestamp": int(record["trade_ms"]) * _NS,
        "size": int(record["trade_size"]),
        "timeframe": timeframe,
    }


def _underlying(market: Market, record: Any) -> Row:
    instrument = market.tape.instruments[record["symbol"]]
    plan = market.terms.plans.of(instrument.profile.asset_class)
    if not plan.gives("snapshots"):
        return {"ticker": instrument.profile.ticker}
    return {
        "last_updated": instrument.value_ms * _NS,
        "value" if instrument.profile.is_index else "price": number(instrument.value),
        "ticker": instrument.profile.ticker,
        "timeframe": plan.timeframe,
    }


def _add_break_even(shown: Row, record: Any) -> None:
    premium = float(record["bid"] + record["ask"]) / 2
    break_even = float(record["strike"]) + (premium if record["call"] else -premium)
    shown["break_even_price"] = number(break_even)
    asset = shown["underlying_asset"]
    if "price" in asset:
        asset["change_to_break_even"] = number(break_even - asset["price"])


def _greeks(market: Market, rows: Rows) -> list[Row]:
    """`greeks` and `implied_volatility` of each row; empty and absent where the vendor would not solve them."""
    book, found = market.book, market.sensitivities(rows)
    records = book.contracts[rows]
    today = market.hours.trading_day(market.now_ms)
    last_day = [book.series[n].expiration == today for n in records["series"]]
    switches = market.terms.switches
    unlucky = interest.draw(records["code"], today.toordinal(), 5) < switches.unsolved_today
    parts = zip(found.volatility, found.delta, found.gamma, found.theta, found.vega, strict=True)
    solved = [[float(part) for part in each] for each in parts]
    return [
        {"greeks": {}}
        if abs(values[1]) > switches.deep_delta or (last and bad)
        else {
            "greeks": dict(zip(("delta", "gamma", "theta", "vega"), values[1:], strict=True)),
            "implied_volatility": values[0],
        }
        for values, last, bad in zip(solved, last_day, unlucky, strict=True)
    ]


def _session(day: Row) -> Row:
    return {name: value for name, value in day.items() if name not in ("last_updated", "vwap")}
