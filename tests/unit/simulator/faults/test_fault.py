"""Parameters of faults."""

import pytest

from marketswarm.simulator.faults.fault import read_seconds


@pytest.mark.parametrize(
    ("text", "value"),
    [("2", 2.0), ("0.5", 0.5), ("500ms", 0.5), ("3s", 3.0), ("2m", 120.0), ("1min", 60.0), ("1h", 3600.0)],
)
def test_times(text, value):
    """A number of seconds, or one with a unit."""
    assert read_seconds(text) == value


@pytest.mark.parametrize("text", ["", "s", "-1", "1 s", "1d", "inf", "nan", "1e3", "0", "٣", "800h"])
def test_no_times(text):
    """Anything else is none, and neither is more than a week."""
    with pytest.raises(ValueError):
        read_seconds(text)
