"""Black (1976): options on a forward, and their greeks in the units of a contract.

F. Black, "The pricing of commodity contracts", Journal of Financial Economics 3 (1976); the greeks as in E. G. Haug, "The
Complete Guide to Option Pricing Formulas", 2nd edition (2007), chapter 2, for a cost of carry of zero, delta and gamma taken
to spot by a forward that stays proportional to it. Arrays broadcast; a year has 365 days.

    d1 = ln(F / K) / (v √T) + v √T / 2,   d2 = d1 - v √T,   D = exp(-rT)
    value = D (±F N(±d1) ∓ K N(±d2)), the upper sign for calls
"""

from typing import Final, NamedTuple

import numpy as np

from marketswarm.maths.normal import SQRT_HALF, Flags, Floats, cumulative, density, erfcx

RATE: Final = 0.04
"""The flat interest rate, per year and continuously compounded. At the money of a day it moves no figure that is shown."""

DAYS_A_YEAR: Final = 365
MINUTES_A_YEAR: Final = 525_600
_POINT: Final = 0.01  # a volatility point
_NEAR: Final = 0.25


class Terms(NamedTuple):
    """What contracts are about, one row each.

    Attributes:
        forward: in points, above 0.
        strike: in points, above 0.
        years: to settlement, above 0.
        is_call: calls or puts.
    """

    forward: Floats
    strike: Floats
    years: Floats
    is_call: Flags


class Sensitivities(NamedTuple):
    """Greeks of one contract's unit of the underlying.

    Attributes:
        delta: value per point of spot.
        gamma: delta per point of spot.
        theta: value per calendar day, at a forward that stands still.
        vega: value per volatility point.
    """

    delta: Floats
    gamma: Floats
    theta: Floats
    vega: Floats


def discount(years: Floats, rate: float = RATE) -> Floats:
    """What a unit paid after that many years is worth today."""
    return np.asarray(np.exp(-rate * years))


def value(terms: Terms, volatility: Floats, rate: float = RATE) -> Floats:
    """Present value in points: the out-of-the-money side, with parity added where the contract is in the money."""
    forward, strike, years, _ = terms
    outside = np.sqrt(forward * strike) * _scaled(-np.abs(log_moneyness(terms)), volatility * np.sqrt(years))
    return np.asarray(discount(years, rate) * (outside + intrinsic_value(terms)))


def intrinsic_value(terms: Terms) -> Floats:
    """What is certain of an undiscounted value, in points."""
    difference = terms.forward - terms.strike
    return np.asarray(np.maximum(np.where(terms.is_call, difference, -difference), 0.0))


def log_moneyness(terms: Terms) -> Floats:
    """ln(F / K); near the money by a series that keeps the digits which the quotient would lose."""
    forward, strike, _, _ = terms
    apart = (forward - strike) / strike
    return np.where(np.abs(apart) < _NEAR, np.log1p(apart), np.log(forward / strike))


def sensitivities(terms: Terms, volatility: Floats, spot: Floats, rate: float = RATE) -> Sensitivities:
    """Greeks, with D, d1 and d2 as above and n the normal density.

    delta = ± D F / S N(±d1), gamma = D F / S n(d1) / (S v √T), vega = D F n(d1) √T / 100, and
    theta = (r value - D F n(d1) v / (2 √T)) / 365.
    """
    forward, strike, years, is_call = terms
    sign = np.where(is_call, 1.0, -1.0)
    root = np.sqrt(years)
    deviation = volatility * root
    near, far = _probabilities(terms, deviation, sign)
    bell = density(log_moneyness(terms) / deviation + deviation / 2)
    present = discount(years, rate)
    grown = present * forward
    worth = sign * (grown * near - present * strike * far)
    return Sensitivities(
        delta=sign * grown / spot * near,
        gamma=grown / spot * bell / (spot * deviation),
        theta=(rate * worth - grown * bell * volatility / (2 * root)) / DAYS_A_YEAR,
        vega=grown * bell * root * _POINT,
    )


def _probabilities(terms: Terms, deviation: Floats, sign: Floats) -> tuple[Floats, Floats]:
    """N(±d1) and N(±d2), both in one pass."""
    middle = log_moneyness(terms) / deviation
    both = cumulative(np.stack([sign * (middle + deviation / 2), sign * (middle - deviation / 2)]))
    return both[0], both[1]


def _scaled(x: Floats, s: Floats) -> Floats:
    """Out-of-the-money value over √(F K), for x = -|ln(F / K)| and s = v √T, from scaled complements, which do not cancel."""
    h, t = x / s, s / 2
    first, second = erfcx(np.abs(h + t) * SQRT_HALF), erfcx((t - h) * SQRT_HALF)
    bell = 0.5 * np.exp(-0.5 * (h * h + t * t))
    return np.where(h + t < 0, bell * (first - second), np.exp(x / 2) - bell * (first + second))
