"""The highest rate at which something still holds, found by halving, and believed only when it holds again."""

from collections.abc import Callable
from typing import Protocol, TypeVar

_FIRST = 0.8  # of the top
_DOWN = 0.6  # while nothing has held yet
_BACK = 0.85  # when what has held once does not hold again
_REPEATS = 6


class Outcome(Protocol):
    """What a try gives."""

    @property
    def holds(self) -> bool:
        """Whether it does at this rate."""
        ...


Tried = TypeVar("Tried", bound=Outcome)


def highest(top: float, tries: int, try_at: Callable[[float], Tried]) -> tuple[float, Tried]:
    """The highest rate below the top that holds, and how it was; rate 0 and the last try when none has held twice.

    A rate that fails gets a second chance, since a neighbour may have been the reason; what is given has held twice.

    Args:
        tries: halvings; each takes one or two tries. Up to six more follow.
    """
    low, high, rate = 0.0, top, _FIRST * top
    for _ in range(tries):
        done = try_at(rate)
        if done.holds or (done := try_at(rate)).holds:
            low = rate
        else:
            high = rate
        rate = (low + high) / 2 if low else high * _DOWN
    if not low:
        return 0.0, done
    return _again(low, try_at)


def _again(rate: float, try_at: Callable[[float], Tried]) -> tuple[float, Tried]:
    for _ in range(_REPEATS):
        done = try_at(rate)
        if done.holds:
            return rate, done
        rate *= _BACK
    return 0.0, done
