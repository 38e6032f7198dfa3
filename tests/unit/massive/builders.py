"""What the tests of the provider's edge are made of, each with sound defaults."""

import json
from datetime import date
from typing import Any

from msgspec import Raw

from marketswarm.massive.eligibility import Universe
from marketswarm.model.chain import ChainId

TODAY = date(2026, 11, 20)
EXPIRATION = date(2026, 11, 23)
QUOTE_NS = 1_795_449_600_123_456_789
QUOTE_MS = 1_795_449_600_123


def quote_event(**fields: Any) -> dict:
    """A `Q` event."""
    event = {"ev": "Q", "sym": "O:SPXW261123C06800000", "bx": 302, "ax": 302, "bp": 1.6, "ap": 1.65}
    return event | {"bs": 123, "as": 37, "t": QUOTE_MS, "q": 844090872} | fields


def trade_event(**fields: Any) -> dict:
    """A `T` event."""
    event = {"ev": "T", "sym": "O:SPXW261123C06800000", "x": 302, "p": 1.65, "s": 2, "c": [209]}
    return event | {"t": QUOTE_MS, "q": 651921857} | fields


def bar_event(**fields: Any) -> dict:
    """An `A` event."""
    event = {"ev": "A", "sym": "O:SPXW261123C06800000", "v": 2, "av": 8, "op": 2.2, "vw": 2.05, "o": 2.05}
    event |= {"c": 2.06, "h": 2.1, "l": 2.0, "a": 2.1312, "z": 1.5, "s": QUOTE_MS, "e": QUOTE_MS + 1000}
    return event | fields


def status_event(status: str, message: str = "") -> dict:
    """A `status` event."""
    return {"ev": "status", "status": status, "message": message}


def frame(*events: Any) -> bytes:
    """A WebSocket frame of events."""
    return json.dumps(events).encode()


def chain_row(ticker: str = "O:SPXW261123C06800000", **changes: Any) -> dict:
    """A row of the chain snapshot that fits its ticker, after the vendor's published index row."""
    row = {
        "day": {
            "change": 0.35,
            "change_percent": 25.926,
            "close": 1.7,
            "high": 3.5,
            "last_updated": 1_795_410_000_000_000_000,
            "low": 1.35,
            "open": 3.3,
            "previous_close": 1.35,
            "volume": 41840,
            "vwap": 2.5245,
        },
        "details": {
            "contract_type": "call" if ticker[-9] == "C" else "put",
            "exercise_style": "european",
            "expiration_date": f"20{ticker[-15:-13]}-{ticker[-13:-11]}-{ticker[-11:-9]}",
            "shares_per_contract": 100,
            "strike_price": int(ticker[-8:]) / 1000,
            "ticker": ticker,
        },
        "greeks": {"delta": 0.1747, "gamma": 0.0152, "theta": -5.99, "vega": 0.386},
        "implied_volatility": 0.1186,
        "last_quote": {"ask": 1.65, "ask_size": 37, "bid": 1.6, "bid_size": 123, "last_updated": QUOTE_NS},
        "last_trade": {
            "sip_timestamp": QUOTE_NS - 10**9,
            "conditions": [209],
            "price": 1.65,
            "size": 1,
            "exchange": 302,
        },
        "open_interest": 4501,
        "underlying_asset": {"last_updated": QUOTE_NS, "value": 6795.5, "ticker": "I:SPX"},
    }
    return row | changes


def without(row: dict, *names: str) -> dict:
    """The row without some members."""
    return {name: value for name, value in row.items() if name not in names}


def raw(value: Any) -> Raw:
    """A value as one undecoded element."""
    return Raw(value if isinstance(value, bytes) else json.dumps(value).encode())


def universe(
    symbol: str = "SPX", expiration: date = EXPIRATION, am_has_stopped: bool = False, *, is_index: bool = True
) -> Universe:
    """Which chain contracts are wanted for."""
    return Universe(ChainId(symbol, expiration), is_index, am_has_stopped)
