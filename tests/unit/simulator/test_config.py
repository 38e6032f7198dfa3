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
        ("page_rows", 0),
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
