"""How prices of underlyings move: correlated levels whose volatility clusters.

Each family of symbols has one level with stochastic variance after Heston (1993), stepped by full truncation (Lord,
Koekkoek and van Dijk 2010)::

    d ln L = -V/2 dt + sqrt(V) dW            V = sigma^2 m
    dm     = (1 - m) dt / tau + xi sqrt(m) dZ / sqrt(tau),   corr(dW, dZ) = -0.7

so calm and wild spells of about ten minutes follow each other. A weak pull keeps a simulator that runs for weeks near its
strikes. Members of a family are shares of the level with a basis of a few hundred-thousandths, as a fund has to its index.
A scenario's course may add a drift, another mean of the variance, and a stronger pull to where prices are drawn.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from marketswarm.simulator.hours import TRADING_YEAR_S
from marketswarm.simulator.profile import Profile
from marketswarm.simulator.scenarios.course import HOUR_S, USUAL, Course

Floats = NDArray[np.float64]

_SPELL_S = 600.0
_VOL_OF_VARIANCE = 1.2
_LEVERAGE = -0.7
_PULL_S = 3 * 86_400.0
_BASIS = 2e-5
_BASIS_S = 30.0
_LONGEST_STEP_S = 1.0
_MOST_STEPS = 600


class SpotProcess:
    """Spot of every symbol, in the order of the profiles. The same seed and steps give the same path.

    Args:
        year_s: seconds of a year in which prices move.
    """

    def __init__(
        self, profiles: Sequence[Profile], rng: np.random.Generator, year_s: float = TRADING_YEAR_S
    ) -> None:
        families = list(dict.fromkeys(profile.family for profile in profiles))
        self._rng = rng
        self._year_s = year_s
        self._profiles = list(profiles)
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

    def advance(self, seconds: float, course: Course = USUAL) -> None:
        """Let trading time pass. Very long spans are walked in at most 600 coarser steps."""
        if seconds <= 0:
            return
        steps = min(_MOST_STEPS, max(1, round(seconds / _LONGEST_STEP_S)))
        for _ in range(steps):
            self._step(seconds / steps, course)

    def jump(self, fraction: float) -> None:
        """Move the whole market at once, each family by its correlation with it."""
        self._level += np.log1p(fraction) * self._correlation

    def set_variance(self, multiple: float) -> None:
        """Begin a spell: the present variance of every family as a multiple of its long-run one."""
        self._variance = np.full(len(self._sigma), multiple)

    def nearest_strikes(self) -> dict[str, float]:
        """Of each symbol the strike that is drawn to: each family follows the one nearest to its first symbol."""
        leaders = np.unique(self._member, return_index=True)[1]
        levels = np.array([self._round_to_strike(int(n), self.spots[n]) / self._share[n] for n in leaders])
        prices = levels[self._member] * self._share
        return {
            profile.symbol: self._round_to_strike(n, price)
            for n, (profile, price) in enumerate(zip(self._profiles, prices.tolist(), strict=True))
        }

    def draw_to(self, strikes: Mapping[str, float]) -> None:
        """Make these strikes the home of prices: of each family, that of its first symbol."""
        for n in np.unique(self._member, return_index=True)[1].tolist():
            self._home[self._member[n]] = np.log(strikes[self._profiles[n].symbol] / self._share[n])

    def _round_to_strike(self, n: int, price: float) -> float:
        step = self._profiles[n].fine_step
        return max(1.0, round(price / step)) * step

    def _step(self, seconds: float, course: Course) -> None:
        count = len(self._sigma)
        market, own, turn = self._rng.standard_normal(1), *self._rng.standard_normal((2, count))
        shock = self._correlation * market + np.sqrt(1 - self._correlation**2) * own
        variance = self._sigma**2 * self._variance / self._year_s * seconds
        pull = (self._home - self._level) * min(1.0, seconds / (course.pull_s or _PULL_S))
        drift = np.log1p(course.drift) * seconds / HOUR_S * self._correlation
        self._level += pull + drift - variance / 2 + np.sqrt(variance) * shock
        self._step_variance(min(1.0, seconds / _SPELL_S), shock, turn, course)
        self._step_basis(min(1.0, seconds / _BASIS_S))

    def _step_variance(self, share: float, shock: Floats, turn: Floats, course: Course) -> None:
        lean = _LEVERAGE * np.sign(self._correlation) * shock + np.sqrt(1 - _LEVERAGE**2) * turn
        noise = _VOL_OF_VARIANCE * course.restlessness * np.sqrt(self._variance * share) * lean
        turned = self._variance + (course.variance - self._variance) * share + noise
        self._variance = np.clip(turned, 0.05, 12.0)

    def _step_basis(self, share: float) -> None:
        noise = self._rng.normal(0, _BASIS * np.sqrt(2 * share), len(self._basis))
        self._basis += -self._basis * share + noise


def spot_process(profiles: Sequence[Profile], seed: int, year_s: float = TRADING_YEAR_S) -> SpotProcess:
    """The process of a market with that seed."""
    return SpotProcess(profiles, np.random.default_rng([seed, 0]), year_s)
