"""The smile: a parabola of volatility over moneyness in sigmas, and figures that are read from the quotes themselves.

Moneyness is x = ln(K / F) / (v √T) with v at the money, so that a smile of half an hour and one of a week are alike. Within two
sigmas a parabola is enough for 0 to 20 days; beyond them it is not asked. Butterfly and risk reversal are those of 25 delta, call
less put, as traders quote them.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from marketswarm.maths.black76 import Terms, value
from marketswarm.maths.normal import Floats, cumulative

REACH: Final = 2.0
"""Sigmas on each side within which the parabola is fitted."""

_NARROWEST: Final = 0.01  # a spread of less than a tick weighs no more than one
_WIDEST_GAP: Final = 1.0  # sigmas between two quotes: over more than that nothing is known
_QUARTER: Final = 0.25


class Parabola(NamedTuple):
    """Volatility as level + skew x + curvature x², fractions per year.

    `error` is the root mean square of what is left, each quote with the weight that it has in the fit.
    """

    level: float
    skew: float
    curvature: float
    error: float


class Wings(NamedTuple):
    """Volatilities of 25 delta, fractions per year."""

    call: float
    put: float


def fitted(x: Floats, volatility: Floats, spread: Floats) -> Parabola:
    """The parabola by least squares, each quote weighing exp(-x² / 2) over its spread in points; needs three quotes or more."""
    weight = np.exp(-x * x / 2) / np.maximum(spread, _NARROWEST)
    root = np.sqrt(weight / weight.max())
    powers = np.stack([np.ones_like(x), x, x * x], axis=1)
    answer, *_ = np.linalg.lstsq(powers * root[:, None], volatility * root, rcond=None)
    level, skew, curvature = answer.tolist()
    left = volatility - powers @ answer
    error = float(np.sqrt(np.average(left * left, weights=weight)))
    return Parabola(level, skew, curvature, error)


def volatility_at(at: float, x: Floats, volatility: Floats) -> float | None:
    """Volatility at a moneyness, on the line between the quotes beside it; None beyond them, or when they are far apart.

    Args:
        at: sigmas.
        x: of the quotes out of the money, ascending.
        volatility: theirs, fractions per year.
    """
    above = int(np.searchsorted(x, at))
    if above == x.size or (above == 0 and x[0] != at):
        return None
    low = max(above - 1, 0)
    if x[above] - x[low] > _WIDEST_GAP:
        return None
    return float(np.interp(at, x[low : above + 1], volatility[low : above + 1]))


def wings(x: Floats, volatility: Floats, *, at_the_money: float, years: float) -> Wings | None:
    """Volatilities where a call, and a put, have a delta of 25 % of the forward; None where quotes do not reach so far.

    Args:
        x: of the quotes out of the money, ascending.
        volatility: theirs, fractions per year.
        at_the_money: the volatility by which x is measured.
        years: to settlement.
    """
    root = math.sqrt(years)
    deviation = volatility * root
    delta = cumulative(-x * at_the_money * root / deviation + deviation / 2)
    call = _outward(x, delta - _QUARTER, volatility)
    put = _outward(-x[::-1], 1 - delta[::-1] - _QUARTER, volatility[::-1])
    return None if call is None or put is None else Wings(call, put)


def tail_ratio(at: float, volatility: float, *, at_the_money: float, years: float) -> float:
    """Value of an option out of the money over what it would be worth on a flat smile; 1 on a flat one.

    The ratio needs no forward and no discount: both stand above and below.

    Args:
        at: its moneyness in sigmas, a put below 0.
        volatility: there, fraction per year.
        at_the_money: the volatility by which x is measured, and of the flat smile.
        years: to settlement.
    """
    strike = np.full(2, math.exp(at * at_the_money * math.sqrt(years)))
    terms = Terms(np.ones(2), strike, np.full(2, years), np.full(2, at > 0))
    dear, flat = value(terms, np.array([volatility, at_the_money]), rate=0.0)
    return float(dear / flat)


def _outward(x: Floats, excess: Floats, volatility: Floats) -> float | None:
    """Volatility where the excess of delta over a quarter is used up, on the way out; x ascends that way."""
    spent = np.flatnonzero(excess <= 0)
    if not spent.size or spent[0] == 0:
        return None
    low, high = spent[0] - 1, spent[0]
    if x[high] - x[low] > _WIDEST_GAP:
        return None
    share = excess[low] / (excess[low] - excess[high])
    return float(volatility[low] + share * (volatility[high] - volatility[low]))
