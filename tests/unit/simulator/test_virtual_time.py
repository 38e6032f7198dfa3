"""Which clock a simulator follows."""

import pytest

from marketswarm.clock import ManualClock, ScaledClock
from marketswarm.simulator.config import SimulatorConfig
from marketswarm.simulator.virtual_time import beginning_ms, clock_of
from tests.support.simulated_market import new_york_ms

NOW = new_york_ms("2026-11-22 12:00")


def test_the_present_moment_unless_told():
    """Without start, speed and a scenario that needs a moment of its own, time is the clock's own."""
    base = ManualClock(NOW)
    config = SimulatorConfig(scenario="jump")
    assert beginning_ms(config, NOW) == NOW
    assert clock_of(config, NOW, base) is base


def test_a_start_and_a_speed():
    """Time begins at the start and runs at the speed."""
    base = ManualClock(NOW)
    config = SimulatorConfig(start="2026-11-23 09:30", speed=60.0)
    clock = clock_of(config, beginning_ms(config, NOW), base)
    assert isinstance(clock, ScaledClock)
    base.advance(2.0)
    assert clock.now_ms() == new_york_ms("2026-11-23 09:32")


def test_a_scenario_brings_its_beginning():
    """A half day begins shortly before its close; a start of one's own comes first."""
    assert beginning_ms(SimulatorConfig(scenario="half-day"), NOW) == new_york_ms("2026-11-27 12:55")
    own = SimulatorConfig(scenario="half-day", start="2026-11-27 09:30")
    assert beginning_ms(own, NOW) == new_york_ms("2026-11-27 09:30")


def test_a_clock_that_others_share():
    """It shows what theirs shows: the beginning at the machine's moment that was named, and less before that."""
    base = ManualClock(NOW)
    config = SimulatorConfig(
        clock=(new_york_ms("2026-11-27 12:55"), NOW + 5_000), speed=4.0, scenario="half-day"
    )
    clock = clock_of(config, beginning_ms(config, NOW), base)
    assert beginning_ms(config, NOW) == new_york_ms("2026-11-27 12:55")
    assert clock.now_ms() == new_york_ms("2026-11-27 12:55") - 20_000
    base.advance(20.0)
    assert clock.now_ms() == new_york_ms("2026-11-27 12:56")


@pytest.mark.parametrize("speed", [0.5, 10.0])
def test_a_speed_alone_begins_now(speed):
    """Without a start, another speed begins at the present moment."""
    base = ManualClock(NOW)
    clock = clock_of(SimulatorConfig(speed=speed), NOW, base)
    base.advance(4.0)
    assert clock.now_ms() == NOW + round(4000 * speed)
