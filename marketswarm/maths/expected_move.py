"""The move that options price to settlement, and what follows from it for a level: how likely it is met, how much it holds.

At a strike that equals the forward, call and put together are worth 2 D F (2 N(s / 2) - 1), s = v √T, which is nearly
√(2 / π) D F s (Brenner and Subrahmanyam, "A Simple Formula to Compute the Implied Standard Deviation", Financial Analysts
Journal, 1988). No strike equals the forward, so each straddle near it is turned into its s, and s is interpolated: straddles
themselves are bent at the money, and a line between two of them would rise and fall with each strike that spot passes, by a
third of the move in the last five minutes of a day.
"""

import math
from typing import Final

import numpy as np

from marketswarm.maths.black76 import RATE, Terms, discount
from marketswarm.maths.implied import implied_volatility
from marketswarm.maths.normal import Floats, cumulative

PIN_REACH: Final = 0.25
"""Of the expected move that remains: at that distance a strike holds spot by 1 / e of what it does at spot."""


def volatility_at_forward(
    strike: Floats, straddle: Floats, *, forward: float, years: float, rate: float = RATE
) -> float | None:
    """Volatility per year at the forward, between the two strikes around it; None where it is not between two that have one.

    Args:
        strike: ascending, points, above 0.
        straddle: mid of the call plus mid of the put at each, points.
        forward: points.
        years: to settlement.
        rate: per year.
    """
    each = straddle_volatility(strike, straddle, forward=forward, years=years, rate=rate)
    known = np.flatnonzero(np.isfinite(each))
    above = int(np.searchsorted(strike[known], forward))
    if above == known.size or (above == 0 and strike[known[0]] != forward):
        return None
    if strike[known[above]] == forward:
        return float(each[known[above]])
    low, high = known[above - 1], known[above]
    share = (forward - strike[low]) / (strike[high] - strike[low])
    return float(each[low] + share * (each[high] - each[low]))


def straddle_volatility(
    strike: Floats, straddle: Floats, *, forward: float, years: float, rate: float = RATE
) -> Floats:
    """Volatility per year of each straddle; NaN where it is worth no more than what is certain of it.

    Half of what is not certain is the value of the side out of the money, as both sides state it together.
    """
    undiscounted = straddle / float(discount(np.array(years), rate))
    outside = (undiscounted - np.abs(forward - strike)) / 2
    rows = np.full(strike.shape, forward), strike, np.full(strike.shape, years), strike >= forward
    return implied_volatility(Terms(*rows), outside)


def straddle_move(forward: float, volatility: float, years: float, rate: float = RATE) -> float:
    """What call and put at the forward cost together, points: the expected size of the move, discounted."""
    half = volatility * math.sqrt(years) / 2
    above, below = cumulative(np.array([half, -half])).tolist()
    return 2 * math.exp(-rate * years) * forward * float(above - below)


def sigma_move(forward: float, volatility: float, years: float) -> float:
    """One standard deviation to settlement, points."""
    return forward * volatility * math.sqrt(years)


def touch_probability(distance: Floats | float, sigma: float) -> Floats:
    """Probability that a walk without drift meets levels so far away before settlement: 2 (1 - N(|d| / sigma)).

    By the reflection principle. Both in points, `sigma` above 0.
    """
    return np.asarray(2 * cumulative(np.asarray(-np.abs(distance) / sigma)))


def pin_score(distance: float, *, move_left: float, share: float, ratio: float) -> float:
    """How much a strike holds spot, 0 to 1: exp(-|d| / (0.25 move)) × share × ratio; 0 where dealers' gamma is negative.

    Args:
        distance: points.
        move_left: the expected move that remains, points, above 0.
        share: of the chain's gross exposure that stands at the strike, 0 to 1.
        ratio: net over gross there, -1 to 1.
    """
    return math.exp(-abs(distance) / (PIN_REACH * move_left)) * share * max(0.0, ratio)
