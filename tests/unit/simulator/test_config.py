"""What the simulator refuses to be told."""

import pytest

from marketswarm.errors import BadArgument
from marketswarm.simulator.config import SimulatorConfig


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("symbols", ()),
        ("symbols", ("SPX", "SPX")),
        ("symbols", ("spx",)),
        ("symbols", ("I:SPX",)),
        ("symbols", ("TOOLONG",)),
        ("port", -1),
        ("port", 65_536),
        ("seed", -1),
        ("events_per_second", -1.0),
        ("events_per_second", float("nan")),
        ("events_per_second", 1e9),
        ("session", "never"),
        ("key", " "),
        ("connections", 0),
        ("tick_ms", 0),
        ("scenario", "storm"),
        ("start", "noon"),
        ("speed", 0.0),
        ("speed", float("inf")),
        ("speed", 1e6),
        ("quotes_per_frame", 0),
        ("faults", ("flood",)),
        ("faults", ("mute", "mute@3")),
    ],
)
def test_impossible_values(name, value):
    """A value that cannot be simulated is refused, and the refusal names it."""
    with pytest.raises(BadArgument, match=name.replace("_", "-")):
        SimulatorConfig(**{name: value})


def test_defaults_are_usable():
    """Nothing needs to be said."""
    assert SimulatorConfig().symbols == ("SPX", "SPY", "QQQ", "NDX")


def test_a_session_is_what_the_scenario_needs():
    """Without a session of its own a half day keeps exchange hours, everything else trades always."""
    assert SimulatorConfig().trades == "always"
    assert SimulatorConfig(scenario="half-day").trades == "calendar"
    assert SimulatorConfig(scenario="jump", session="calendar").trades == "calendar"


def test_a_half_day_has_hours():
    """A half day that never closes is a contradiction, and so is one on a whole day."""
    with pytest.raises(BadArgument, match=r"session is 'always'.*half-day"):
        SimulatorConfig(scenario="half-day", session="always")
    with pytest.raises(BadArgument, match=r"start is .*half-day.*2026-11-27"):
        SimulatorConfig(scenario="half-day", start="2026-11-23 09:30")
