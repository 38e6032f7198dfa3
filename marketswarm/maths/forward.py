"""The forward that a chain's own quotes state, by put-call parity.

For options exercised at settlement C - P = D (F - K), so each strike quoted on both sides states a forward
K + (C - P) / D. Carry, dividends and funding are in it without being known. The strikes at the money state it best: their
spreads are narrow, and the premium for early exercise of American contracts is least there.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from marketswarm.maths.black76 import RATE
from marketswarm.maths.normal import Floats

_MOST_STRIKES, _LEAST_STRIKES = 15, 3
_WITHIN = 0.05  # of spot
_TIED = 1e-12
_NARROWEST = 0.01  # a spread of less than a tick weighs no more than one
_ABSURD, _ABSURD_A_YEAR = (
    0.05,
    0.5,
)  # how far in logarithms a forward may be from spot, and what each year adds


class Parity(NamedTuple):
    """A forward, and the rows of the strikes that were asked for it."""

    forward: float
    rows: NDArray[np.intp]


def parity_forward(
    strike: Floats, difference: Floats, spread: Floats, *, spot: float, years: float, rate: float = RATE
) -> Parity | None:
    """The forward of one root and expiration; None when too few strikes state one, or what they state is absurd.

    The median, weighted by one over the spread, of the 15 strikes within 5 % of spot whose sides differ least.

    Args:
        strike: strikes with a usable quote on both sides, in points.
        difference: mid of the call minus mid of the put.
        spread: of both quotes together.
        spot: the last known, or an estimate.
        years: to settlement.
        rate: per year.
    """
    near = np.flatnonzero(np.abs(strike - spot) <= _WITHIN * spot)
    if near.size < _LEAST_STRIKES:
        return None
    rows = near[np.argsort(np.abs(difference[near]), kind="stable")[:_MOST_STRIKES]]
    stated = strike[rows] + difference[rows] * np.exp(rate * years)
    forward = _weighted_median(stated, 1 / np.maximum(spread[rows], _NARROWEST))
    return Parity(forward, rows) if is_plausible(forward, spot, years) else None


def is_plausible(forward: float, spot: float, years: float) -> bool:
    """Whether such a forward can belong to that spot: positive, and within 5 % of it, with room for a year's dividends."""
    if not (math.isfinite(forward) and forward > 0 and spot > 0):
        return False
    return abs(math.log(forward / spot)) <= _ABSURD + _ABSURD_A_YEAR * years


def _weighted_median(values: Floats, weights: Floats) -> float:
    """Half of the weight lies on each side; half-way between two values where it is split exactly."""
    order = np.argsort(values)
    values, reached = values[order], np.cumsum(weights[order])
    half = reached[-1] / 2
    at = int(np.searchsorted(reached, half))
    tied = abs(reached[at] - half) <= _TIED * half and at + 1 < values.size
    return float((values[at] + values[at + 1]) / 2 if tied else values[at])
