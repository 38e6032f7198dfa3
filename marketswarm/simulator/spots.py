"""How prices of underlyings move: correlated levels whose volatility clusters.

Each family of symbols has one level with stochastic variance after Heston (1993), stepped by full truncation (Lord,
Koekkoek and van Dijk 2010)::

    d ln L = -V/2 dt + sqrt(V) dW            V = sigma^2 m
    dm     = (1 - m) dt / tau + xi sqrt(m) dZ / sqrt(tau),   corr(dW, dZ) = -0.7

so calm and wild spells of about ten minutes follow each other. A weak pull keeps a simulator that runs for weeks near its
strikes. Members of a family are shares of the level with a basis of a few hundred-thousandths, as a fund has to its index.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from marketswarm.simulator.profile import Profile

Floats = NDArray[np.float64]

TRADING_YEAR_S = 252 * 6.5 * 3600
_SPELL_S = 600.0
_VOL_OF_VARIANCE = 1.2
_LEVERAGE = -0.7
_PULL_S = 3 * 86_400.0
_BASIS = 2e-5
_BASIS_S = 30.0
_LONGEST_STEP_S = 1.0
_MOST_STEPS = 600


class SpotProcess:
    """Spot of every symbol, in the order of the profiles. The same seed and steps give the same path."""

    def __init__(self, profiles: Sequence[Profile], rng: np.random.Generator) -> None:
        families = list(dict.fromkeys(profile.family for profile in profiles))
        self._rng = rng
        self._member = np.array([families.index(profile.family) for profile in profiles])
        self._share = np.array([profile.share for profile in profiles])
        self._sigma = np.array([family.volatility for family in families])
        self._correlation = np.array([family.correlation for family in families])
        self._home = np.log([family.level for family in families]) + rng.normal(0, 0.01, len(families))
        self._level = self._home.copy()
        self._basis = np.zeros(len(profiles))
        self._variance = np.ones(len(families))

    @property
    def spots(self) -> Floats:
        """Price of each symbol now."""
        return np.asarray(np.exp(self._level[self._member] + self._basis) * self._share)

    @property
    def variance(self) -> Floats:
        """Present variance of each symbol over its long-run variance; 1 is the usual."""
        return np.asarray(self._variance[self._member])

    def advance(self, seconds: float) -> None:
        """Let trading time pass. Very long spans are walked in at most 600 coarser steps."""
        if seconds <= 0:
            return
        steps = min(_MOST_STEPS, max(1, round(seconds / _LONGEST_STEP_S)))
        for _ in range(steps):
            self._step(seconds / steps)

    def jump(self, fraction: float) -> None:
        """Move the whole market at once, each family by its correlation with it."""
        self._level += np.log1p(fraction) * self._correlation

    def _step(self, seconds: float) -> None:
        count = len(self._sigma)
        market, own, turn = self._rng.standard_normal(1), *self._rng.standard_normal((2, count))
        shock = self._correlation * market + np.sqrt(1 - self._correlation**2) * own
        variance = self._sigma**2 * self._variance / TRADING_YEAR_S * seconds
        pull = (self._home - self._level) * min(1.0, seconds / _PULL_S)
        self._level += pull - variance / 2 + np.sqrt(variance) * shock
        self._step_variance(min(1.0, seconds / _SPELL_S), shock, turn)
        self._step_basis(min(1.0, seconds / _BASIS_S))

    def _step_variance(self, share: float, shock: Floats, turn: Floats) -> None:
        lean = _LEVERAGE * np.sign(self._correlation) * shock + np.sqrt(1 - _LEVERAGE**2) * turn
        noise = _VOL_OF_VARIANCE * np.sqrt(self._variance * share) * lean
        self._variance = np.clip(self._variance + (1 - self._variance) * share + noise, 0.05, 12.0)

    def _step_basis(self, share: float) -> None:
        noise = self._rng.normal(0, _BASIS * np.sqrt(2 * share), len(self._basis))
        self._basis += -self._basis * share + noise
