"""Which strikes a chain holds, and when spot has drifted so far that it must hold others."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from marketswarm.model.chain import StrikeWindow


def choose_window(strikes: Sequence[float], spot: float, each_side: int) -> StrikeWindow:
    """The strike nearest to spot and up to `each_side` listed strikes on either side of it.

    Args:
        strikes: listed strikes, ascending, at least one.
        spot: price of the underlying.
        each_side: N of ±N.
    """
    middle = nearest_index(strikes, spot)
    chosen = tuple(strikes[max(0, middle - each_side) : middle + each_side + 1])
    return StrikeWindow(centre=strikes[middle], low=chosen[0], high=chosen[-1], strikes=chosen)


def nearest_index(strikes: Sequence[float], price: float) -> int:
    """Index of the strike closest to a price; the lower one on a tie."""
    right = bisect_left(strikes, price)
    if right == 0:
        return 0
    if right == len(strikes) or price - strikes[right - 1] <= strikes[right] - price:
        return right - 1
    return right


def strikes_between(strikes: Sequence[float], centre: float, spot: float) -> float:
    """How many strikes spot is away from the centre, with the fraction of the strike gap that it stands in.

    Beyond the last known strike the last known gap is taken to go on.
    """
    if len(strikes) < 2:
        return 0.0
    return abs(_position(strikes, spot) - _position(strikes, centre))


def has_drifted(
    strikes: Sequence[float],
    centre: float,
    spot: float,
    *,
    strikes_allowed: float,
    points_allowed: float | None,
) -> bool:
    """Whether spot is further from the centre than allowed: in points if given, in strikes otherwise."""
    if points_allowed is not None:
        return abs(spot - centre) > points_allowed
    return strikes_between(strikes, centre, spot) > strikes_allowed


def missing_span(window: StrikeWindow, low: float, high: float) -> list[tuple[float, float]]:
    """The spans of strikes that a window needs and a chain from `low` to `high` does not hold, ascending."""
    below = [strike for strike in window.strikes if strike < low]
    above = [strike for strike in window.strikes if strike > high]
    return [(side[0], side[-1]) for side in (below, above) if side]


def _position(strikes: Sequence[float], price: float) -> float:
    index = min(max(bisect_right(strikes, price) - 1, 0), len(strikes) - 2)
    return index + (price - strikes[index]) / (strikes[index + 1] - strikes[index])
