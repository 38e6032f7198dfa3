"""Strikes that stand out: walls on both sides of spot, the peaks of each side's gamma, and where the running sum is least. Pure."""

from typing import Final

import numpy as np

from marketswarm.maths.exposure import StrikeSums
from marketswarm.maths.normal import Floats
from marketswarm.vigil.picture import Wall

LEAST_SHARE: Final = 0.01
"""Of the chain's gross exposure, below which a strike is neither a wall nor a peak: the largest of next to nothing is no place."""


def call_wall(sums: StrikeSums, spot: float) -> Wall | None:
    """The strike at spot or above with most net exposure above 0; None when none stands out.

    Of equals the nearest to spot. One with less than `LEAST_SHARE` of all gross exposure does not stand out.
    """
    return _wall(sums, np.where(sums.strike >= spot, sums.net, 0.0), spot)


def put_wall(sums: StrikeSums, spot: float) -> Wall | None:
    """The strike at spot or below with most net exposure below 0; None when none stands out, as above."""
    return _wall(sums, np.where(sums.strike <= spot, -sums.net, 0.0), spot)


def peak(sums: StrikeSums, size: Floats, spot: float) -> float | None:
    """The strike with the largest size, the nearest to spot of equals; None when none has its `LEAST_SHARE` of gross exposure."""
    at = _largest(sums, size, spot)
    return None if at is None else float(sums.strike[at])


def lowest(sums: StrikeSums) -> float | None:
    """The strike at which the sum of net exposure from below is least, the lowest of equals; None when it never is below 0."""
    running = np.cumsum(sums.net)
    at = int(np.argmin(running))
    return float(sums.strike[at]) if running[at] < 0 else None


def _wall(sums: StrikeSums, strength: Floats, spot: float) -> Wall | None:
    at = _largest(sums, strength, spot)
    if at is None:
        return None
    on_this_side = float(np.maximum(strength, 0.0).sum())
    return Wall(
        strike=float(sums.strike[at]),
        exposure=float(sums.net[at]),
        dominance=min(float(strength[at]) / on_this_side, 1.0),
        share=min(float(strength[at] / sums.gross.sum()), 1.0),
    )


def _largest(sums: StrikeSums, size: Floats, spot: float) -> int | None:
    most = size.max()
    if not (most > 0 and most >= LEAST_SHARE * sums.gross.sum()):
        return None
    equals = np.flatnonzero(size == most)
    return int(equals[np.argmin(np.abs(sums.strike[equals] - spot))])
