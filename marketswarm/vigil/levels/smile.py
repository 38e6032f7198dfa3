"""The smile of the front root: fitted, and read at 25 delta and at two sigmas. Pure."""

from typing import Final, NamedTuple

import numpy as np

from marketswarm.maths.normal import Flags, Floats
from marketswarm.maths.smile import REACH, fitted, tail_ratio, volatility_at, wings
from marketswarm.vigil.columns import ChainColumns
from marketswarm.vigil.levels.move import LEAST_VOLATILITY, MOST_VOLATILITY, front_root
from marketswarm.vigil.levels.quality import priced
from marketswarm.vigil.picture import MoveLevels, SmileLevels

SMILE_ABSENCES: Final = ("no-move", "too-few-quotes")
"""Why there is no smile; it is measured in sigmas of the move."""

LEAST_POINTS: Final = 7
LEAST_EACH_SIDE: Final = 3
LARGEST_ERROR: Final = 0.01
"""Root mean square of a fit that may be used, fraction per year: one volatility point."""

LARGEST_SHARE: Final = 0.06
"""Of the level, where that is more: a smile of 40 % has the shape of one of 16 %, and what a parabola leaves grows with it."""

_TAIL: Final = 2.0  # sigmas


class Outside(NamedTuple):
    """Quotes out of the money, ascending: moneyness in sigmas, volatility, spread in points."""

    x: Floats
    volatility: Floats
    spread: Floats


def smile_of(columns: ChainColumns, usable: Flags, move: MoveLevels | None) -> SmileLevels | str:
    """The smile, or one of `SMILE_ABSENCES`: a fit on fewer than 7 quotes, or 3 on a side, is none."""
    if move is None:
        return "no-move"
    quotes = outside_of(columns, usable, move)
    x, volatility, spread = (column[np.abs(quotes.x) <= REACH] for column in quotes)
    if x.size < LEAST_POINTS or min(int((x < 0).sum()), int((x > 0).sum())) < LEAST_EACH_SIDE:
        return "too-few-quotes"
    level, skew, curvature, error = fitted(x, volatility, spread)
    reversal, butterfly = _quarter_delta(quotes, move)
    return SmileLevels(
        level=level,
        skew=skew,
        curvature=curvature,
        error=error,
        points=int(x.size),
        is_good=level > 0 and error <= max(LARGEST_ERROR, LARGEST_SHARE * level),
        risk_reversal=reversal,
        butterfly=butterfly,
        left_tail=_tail(-_TAIL, quotes, move),
        right_tail=_tail(_TAIL, quotes, move),
    )


def outside_of(columns: ChainColumns, usable: Flags, move: MoveLevels) -> Outside:
    """The front root's quotes on the side out of the money, those that state a price of their own."""
    outside = np.where(columns.is_call, columns.strike >= move.forward, columns.strike < move.forward)
    with np.errstate(invalid="ignore"):
        sane = (columns.iv > LEAST_VOLATILITY) & (columns.iv < MOST_VOLATILITY)
    rows = np.flatnonzero(priced(columns, usable) & outside & sane & (columns.root == front_root(columns)))
    rows = rows[np.argsort(columns.strike[rows], kind="stable")]
    x = np.log(columns.strike[rows] / move.forward) / (move.sigma / move.forward)
    return Outside(x, columns.iv[rows], columns.ask[rows] - columns.bid[rows])


def _quarter_delta(quotes: Outside, move: MoveLevels) -> tuple[float | None, float | None]:
    """Risk reversal and butterfly."""
    found = wings(quotes.x, quotes.volatility, at_the_money=move.volatility, years=move.years)
    if found is None:
        return None, None
    return found.call - found.put, (found.call + found.put) / 2 - move.volatility


def _tail(at: float, quotes: Outside, move: MoveLevels) -> float | None:
    volatility = volatility_at(at, quotes.x, quotes.volatility)
    if volatility is None:
        return None
    return tail_ratio(at, volatility, at_the_money=move.volatility, years=move.years)
