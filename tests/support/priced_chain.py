"""Chains whose quotes carry a known volatility: what a valuation must find again."""

import math
from dataclasses import dataclass

import numpy as np

from marketswarm.maths.black76 import Terms, value
from marketswarm.model.contract import Contract
from tests.support.builders import contract, ticker

CLOSE_MS = 1_795_467_600_000  # 2026-11-23 16:00 in New York


@dataclass
class PricedChain:
    """Calls and puts at strikes 5 points apart around 6,800, quoted around their value at one volatility."""

    forward: float = 6_803.0
    volatility: float = 0.25
    now_ms: int = 1_795_446_000_000
    strikes: tuple[int, ...] = tuple(range(6_700, 6_905, 5))
    half_spread: float = 0.05
    root: str = "SPXW"
    settles_ms: int = CLOSE_MS

    def value(self, strike: float, type: str) -> float:
        """The contract's exact value."""
        years = (self.settles_ms - self.now_ms) / 60_000 / 525_600
        terms = Terms(
            *(np.array([one]) for one in (self.forward, float(strike), years)), np.array([type == "call"])
        )
        return float(value(terms, np.array([self.volatility]))[0])

    def quote(self, strike: float, type: str) -> tuple[float, float]:
        """Bid and ask, without rounding to ticks."""
        worth = self.value(strike, type)
        half = min(self.half_spread, worth / 4)
        return worth - half, worth + half

    def contracts(self, **more) -> list[Contract]:
        """All of them, without greeks."""
        return [self.contract(strike, type, **more) for strike in self.strikes for type in ("call", "put")]

    def contract(self, strike: float, type: str, **more) -> Contract:
        """One of them."""
        bid, ask = self.quote(strike, type)
        named = {"ticker": ticker(strike, type, self.root), "root": self.root}
        return contract(strike, type, bid=bid, ask=ask, ts=self.now_ms, **(named | more))

    def stored(self, **more) -> dict[str, bytes]:
        """Ticker → JSON as it is stored."""
        return {one.ticker: one.canonical_json().encode() for one in self.contracts(**more)}


def relative(found: float, true: float) -> float:
    """The relative difference."""
    return math.inf if true == 0 else abs(found / true - 1)
