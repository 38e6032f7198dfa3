"""Bodies as the vendor publishes or sends them: what lies beside the checkout, and a few of our own text with the same facts.

The collection is not part of this repository. It is looked for at `../shared/data/massive` from the root, and one folder
further up; where it is absent, the few of our own stand alone.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

# The facts of the published samples that decoders trip over, each in a row of our own making.
_DAY = {"close": 2, "high": 4, "last_updated": 1_700_000_000_000_000_000, "low": 1, "open": 3, "volume": 12}
OWN: dict[str, Any] = {
    "own/index-row": {
        "results": [
            {
                "day": {**_DAY, "change": 0.5, "change_percent": 33.3, "previous_close": 1.5, "vwap": 2.25},
                "details": {
                    "contract_type": "call",
                    "exercise_style": "european",
                    "expiration_date": "2026-11-23",
                    "shares_per_contract": 100,
                    "strike_price": 6800,
                    "ticker": "O:SPXW261123C06800000",
                },
                "greeks": {"delta": 0.2, "gamma": 0.01, "theta": -6.5, "vega": 0.4},
                "implied_volatility": 0.12,
                "last_quote": {
                    "ask": 2,
                    "ask_size": 30,
                    "bid": 1.9,
                    "bid_size": 120,
                    "last_updated": 1_795_449_600_123_456_800,
                    "midpoint": 1.95,
                    "timeframe": "REAL-TIME",
                },
                "open_interest": 4000,
                "underlying_asset": {
                    "last_updated": 1_787_000_000_000_000_000,
                    "ticker": "I:SPX",
                    "timeframe": "REAL-TIME",
                    "value": 6783.25,
                },
            }
        ],
        "status": "OK",
    },
    "own/no-greeks-no-quote": {
        "break_even_price": 440.5,
        "day": {},
        "details": {
            "contract_type": "call",
            "exercise_style": "american",
            "expiration_date": "2026-11-27",
            "shares_per_contract": 100,
            "strike_price": 50,
            "ticker": "O:TSLA261127C00050000",
        },
        "fmv": 390.5,
        "fmv_last_updated": 1_795_449_600_000_000_000,
        "greeks": {},
        "open_interest": 1,
        "underlying_asset": {"price": 440.125, "ticker": "TSLA", "timeframe": "DELAYED"},
    },
    "own/nine-strike-digits": {
        "details": {
            "contract_type": "call",
            "exercise_style": "american",
            "expiration_date": "2026-11-27",
            "shares_per_contract": 100,
            "strike_price": 150,
            "ticker": "O:AAPL261120C000150000",
        },
        "greeks": {"delta": 1, "gamma": 0, "theta": 0.002, "vega": 0},
        "implied_volatility": 5,
    },
    "own/spots": {
        "results": [
            {
                "ticker": "I:SPX",
                "type": "indices",
                "value": 6783.25,
                "last_updated": 1_795_449_600_000_000_000,
            },
            {"error": "NOT_FOUND", "message": "Ticker not found.", "ticker": "APx"},
            {"error": "NOT_ENTITLED", "message": "Not entitled to this ticker.", "ticker": "APy"},
        ]
    },
    "own/listing": {
        "results": [
            {
                "cfi": "OCASPS",
                "contract_type": "call",
                "exercise_style": "american",
                "expiration_date": "2026-11-20",
                "primary_exchange": "BATO",
                "shares_per_contract": shares,
                "strike_price": 87.5,
                "ticker": "O:AAPL261120C00087500",
                "underlying_ticker": "AAPL",
            }
            for shares in (100, 10)
        ],
        "status": "OK",
    },
    "own/stock": {
        "status": "OK",
        "ticker": {
            "day": {"c": 0, "h": 0, "l": 0, "o": 0, "v": 0, "vw": 0},
            "lastQuote": {"P": 120.5, "S": 4, "p": 120.25, "s": 8, "t": 1_795_449_600_000_000_000},
            "lastTrade": {
                "c": None,
                "i": "40",
                "p": 120.375,
                "s": 236,
                "t": 1_795_449_600_000_000_000,
                "x": 10,
            },
            "prevDay": {"c": 119.5, "h": 119.75, "l": 116.5, "o": 117.25, "v": 110, "vw": 118.5},
            "ticker": "AAPL",
        },
    },
    "own/frame": [
        {"ev": "status", "status": "connected", "message": "Connected Successfully"},
        {
            "ev": "Q",
            "sym": "O:SPY261120P00680000",
            "bx": 302,
            "ax": 302,
            "bp": 9.5,
            "ap": 9.75,
            "bs": 17,
            "as": 24,
        }
        | {"t": 1_795_449_600_123, "q": 844},
        {
            "ev": "T",
            "sym": "O:AMC261120C00037000",
            "x": 65,
            "p": 1.5,
            "s": 1,
            "c": [233],
            "t": 1_795_449_600_333,
            "q": 6,
        },
        {
            "ev": "AM",
            "sym": "O:ONEM261120C00025000",
            "v": 2,
            "av": 8,
            "op": 2.2,
            "vw": 2.05,
            "o": 2.05,
            "c": 2.06,
        }
        | {"h": 2.1, "l": 2.0, "a": 2.13, "z": 2, "s": 1_795_449_600_000, "e": 1_795_449_660_000},
        {"ev": "FMV", "fmv": 7.25, "sym": "O:TSLA261120C00700000", "t": 1_795_449_600_000_000_000},
        {"ev": "V", "val": 6783.5, "T": "I:SPX", "t": 1_795_449_600_130},
    ],
    "own/refusal": {
        "http": {
            "status": 403,
            "body": {
                "message": "You are not entitled to this data. Please upgrade your plan at https://massive.com/pricing",
                "request_id": "0" * 32,
                "status": "NOT_AUTHORIZED",
            },
        }
    },
}


def bodies() -> dict[str, Any]:
    """Name → body: our own, and every file of the collection that is there."""
    return OWN | dict(_collected())


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object inside a body, at any depth."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(inner)


def _collected() -> Iterator[tuple[str, Any]]:
    for base in (ROOT.parent, ROOT.parent.parent):
        folder = base / "shared" / "data" / "massive"
        if folder.is_dir():
            for path in sorted(folder.rglob("*.json")):
                yield path.relative_to(folder).as_posix(), json.loads(path.read_text())
            return
