"""How much a price moved: realised variance, and the part of it that no jump explains.

Realised variance is the sum of squared log returns; bipower variation, π/2 times the sum of the products of neighbours, has the
same limit where a price moves without jumps, and a single jump barely counts in it (O. Barndorff-Nielsen, N. Shephard, "Power and
Bipower Variation with Stochastic Volatility and Jumps", Journal of Financial Econometrics 2, 2004). Both are divided by the time
over which they were seen, and a year is 252 sessions of six and a half hours: nights are in neither.
"""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from marketswarm.maths.normal import Flags, Floats

SECONDS_A_YEAR: Final = 252 * 23_400
LONGEST_STEP_MS: Final = 25_000
"""Between two prices of ten seconds: two slots may be missed, what is longer is a gap, and its return is left out."""

LEAST_RETURNS: Final = 30
"""Fewer, five minutes, tell the volatility to no better than an eighth."""


class Realised(NamedTuple):
    """What a path of prices did.

    Attributes:
        volatility: fraction per year, jumps included; `bipower` without them.
        seconds: over how much time it was seen, gaps left out.
        returns: how many.
    """

    volatility: float
    bipower: float
    seconds: float
    returns: int


def realised(
    ts: NDArray[np.int64], price: Floats, *, longest_step_ms: int = LONGEST_STEP_MS
) -> Realised | None:
    """Realised volatility of prices about ten seconds apart; None for fewer than 30 returns.

    Args:
        ts: ms, ascending; a time that comes twice or goes back states no return.
        price: points; one that is not above 0 states no return.
        longest_step_ms: what is longer between two prices is a gap.
    """
    seconds = np.diff(ts) / 1_000
    sound = np.isfinite(price) & (price > 0)
    known = sound[1:] & sound[:-1] & (seconds > 0) & (seconds <= longest_step_ms / 1_000)
    if int(known.sum()) < LEAST_RETURNS:
        return None
    size = np.abs(np.diff(np.log(np.where(sound, price, 1.0))))
    lasted = float(seconds[known].sum())
    variance = float(np.sum(size[known] ** 2)) / lasted
    return Realised(
        volatility=math.sqrt(variance * SECONDS_A_YEAR),
        bipower=math.sqrt(_bipower(size, seconds, known) * SECONDS_A_YEAR),
        seconds=lasted,
        returns=int(known.sum()),
    )


def _bipower(size: Floats, seconds: Floats, known: Flags) -> float:
    """Bipower variation a second: products of neighbours over the geometric mean of their times; 0 without neighbours."""
    both = known[1:] & known[:-1]
    if not both.any():
        return 0.0
    lasted = float(np.sqrt((seconds[1:] * seconds[:-1])[both]).sum())
    return math.pi / 2 * float((size[1:] * size[:-1])[both].sum()) / lasted
