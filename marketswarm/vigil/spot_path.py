"""The spots of the running session as detectors see them: times, prices, returns, and the measures they are held against. Pure.

The slot of the open itself is left out: an index shows yesterday's close there, and its way to the first trades is no move.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from marketswarm.maths.jumps import implied_step_volatility, intraday_factor, step_returns
from marketswarm.maths.normal import Floats
from marketswarm.vigil.sighting import Marks, Moment, SessionTime, Tick

LONGEST_STEP_MS: Final = 25_000
"""Two slots and a little: a return over more is of a gap, and no pace is read off it."""

_MOMENTS_KEPT: Final = 8  # as many as a worker has threads

LEAST_PRICE: Final = 1e-9

LEAST_MOVE: Final = 1e-5
"""An expected move of less than this share of spot measures nothing."""


@dataclass(frozen=True, slots=True)
class SpotPath:
    """Spots since the open, at most an hour of them, the present one last; read only, since detectors share it.

    Attributes:
        times: ms since the epoch, ascending.
        spots: points.
        returns: of logs, between neighbours, scaled to ten seconds; NaN across a gap.
    """

    times: NDArray[np.int64]
    spots: Floats
    returns: Floats


def session_path(moment: Moment) -> SpotPath | None:
    """The path to this moment; None when its spot is no price, or outside the session."""
    if not (in_session(moment) and is_price(moment.tick.spot)):
        return None
    return _path(moment.before, moment.tick, moment.session.open_ms)


@lru_cache(maxsize=_MOMENTS_KEPT)  # several detectors ask for the path of one moment, one after the other
def _path(before: tuple[Tick, ...], tick: Tick, open_ms: int) -> SpotPath:
    count = len(before) + 1
    numbers = chain.from_iterable((*before, tick))
    table = np.fromiter(numbers, dtype=np.float64, count=2 * count).reshape(count, 2)
    times, spots = table[:, 0], table[:, 1]
    is_past = (times > open_ms) & (times < tick.ts)
    is_past[-1] = True
    kept = is_past & (spots >= LEAST_PRICE) & (spots <= 1 / LEAST_PRICE)
    times_ms, prices = times[kept].astype(np.int64), spots[kept]
    path = SpotPath(times_ms, prices, step_returns(times_ms, prices, LONGEST_STEP_MS))
    for shared in (path.times, path.spots, path.returns):
        shared.setflags(write=False)
    return path


def in_session(moment: Moment) -> bool:
    """Whether trading is on, and past its first slot."""
    return moment.session.is_open and moment.tick.ts > moment.session.open_ms


def is_price(spot: float) -> bool:
    """Whether it can be a spot or a strike at all; what is not keeps every ratio of two of them finite."""
    return LEAST_PRICE <= spot <= 1 / LEAST_PRICE


def move_measure(moment: Moment, *, until_fixed: bool = False) -> float | None:
    """The expected move as it was fixed at the open, points; None when it is not known, or spot is no price.

    Args:
        moment: with the marks.
        until_fixed: take the one that remains while none is fixed, which in the first minute is nearly the same.
    """
    move, spot = moment.marks.move_open, moment.tick.spot
    if move is None and until_fixed:
        move = moment.marks.move_left
    if move is None or not (is_price(spot) and LEAST_MOVE * spot <= move <= 1 / LEAST_PRICE):
        return None
    return move


def implied_pace(moment: Moment) -> float | None:
    """Standard deviation of a return of ten seconds at this time of the day, as options price it; None when unknown."""
    even = even_pace(moment)
    return None if even is None else even * day_factor(moment, moment.tick.ts)


def even_pace(moment: Moment) -> float | None:
    """The same on average over the session."""
    return priced_pace(moment.marks, moment.session, moment.tick.ts)


def priced_pace(marks: Marks, session: SessionTime, ts: int) -> float | None:
    """The same by what was last known of the chain at a time, ms."""
    if marks.volatility is None or marks.years is None or not 0 < marks.years < 100:
        return None
    to_close_s = (session.close_ms - (marks.as_of or ts)) / 1_000
    return implied_step_volatility(marks.volatility, marks.years, to_close_s)


def day_factor(moment: Moment, ts: int) -> float:
    """How fast this time of the session is, against the whole of it."""
    session = moment.session
    return intraday_factor((ts - session.open_ms) / max(session.close_ms - session.open_ms, 1))


def named(strike: float) -> str:
    """A strike in a key: without a trailing `.0`, never in powers of ten."""
    return f"{strike:.4f}".rstrip("0").rstrip(".")


def shown(strike: float) -> str:
    """A strike in a title, with its thousands apart."""
    whole = f"{strike:,.4f}"
    return whole.rstrip("0").rstrip(".")
