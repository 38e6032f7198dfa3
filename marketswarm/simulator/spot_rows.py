"""Rows about underlyings: index and stock snapshots, the unified snapshot, last trades, bars of the day before."""

from typing import Any

from marketswarm.simulator.answers import decimal, number
from marketswarm.simulator.plans import Plan
from marketswarm.simulator.tape import STOCK_ASK_EXCHANGE, STOCK_BID_EXCHANGE, Bar, Instrument

Row = dict[str, Any]

_NS = 1_000_000
_TAPE = 1


def index_row(instrument: Instrument, status: str, plan: Plan) -> Row:
    """One row of the indices snapshot."""
    return {
        "last_updated": instrument.value_ms * _NS,
        "market_status": status,
        "name": instrument.profile.name,
        "session": _session(instrument),
        "ticker": instrument.profile.ticker,
        "timeframe": plan.timeframe,
        "type": "indices",
        "value": number(instrument.value),
    }


def unified_stock_row(instrument: Instrument, status: str, plan: Plan) -> Row:
    """A stock or fund in the unified snapshot."""
    minute = instrument.minute
    change = number(instrument.value - instrument.previous.close)
    row: Row = {
        "last_minute": {
            "close": number(minute.close),
            "high": number(minute.high),
            "low": number(minute.low),
            "open": number(minute.open),
            "transactions": minute.trades,
            "volume": minute.volume,
            "vwap": number(round(minute.vwap, 4)),
        },
        "market_status": status,
        "name": instrument.profile.name,
        "session": _session(instrument)
        | {
            "price": number(instrument.value),
            "regular_trading_change": change,
            "volume": instrument.day.volume,
        },
        "ticker": instrument.profile.ticker,
        "type": "stocks",
    }
    if plan.gives("quotes"):
        row["last_quote"] = _unified_quote(instrument, plan.timeframe)
    if plan.gives("trades"):
        row["last_trade"] = _unified_trade(instrument, plan.timeframe)
    if plan.gives("fmv"):
        row |= {"fmv": fair_value(instrument), "fmv_last_updated": instrument.quote_ms * _NS}
    return row


def stock_row(instrument: Instrument, plan: Plan) -> Row:
    """The body of the stocks snapshot; prices of the day, the minute and the day before under one-letter names."""
    minute, previous = instrument.minute, instrument.previous.close
    change = instrument.value - previous
    row: Row = {
        "day": _bar(instrument.day) | {"dv": decimal(instrument.day.volume)},
        "min": _bar(minute) | _running(instrument),
        "prevDay": _bar(instrument.previous),
        "ticker": instrument.profile.ticker,
        "todaysChange": number(change),
        "todaysChangePerc": number(round(change / previous * 100, 3)),
        "updated": max(instrument.value_ms, instrument.quote_ms) * _NS,
    }
    if plan.gives("quotes"):
        row["lastQuote"] = _short_quote(instrument)
    if plan.gives("trades"):
        row["lastTrade"] = _short_trade(instrument)
    if plan.gives("fmv"):
        row["fmv"] = fair_value(instrument)
    return row


def fair_value(instrument: Instrument) -> float:
    """What business plans get in place of a quote: the middle of it."""
    return number(round((instrument.bid + instrument.ask) / 2, 3))


def last_quote(instrument: Instrument) -> Row:
    """The last quote of a stock or fund; capitals are the ask."""
    when = instrument.quote_ms * _NS
    exchanges = {"X": STOCK_ASK_EXCHANGE, "x": STOCK_BID_EXCHANGE}
    places = {"T": instrument.profile.ticker, "q": instrument.sequence, "y": when, "z": _TAPE}
    return _short_quote(instrument) | exchanges | places


def previous_bar(instrument: Instrument, day_start_ms: int) -> Row:
    """The bar of the day before; an index has no volume."""
    bar = {"T": instrument.profile.ticker, **_bar(instrument.previous), "t": day_start_ms}
    if instrument.profile.is_index:
        del bar["v"], bar["vw"]
    return bar


def last_trade(instrument: Instrument) -> Row:
    """The last trade of a stock or fund."""
    places = {"T": instrument.profile.ticker, "q": instrument.sequence, "z": _TAPE}
    return _short_trade(instrument) | places | {"y": instrument.value_ms * _NS}


def _running(instrument: Instrument) -> Row:
    """What a minute has beside its prices: the day's volume so far among them."""
    minute, volume = instrument.minute, instrument.day.volume
    decimals = {"dav": decimal(volume), "dv": decimal(minute.volume)}
    return {"av": volume, "n": minute.trades, "t": minute.start_ms} | decimals


def _short_quote(instrument: Instrument) -> Row:
    return {
        "P": number(instrument.ask),
        "S": instrument.ask_size,
        "p": number(instrument.bid),
        "s": instrument.bid_size,
        "t": instrument.quote_ms * _NS,
    }


def _short_trade(instrument: Instrument) -> Row:
    return {
        "c": [],
        "ds": decimal(instrument.trade_size),
        "i": str(instrument.trade_number),
        "p": number(instrument.value),
        "s": instrument.trade_size,
        "t": instrument.value_ms * _NS,
        "x": instrument.trade_exchange,
    }


def _unified_quote(instrument: Instrument, timeframe: str) -> Row:
    return {
        "ask": number(instrument.ask),
        "ask_size": instrument.ask_size,
        "bid": number(instrument.bid),
        "bid_size": instrument.bid_size,
        "last_updated": instrument.quote_ms * _NS,
        "midpoint": number((instrument.bid + instrument.ask) / 2),
        "timeframe": timeframe,
    }


def _unified_trade(instrument: Instrument, timeframe: str) -> Row:
    return {
        "exchange": instrument.trade_exchange,
        "id": str(instrument.trade_number),
        "last_updated": instrument.value_ms * _NS,
        "price": number(instrument.value),
        "size": instrument.trade_size,
        "timeframe": timeframe,
    }


def _session(instrument: Instrument) -> Row:
    day, previous = instrument.day, instrument.previous.close
    return {
        "change": number(instrument.value - previous),
        "change_percent": number(round((instrument.value / previous - 1) * 100, 3)),
        "close": number(instrument.value),
        "high": number(day.high),
        "low": number(day.low),
        "open": number(day.open),
        "previous_close": number(previous),
    }


def _bar(bar: Bar) -> Row:
    return {
        "o": number(bar.open),
        "h": number(bar.high),
        "l": number(bar.low),
        "c": number(bar.close),
        "v": bar.volume,
        "vw": number(round(bar.vwap, 4)),
    }
