"""Which strikes a chain holds, and when spot has drifted so far that it must hold others."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from marketswarm.model.chain import StrikeWindow

COOLDOWN_MS = 30_000  # a window moves at most once in that time, unless spot is about to leave it


@dataclass(frozen=True, slots=True)
class Move:
    """How a chain gets from the strikes that it holds to the window around spot.

    Attributes:
        window: the strikes that it must hold.
        spans: what it lacks of them, from … to, ascending.
        reach: lowest and highest strike once those are added, as far as there is no hole between them.
        keep: lowest and highest strike that stay afterwards: the window, and behind it no more than the margin.
    """

    window: StrikeWindow
    spans: list[tuple[float, float]]
    reach: tuple[float, float]
    keep: tuple[float, float]


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


def wants_move(
    strikes: Sequence[float],
    centre: float,
    spot: float,
    *,
    each_side: int,
    strikes_allowed: float,
    points_allowed: float | None,
    is_rested: bool,
) -> bool:
    """Whether the window should move: spot has drifted, and the last move was long enough ago or cannot be waited for.

    Args:
        strikes: strikes that the chain holds, ascending.
        centre: the middle of its window.
        spot: price of the underlying.
        each_side: N of its window.
        strikes_allowed: as for `has_drifted`.
        points_allowed: as for `has_drifted`.
        is_rested: whether the cooldown is over.
    """
    drifted = has_drifted(
        strikes, centre, spot, strikes_allowed=strikes_allowed, points_allowed=points_allowed
    )
    return drifted and (is_rested or strides(strikes, centre, spot) * 2 >= each_side)


def strides(strikes: Sequence[float], centre: float, spot: float) -> int:
    """How many held strikes lie between the centre and spot. Beyond the last one there is nothing to stride to."""
    if not strikes:
        return 0
    return abs(nearest_index(strikes, spot) - nearest_index(strikes, centre))


def plan_move(
    strikes: Sequence[float], held: tuple[float, float], spot: float, *, each_side: int, margin: int
) -> Move:
    """The way from the strikes that are held to the window around spot: what comes, and what may stay.

    Args:
        strikes: listed strikes, ascending, at least one.
        held: lowest and highest strike of the chain as it is.
        spot: price of the underlying.
        each_side: N of ±N.
        margin: strikes behind the window that may stay, so that a walk back needs no load.
    """
    window, wider = choose_window(strikes, spot, each_side), choose_window(strikes, spot, each_side + margin)
    low, high = held
    bounds = (window.low, window.high)
    if window.low > high or window.high < low:
        return Move(window, [bounds], bounds, bounds)
    reach = (min(low, window.low), max(high, window.high))
    keep = (max(reach[0], wider.low), min(reach[1], wider.high))
    return Move(window, missing_span(window, low, high), reach, keep)


def missing_span(window: StrikeWindow, low: float, high: float) -> list[tuple[float, float]]:
    """The spans of strikes that a window needs and a chain from `low` to `high` does not hold, ascending."""
    below = [strike for strike in window.strikes if strike < low]
    above = [strike for strike in window.strikes if strike > high]
    return [(side[0], side[-1]) for side in (below, above) if side]


def _position(strikes: Sequence[float], price: float) -> float:
    index = min(max(bisect_right(strikes, price) - 1, 0), len(strikes) - 2)
    return index + (price - strikes[index]) / (strikes[index + 1] - strikes[index])
