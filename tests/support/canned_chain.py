"""A small chain of one fund, with the flaws that a real one has: an adjusted contract and a deep one without greeks.

Written from the vendor's documentation and on purpose without a word of the code under test.
"""

import time
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


def weekday_ahead(today: date | None = None) -> date:
    """A weekday at least a week behind a day, today in New York when none is given.

    Should it be a holiday, its contracts end on the session before: that is days away, too, and no table of holidays is needed.
    """
    day = (today or datetime.now(ZoneInfo("America/New_York")).date()) + timedelta(days=7)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day


@dataclass
class CannedChain:
    """`strikes` one point apart around `spot`, one far below it, and one adjusted contract.

    With `quoted_spot`, quotes alone are of that spot, and of `quoted_ns`: nobody has traded since.
    """

    symbol: str = "SPY"
    spot: float = 680.4
    expiration: date = field(default_factory=weekday_ahead)
    strikes: tuple[int, ...] = tuple(range(676, 685))
    deep_strike: int = 500
    stamp_ns: int = field(default_factory=time.time_ns)
    tells_spot: bool = True
    quoted_spot: float | None = None
    quoted_ns: int | None = None

    def ticker(self, strike: float, right: str = "C", root: str | None = None) -> str:
        """The option ticker, `right` being C or P."""
        return f"O:{root or self.symbol}{self.expiration:%y%m%d}{right}{round(strike * 1000):08d}"

    def tickers(self) -> list[str]:
        """All standard contracts."""
        return [self.ticker(strike, right) for strike in (self.deep_strike, *self.strikes) for right in "CP"]

    def rows(self) -> list[dict]:
        """The chain snapshot, ordered by strike."""
        rows = [self.row(self.deep_strike, right, greeks={}) for right in "CP"]
        rows += [self.row(strike, right) for strike in self.strikes for right in "CP"]
        rows.insert(4, self.adjusted_row())
        return rows

    def row(self, strike: float, right: str = "C", **changes: object) -> dict:
        """One contract of the snapshot, priced by its distance to spot alone."""
        middle = _middle(strike, right, self.spot)
        quoted = middle if self.quoted_spot is None else _middle(strike, right, self.quoted_spot)
        row: dict = {
            "break_even_price": strike + middle,
            "day": {
                "open": 3,
                "high": 4,
                "low": 2.5,
                "close": middle,
                "volume": 120,
                "last_updated": self.stamp_ns,
            },
            "details": {
                "contract_type": "call" if right == "C" else "put",
                "exercise_style": "american",
                "expiration_date": str(self.expiration),
                "shares_per_contract": 100,
                "strike_price": strike,
                "ticker": self.ticker(strike, right),
            },
            "greeks": {"delta": 0.5, "gamma": 0.02, "theta": -0.6, "vega": 0.1},
            "implied_volatility": 0.18,
            "last_quote": {
                "bid": round(quoted - 0.02, 2),
                "ask": round(quoted + 0.02, 2),
                "bid_size": 11,
                "ask_size": 7,
                "last_updated": self.quoted_ns or self.stamp_ns,
                "timeframe": "REAL-TIME",
            },
            "last_trade": {
                "price": middle,
                "size": 2,
                "exchange": 302,
                "sip_timestamp": self.stamp_ns,
                "timeframe": "REAL-TIME",
            },
            "open_interest": 1500,
            "underlying_asset": {"ticker": self.symbol, "price": self.spot, "last_updated": self.stamp_ns},
        }
        if not self.tells_spot:
            del row["underlying_asset"]
        row.update(changes)
        if row["greeks"] == {}:
            row.pop("implied_volatility", None)
        return row

    def adjusted_row(self) -> dict:
        """A contract changed by a corporate action: a digit behind its root, and another multiplier."""
        row = self.row(self.strikes[0])
        row["details"] |= {
            "ticker": self.ticker(self.strikes[0], root=self.symbol + "1"),
            "shares_per_contract": 110,
        }
        return row

    def older(self, row: dict, by_ns: int = 5_000_000_000) -> dict:
        """The same contract with an older and different quote, as a later page may repeat it."""
        quote = row["last_quote"] | {"bid": 0.01, "last_updated": row["last_quote"]["last_updated"] - by_ns}
        return row | {"last_quote": quote}

    def listed(self) -> list[dict]:
        """The contracts reference, ordered by strike."""
        names = (
            "contract_type",
            "exercise_style",
            "expiration_date",
            "shares_per_contract",
            "strike_price",
            "ticker",
        )
        return [
            {"cfi": "OCASPS", "primary_exchange": "BATO", "underlying_ticker": self.symbol}
            | {name: row["details"][name] for name in names}
            for row in self.rows()
        ]

    def snapshot(self) -> dict:
        """The underlying in the unified snapshot."""
        return {
            "ticker": self.symbol,
            "type": "stocks",
            "market_status": "open",
            "last_trade": {
                "price": self.spot,
                "size": 100,
                "last_updated": self.stamp_ns,
                "timeframe": "REAL-TIME",
            },
            "session": {"close": self.spot, "previous_close": self.spot - 1},
        }


def _middle(strike: float, right: str, spot: float) -> float:
    inner = max(0.0, (spot - strike) * (1 if right == "C" else -1))
    return round(inner + max(0.05, 3.0 - 0.3 * abs(spot - strike)), 2)
