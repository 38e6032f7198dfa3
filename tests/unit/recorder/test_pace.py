"""At which moment a replay is."""

import pytest

from marketswarm.clock import ManualClock
from marketswarm.errors import BadArgument
from marketswarm.recorder.pace import Pace, speed_of


def test_time_passes_as_fast_as_was_asked():
    """From the moment at which it begins; before that it stands."""
    clock = ManualClock()
    pace = Pace(clock, 2.0, 5_000_000)
    clock.advance(10)
    assert pace.now_us() == 5_000_000
    pace.begin()
    clock.advance(1)
    assert pace.now_us() == 7_000_000
    assert pace.wait_s(8_000_000) == pytest.approx(0.5)
    assert pace.wait_s(6_000_000) == 0


def test_one_that_began_elsewhere_is_joined():
    """Or begins a little later."""
    clock = ManualClock()
    pace = Pace(clock, 1.0, 5_000_000)
    pace.begin(ago_s=-2)
    assert pace.now_us() == 3_000_000
    pace.begin(ago_s=2)
    assert pace.now_us() == 7_000_000


def test_without_a_speed_it_is_where_it_was_read_to():
    """And nothing is waited for."""
    pace = Pace(ManualClock(), None, 5_000_000)
    pace.begin()
    assert pace.wait_s(10**15) == 0
    pace.reached_us = 9_000_000
    assert pace.now_us() == 9_000_000


def test_speeds_as_people_write_them():
    """A number above 0, or max; anything else is refused with what is allowed."""
    assert [speed_of("1"), speed_of("0.5"), speed_of("max")] == [1.0, 0.5, None]
    for text in ("0", "-1", "fast", "nan", "inf", "1e9", ""):
        with pytest.raises(BadArgument, match=r"speed is .*; allowed: max, or a number above 0"):
            speed_of(text)
