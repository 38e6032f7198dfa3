"""What is fixed about a symbol: its price at the start, how wild it is, how its options are listed."""

import math
import zlib
from dataclasses import dataclass
from typing import Literal

Style = Literal["european", "american"]


@dataclass(frozen=True, slots=True)
class Family:
    """Symbols that move as one: their prices are fixed shares of one level.

    Attributes:
        level: the level at the start, before the seed moves it.
        volatility: long-run volatility per year, a fraction.
        correlation: of the level's shocks with those of the whole market.
        skew: the smile's correlation of price and volatility, negative where puts are dear.
    """

    name: str
    level: float
    volatility: float
    correlation: float
    skew: float = -0.65


@dataclass(frozen=True, slots=True)
class Profile:
    """One underlying.

    Attributes:
        share: price as a share of the family's level.
        dividend_yield: per year, a fraction.
        fine_step, coarse_step: distance of strikes near the price, and far from it.
        tick, high_tick: smallest price step of its options below 3, and from 3 on.
        root: root of its options; of an index, of the monthlies settled in the morning.
        evening_root: root of contracts settled at the close.
    """

    symbol: str
    name: str
    is_index: bool
    family: Family
    share: float
    dividend_yield: float
    fine_step: float
    coarse_step: float
    tick: float
    high_tick: float
    root: str
    evening_root: str

    @property
    def ticker(self) -> str:
        """How the wire names the underlying: `I:SPX`, `SPY`."""
        return f"I:{self.symbol}" if self.is_index else self.symbol

    @property
    def asset_class(self) -> Literal["stocks", "indices"]:
        """Which plan of an account its data belongs to."""
        return "indices" if self.is_index else "stocks"

    @property
    def style(self) -> Style:
        """Index options are exercised at expiration only."""
        return "european" if self.is_index else "american"


_LARGE = Family("large", 6800.0, 0.16, 1.0)
_TECH = Family("tech", 25_000.0, 0.21, 0.92)
_SMALL = Family("small", 2450.0, 0.22, 0.85)
_DOW = Family("dow", 470.0, 0.15, 0.94)
_FEAR = Family("fear", 17.0, 0.9, -0.78, skew=0.5)

# symbol: family, share of its level, dividend yield, fine and coarse strike step, name
_KNOWN: dict[str, tuple[Family, float, float, float, float, str]] = {
    "SPX": (_LARGE, 1.0, 0.013, 5.0, 25.0, "S&P 500"),
    "SPY": (_LARGE, 0.0998, 0.013, 1.0, 1.0, "SPDR S&P 500 ETF Trust"),
    "XSP": (_LARGE, 0.1, 0.013, 1.0, 5.0, "Mini-SPX"),
    "OEX": (_LARGE, 0.5, 0.012, 5.0, 10.0, "S&P 100"),
    "NDX": (_TECH, 1.0, 0.007, 10.0, 100.0, "Nasdaq-100"),
    "QQQ": (_TECH, 0.0243, 0.006, 1.0, 1.0, "Invesco QQQ Trust, Series 1"),
    "RUT": (_SMALL, 1.0, 0.013, 5.0, 25.0, "Russell 2000"),
    "IWM": (_SMALL, 0.0992, 0.012, 1.0, 1.0, "iShares Russell 2000 ETF"),
    "DJX": (_DOW, 1.0, 0.017, 1.0, 5.0, "Dow Jones 1/100"),
    "VIX": (_FEAR, 1.0, 0.0, 0.5, 5.0, "Cboe Volatility Index"),
}
_STEPS = ((25.0, 0.5), (100.0, 1.0), (300.0, 2.5), (1000.0, 5.0), (3000.0, 10.0), (math.inf, 25.0))
_INDEX_TICKS = frozenset({"SPX", "NDX"})


def profile_of(symbol: str, *, is_index: bool) -> Profile:
    """The profile of a symbol: its own if it is known, else a plausible one that depends on its name alone."""
    known = _KNOWN.get(symbol) or _from_name(symbol, is_index=is_index)
    family, share, dividend_yield, fine, coarse, name = known
    tick, high_tick = (0.05, 0.10) if symbol in _INDEX_TICKS else (0.01, 0.01)
    root = symbol.replace(".", "")
    evening = {"NDX": "NDXP"}.get(symbol, f"{root}W") if is_index else root
    return Profile(
        symbol, name, is_index, family, share, dividend_yield, fine, coarse, tick, high_tick, root, evening
    )


def _from_name(symbol: str, *, is_index: bool) -> tuple[Family, float, float, float, float, str]:
    digest = zlib.crc32(symbol.encode())
    place, wildness = digest % 1000 / 1000, digest // 1000 % 1000 / 1000
    low, high = (400.0, 4000.0) if is_index else (20.0, 500.0)
    level = round(low * (high / low) ** place, 2)
    volatility = 0.14 + 0.1 * wildness if is_index else 0.22 + 0.33 * wildness
    step = next(step for bound, step in _STEPS if level < bound)
    family = Family(symbol, level, volatility, 0.55 + 0.25 * wildness, skew=-0.4)
    return family, 1.0, 0.01, step, step, f"{symbol} Index" if is_index else f"{symbol} Inc."
