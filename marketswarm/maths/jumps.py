"""Whether a return is a jump: returns against their own recent pace, and against the pace that options price.

S. S. Lee and P. A. Mykland, "Jumps in Financial Markets: A New Nonparametric Test and Jump Dynamics", Review of Financial
Studies 21 (2008), their statistic L scaled by √(π/2), so that it is standard normal where nothing jumps. Returns are of logs,
a step is ten seconds, and NaN stands for a return that is not known.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from marketswarm.maths.normal import Flags, Floats

STEP_S: Final = 10.0
SESSION_STEPS: Final = 2_340
"""Steps of one session: the number of tests that share one chance of a false alarm."""

YEAR_S: Final = 365 * 86_400
_SESSION_S: Final = 390 * 60
_SESSIONS_A_DAY: Final = 252 / 365
_HIGHEST: Final = 100.0  # volatility of a year that anything was ever priced at
_NORMAL_MAD: Final = 1.4826
_HALF_NORMAL: Final = math.sqrt(2 / math.pi)  # mean size of a standard normal
_FAR_OUT: Final = 6.0  # deviations of a step: further than any step of a session goes by chance
_BACK: Final = 3.0  # as far as two steps go, 97 times in 100
_OF_THREE: Final = math.pi / (6 - 4 * math.sqrt(3) + math.pi)

# A session's pace, by the share of it that has passed: double at the open, least from noon to half past one.
_SHARES: Final = (0.0, 30 / 390, 150 / 390, 240 / 390, 360 / 390, 1.0)
_PACES: Final = (1.8, 1.4, 0.8, 0.8, 1.1, 1.3)


def step_returns(times_ms: NDArray[np.int64], prices: Floats, longest_ms: int) -> Floats:
    """Returns between neighbours, each scaled to one step by the root of its time; NaN over a longer pause.

    Args:
        times_ms: ascending.
        prices: above 0, as many.
        longest_ms: a return over more than this is of a gap and tells no pace.
    """
    passed_ms = np.diff(times_ms)
    is_known = (passed_ms > 0) & (passed_ms <= longest_ms)
    steps = np.where(is_known, passed_ms, np.nan) / (STEP_S * 1_000)
    return np.asarray(np.diff(np.log(prices)) / np.sqrt(steps))


def bipower_products(returns: Floats) -> Floats:
    """π/2 |r| |r before|, one for each return but the first: each has the variance of a step as its mean, jumps or not.

    O. E. Barndorff-Nielsen and N. Shephard, Journal of Financial Econometrics 2 (2004). NaN beside an unknown return.
    """
    sizes = np.abs(returns)
    return np.asarray(math.pi / 2 * sizes[1:] * sizes[:-1])


def bipower_volatility(returns: Floats) -> float | None:
    """Standard deviation of one step, of bipower variation; None where no two neighbours are known."""
    products = bipower_products(returns)
    known = products[np.isfinite(products)]
    return math.sqrt(float(known.mean())) if known.size else None


def median_squares(returns: Floats) -> Floats:
    """Squared median size of three returns in a row, scaled to the variance of a step as its mean; one for each but the ends.

    Any one jump leaves them untouched, however large. T. G. Andersen, D. Dobrev and E. Schaumburg, "Jump-Robust Volatility
    Estimation using Nearest Neighbor Truncation", Journal of Econometrics 169 (2012). NaN beside an unknown return.
    """
    if returns.size < 3:
        return np.empty(0)
    threes = np.lib.stride_tricks.sliding_window_view(np.abs(returns), 3)
    return np.asarray(_OF_THREE * np.sort(threes, axis=1)[:, 1] ** 2 + 0 * threes.sum(axis=1))


def lone_prints(prices: Floats, least: float) -> Flags:
    """Which prices stand alone: far from the one before, with the next one back where that was, as if they had not been.

    Out and back are each more than six robust deviations of a step, and together at most three, which is what two steps of a path
    without that price make. Two jumps in opposite directions, one right after the other, are the same picture.

    Args:
        prices: above 0, in order.
        least: below what the deviation is not taken, of logs: in a market that stands still, most steps are none.
    """
    steps = np.diff(np.log(prices))
    scale = max(robust_scale(steps) or 0.0, least)
    out, back = steps[:-1], steps[1:]
    is_far = np.minimum(np.abs(out), np.abs(back)) > _FAR_OUT * scale
    are_alone = np.zeros(prices.size, dtype=np.bool_)
    for at in np.flatnonzero(is_far & (np.abs(out + back) <= _BACK * scale)):
        # Of two such prints in a row the way from one to the next is such a pair, too.
        are_alone[at + 1] = not are_alone[at]
    return are_alone


def robust_scale(returns: Floats) -> float | None:
    """Standard deviation of one step by the median distance from the median (MAD); None where no return is known."""
    known = returns[np.isfinite(returns)]
    if not known.size:
        return None
    return _NORMAL_MAD * float(np.median(np.abs(known - np.median(known))))


def gumbel_constants(tests: int) -> tuple[float, float]:
    """C_n and S_n: the largest of that many |L|, less C_n and over S_n, is Gumbel distributed (Lee and Mykland's lemma 1).

    They are of L as it stands in the paper: times √(2/π) of the scaled one.
    """
    root = math.sqrt(2 * math.log(tests))
    shift = (math.log(math.pi) + math.log(math.log(tests))) / (2 * _HALF_NORMAL * root)
    return root / _HALF_NORMAL - shift, 1 / (_HALF_NORMAL * root)


def gumbel_quantile(chance: float) -> float:
    """β*: what a Gumbel variable exceeds with that chance."""
    return -math.log(-math.log1p(-chance))


def jump_threshold(tests: int, chance: float) -> float:
    """What the largest of that many |L|, scaled to the standard normal, exceeds with that chance where nothing jumps."""
    centre, scale = gumbel_constants(tests)
    return _HALF_NORMAL * (centre + scale * gumbel_quantile(chance))


def intraday_factor(share: float) -> float:
    """Pace of a step over the session's root mean square, by the share of the session that has passed, 0 to 1.

    High at the open, low at noon, higher again at the close: the U that T. G. Andersen and T. Bollerslev describe, Journal of
    Empirical Finance 4 (1997), in round numbers. Its mean square over a session is 1.
    """
    return float(np.interp(share, _SHARES, _PACES)) / _PACE_OF_A_SESSION


def implied_step_volatility(volatility: float, years: float, to_close_s: float) -> float | None:
    """Standard deviation of one step that options price: their variance spread evenly over the trading time they have left.

    Trading time is what is left of today's session, and for each calendar day after its close the mean share of a session. So
    options of today, whose years hold trading only, and those of next month give one pace. Nights are taken to be without
    variance, which states a little too much.

    Args:
        volatility: at the money, fraction per year of 365 days.
        years: to settlement.
        to_close_s: from then to the close of today's session; below 0 after it.
    """
    left_s = years * YEAR_S
    today_s = max(min(to_close_s, left_s, _SESSION_S), 0.0)
    later_s = max(left_s - max(to_close_s, 0.0), 0.0) / 86_400 * _SESSIONS_A_DAY * _SESSION_S
    if not (0 < volatility < _HIGHEST and 0 < today_s + later_s < math.inf):
        return None
    return volatility * math.sqrt(years * STEP_S / (today_s + later_s))


def _pace_of_a_session() -> float:
    """Root mean square of the interpolated paces; ∫ of a straight line's square from a to b is (a² + ab + b²) / 3."""
    lengths = np.diff(_SHARES)
    left, right = np.array(_PACES[:-1]), np.array(_PACES[1:])
    return math.sqrt(float(np.sum(lengths * (left * left + left * right + right * right) / 3)))


_PACE_OF_A_SESSION: Final = _pace_of_a_session()
