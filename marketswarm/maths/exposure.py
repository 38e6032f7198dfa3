"""What dealers have to hedge by a sign model: gamma, vanna and charm exposure in USD, by contract and by strike.

The model is the naive one: dealers are long the calls that customers sold and short the puts that they bought, so calls count
plus and puts minus. It is that of S. Perfiliev, "How to Calculate Gamma Exposure (GEX) and Zero Gamma Level" (2022), and nobody
outside sees whether it holds. What dealers do to stay hedged has the opposite sign of the exposure.

Greeks are those of `black76.py`, with the forward proportional to spot: D = exp(-rT), and n the normal density.

    gamma exposure = ± units gamma S² / 100                      USD of delta per move of 1 %
    vanna exposure = ± units S vanna / 100,                      USD of delta per volatility point
                     vanna = d delta / dv = -D F/S n(d1) d2 / v
    charm exposure = ± units S charm / 525,600,                  USD of delta per minute
                     charm = -d delta / dT = r delta + D F/S n(d1) d2 / (2T), at a forward that stands still

Vanna and charm as in E. G. Haug, "The Complete Guide to Option Pricing Formulas", 2nd edition (2007), chapter 2 (DdeltaDvol,
DdeltaDtime), for a cost of carry of zero.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from marketswarm.maths.black76 import MINUTES_A_YEAR, RATE, Terms, discount, log_moneyness, sensitivities
from marketswarm.maths.normal import Flags, Floats, density

_PER_CENT = 0.01  # a move of spot, and a volatility point


class Holdings(NamedTuple):
    """Contracts that are held, one row each; all are known and finite.

    Attributes:
        strike: points.
        is_call: calls or puts.
        years: to settlement, above 0.
        volatility: fraction per year, above 0.
        carry: forward over spot.
        units: of the underlying: contracts times multiplier.
    """

    strike: Floats
    is_call: Flags
    years: Floats
    volatility: Floats
    carry: Floats
    units: Floats

    @property
    def signed_units(self) -> Floats:
        """Units by the sign model: calls plus, puts minus."""
        return np.where(self.is_call, self.units, -self.units)

    def rows(self, at: Flags | NDArray[np.intp]) -> "Holdings":
        """Some of them."""
        strike, is_call, years, volatility, carry, units = self
        return Holdings(strike[at], is_call[at], years[at], volatility[at], carry[at], units[at])


class StrikeSums(NamedTuple):
    """Exposure by strike, ascending: of calls (at least 0), of puts (at most 0), their sum, and the sum of their sizes."""

    strike: Floats
    call: Floats
    put: Floats
    net: Floats
    gross: Floats


class UnitGreeks(NamedTuple):
    """Of one unit of the underlying at one spot, a row a contract: gamma, vanna and charm as above, without units and spot."""

    gamma: Floats
    vanna: Floats
    charm: Floats

    def rows(self, at: Flags) -> "UnitGreeks":
        """Some of them."""
        return UnitGreeks(self.gamma[at], self.vanna[at], self.charm[at])


def unit_greeks(holdings: Holdings, spot: float, rate: float = RATE) -> UnitGreeks:
    """Greeks of contracts at a spot, whatever is held of them."""
    greeks = sensitivities(_terms(holdings, spot), holdings.volatility, _everywhere(holdings, spot), rate)
    bell, d2 = _bell_and_d2(holdings, spot, rate)
    return UnitGreeks(
        gamma=greeks.gamma,
        vanna=np.asarray(-bell * d2 / holdings.volatility),
        charm=np.asarray(rate * greeks.delta + bell * d2 / (2 * holdings.years)),
    )


def gamma_exposure(
    holdings: Holdings, spot: float, rate: float = RATE, *, greeks: UnitGreeks | None = None
) -> Floats:
    """USD of delta per move of 1 %, one row a contract; `greeks` are those at that spot, when they are known already."""
    greeks = unit_greeks(holdings, spot, rate) if greeks is None else greeks
    return np.asarray(holdings.signed_units * greeks.gamma * (spot * spot * _PER_CENT))


def vanna_exposure(
    holdings: Holdings, spot: float, rate: float = RATE, *, greeks: UnitGreeks | None = None
) -> Floats:
    """USD of delta per volatility point, one row a contract; `greeks` as above."""
    greeks = unit_greeks(holdings, spot, rate) if greeks is None else greeks
    return np.asarray(holdings.signed_units * (spot * _PER_CENT) * greeks.vanna)


def charm_exposure(
    holdings: Holdings, spot: float, rate: float = RATE, *, greeks: UnitGreeks | None = None
) -> Floats:
    """USD of delta per minute that passes, one row a contract; `greeks` as above."""
    greeks = unit_greeks(holdings, spot, rate) if greeks is None else greeks
    return np.asarray(holdings.signed_units * (spot / MINUTES_A_YEAR) * greeks.charm)


def by_strike(holdings: Holdings, exposure: Floats) -> StrikeSums:
    """Sums of gamma exposure by strike, over all roots."""
    strikes, place = np.unique(holdings.strike, return_inverse=True)
    call = np.asarray(np.bincount(place, np.where(holdings.is_call, exposure, 0.0)), dtype=np.float64)
    put = np.asarray(np.bincount(place, np.where(holdings.is_call, 0.0, exposure)), dtype=np.float64)
    return StrikeSums(strikes, call, put, call + put, call - put)


def _terms(holdings: Holdings, spot: float) -> Terms:
    return Terms(holdings.carry * spot, holdings.strike, holdings.years, holdings.is_call)


def _everywhere(holdings: Holdings, spot: float) -> Floats:
    return np.full(holdings.strike.shape, spot)


def _bell_and_d2(holdings: Holdings, spot: float, rate: float) -> tuple[Floats, Floats]:
    """D F/S n(d1), and d2."""
    deviation = holdings.volatility * np.sqrt(holdings.years)
    middle = log_moneyness(_terms(holdings, spot)) / deviation
    bell = discount(holdings.years, rate) * holdings.carry * density(middle + deviation / 2)
    return bell, np.asarray(middle - deviation / 2)
