"""Walls and peaks on sums by strike that are given."""

import numpy as np
import pytest

from marketswarm.maths.exposure import StrikeSums
from marketswarm.vigil.levels.walls import call_wall, lowest, peak, put_wall
from marketswarm.vigil.picture import Wall

STRIKES = (90.0, 95.0, 100.0, 105.0, 110.0)


def sums(call, put):
    """Sums at 90, 95, 100, 105 and 110; puts are given as sizes."""
    call, put = np.array(call, dtype=float), -np.array(put, dtype=float)
    return StrikeSums(np.array(STRIKES), call, put, call + put, call - put)


def test_walls_and_what_they_weigh():
    """The strikes with most net exposure of their sign on their side, their share of that side and of gross."""
    by_strike = sums(call=(0, 10, 0, 30, 10), put=(50, 40, 0, 0, 60))
    assert call_wall(by_strike, 100.0) == Wall(105.0, 30.0, 1.0, 30 / 200)
    assert put_wall(by_strike, 100.0) == Wall(90.0, -50.0, 50 / 80, 50 / 200)


def test_a_strike_at_spot_may_be_either_wall():
    """Equality with spot is allowed on both sides."""
    assert call_wall(sums((0, 0, 9, 5, 0), (0,) * 5), 100.0).strike == 100.0
    assert put_wall(sums((0,) * 5, (0, 5, 9, 0, 0)), 100.0).strike == 100.0


def test_of_equals_the_nearer_is_the_wall():
    """Above and below spot alike."""
    assert call_wall(sums((0, 0, 0, 7, 7), (0,) * 5), 101.0).strike == 105.0
    assert put_wall(sums((0,) * 5, (7, 7, 0, 0, 0)), 99.0).strike == 95.0


def test_a_wall_has_exposure_of_its_sign():
    """Where calls outweigh puts nowhere above spot there is no call wall, and the other way about."""
    assert call_wall(sums((9, 9, 0, 0, 0), (0, 0, 0, 1, 2)), 100.0) is None
    assert put_wall(sums((9, 9, 0, 0, 0), (0, 0, 0, 1, 2)), 100.0) is None
    assert call_wall(sums((9,) * 5, (0,) * 5), 120.0) is None


@pytest.mark.parametrize(
    ("size", "strike"),
    [((1, 2, 3, 2, 1), 100.0), ((4, 0, 0, 1, 4), 110.0), ((0,) * 5, None)],
    ids=["largest", "nearer of equals", "none"],
)
def test_peaks(size, strike):
    """The strike with the largest size, wherever spot is; None when there is none."""
    by_strike = sums(call=size, put=(0,) * 5)
    assert peak(by_strike, by_strike.call, 102.0) == strike


@pytest.mark.parametrize(("size", "stands"), [(0.9, False), (1.0, True)])
def test_a_strike_with_next_to_no_gamma_is_no_wall_and_no_peak(size, stands):
    """From a hundredth of all gross exposure on, however much of its own side it is."""
    below = 100.0 - size
    calls = sums(call=(below, 0, 0, size, 0), put=(0,) * 5)
    puts = sums(call=(0,) * 5, put=(0, size, 0, 0, below))
    assert (call_wall(calls, 100.0) is not None, put_wall(puts, 100.0) is not None) == (stands, stands)
    few_puts = sums(call=(below, 0, 0, 0, 0), put=(0, 0, size, 0, 0))
    assert (peak(few_puts, -few_puts.put, 100.0) is not None) == stands


def test_where_the_running_sum_is_least():
    """Sums from below are -5, -12, -10, -10, 20: least at 95; where they never fall below 0 there is no such strike."""
    assert lowest(sums((0, 0, 2, 0, 30), (5, 7, 0, 0, 0))) == 95.0
    assert lowest(sums((5, 0, 2, 0, 30), (0, 5, 0, 0, 0))) is None
