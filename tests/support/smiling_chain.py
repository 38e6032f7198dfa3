"""Columns of a chain whose quotes and greeks come from Black-76 at a volatility that is a function of the strike."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from marketswarm.maths.black76 import Terms, sensitivities, value
from marketswarm.model.chain import ChainId
from marketswarm.vigil.columns import ChainColumns

DAY_MS = 86_400_000
NOW_MS = 1_795_446_000_000


@dataclass(frozen=True)
class SmilingChain:
    """Calls and puts of one root or several, one day from settlement, quoted around their value without rounding.

    Attributes:
        smile: moneyness ln(K / F) over `deviation` → volatility per year; flat at `volatility` where it is not given.
    """

    spot: float = 6_800.0
    forward: float = 6_803.0
    volatility: float = 0.20
    smile: Callable[[np.ndarray], np.ndarray] | None = None
    years: float = 1 / 365
    strikes: tuple[float, ...] = tuple(float(strike) for strike in range(6_550, 7_055, 5))
    half_spread: float = 0.05
    open_interest: float = 1_000.0
    roots: tuple[str, ...] = ("SPXW",)

    @property
    def deviation(self) -> float:
        """One standard deviation at the money, in logarithms."""
        return self.volatility * self.years**0.5

    def volatilities(self, strike: np.ndarray) -> np.ndarray:
        """The true volatility of each strike."""
        x = np.log(strike / self.forward) / self.deviation
        return np.full(x.shape, self.volatility) if self.smile is None else self.smile(x)

    def columns(self, **other) -> ChainColumns:
        """The columns, single ones replaced by name."""
        strike = np.tile(np.repeat(np.array(self.strikes), 2), len(self.roots))
        rows = strike.size
        is_call = np.arange(rows) % 2 == 0
        filled = {name: np.full(rows, getattr(self, name)) for name in ("forward", "years", "spot")}
        terms = Terms(filled["forward"], strike, filled["years"], is_call)
        volatility = self.volatilities(strike)
        worth, greeks = value(terms, volatility), sensitivities(terms, volatility, filled["spot"])
        half = np.minimum(self.half_spread, worth / 4)
        whole = ChainColumns(
            chain=ChainId("SPX", date(2026, 11, 24)),
            now_ms=NOW_MS,
            spot=self.spot,
            roots=self.roots,
            root=np.repeat(np.arange(len(self.roots)), rows // max(len(self.roots), 1)),
            strike=strike,
            is_call=is_call,
            multiplier=np.full(rows, 100.0),
            open_interest=np.full(rows, self.open_interest),
            volume=np.full(rows, 200.0),
            bid=worth - half,
            ask=worth + half,
            mid=worth,
            iv=volatility,
            delta=greeks.delta,
            gamma=greeks.gamma,
            vega=greeks.vega,
            theta=greeks.theta,
            years=filled["years"],
            quote_ts=np.full(rows, NOW_MS, dtype=np.int64),
            greeks_ts=np.full(rows, NOW_MS, dtype=np.int64),
            greeks_source="local",
        )
        return replace(whole, **other)


def everything(columns: ChainColumns) -> np.ndarray:
    """All rows."""
    return np.ones(columns.size, dtype=np.bool_)


def only(columns: ChainColumns, rows: np.ndarray) -> ChainColumns:
    """The same with fewer rows."""
    names = [name for name in ChainColumns.__slots__ if isinstance(getattr(columns, name), np.ndarray)]
    return replace(columns, **{name: getattr(columns, name)[rows] for name in names})
