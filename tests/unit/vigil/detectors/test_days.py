"""Whole sessions of spots: what happened is found, and a quiet day stays quiet."""

import pytest

from marketswarm.vigil.detectors import burst, drift, expected_move, flip, jump, key_strike
from tests.support.spot_days import Day, days
from tests.support.vigil_drive import beginnings, drive, marks_at

# The flip and key strikes need a chain, which does not belong to these spots: without one they must stay silent.
FILES = (burst, drift, expected_move, flip, jump, key_strike)
DAYS = days()


def told(day: Day) -> list[tuple[int, str, float]]:
    """When, what, and the change in basis points where it is a jump, of all that begins on a day."""
    marks = marks_at(day.ticks[0].spot, volatility=day.volatility, session=day.session)
    return [
        (one.ts, one.sighting.type, one.sighting.evidence["return"].value if file is jump else 0.0)
        for file in FILES
        for one in beginnings(
            drive(file.DETECTOR, day.ticks, marks, thresholds=file.Thresholds(), session=day.session)
        )
    ]


@pytest.mark.parametrize("day", [day for day in DAYS if day.jump_ms], ids=lambda day: day.name)
def test_the_jump_is_found(day):
    """-10.9 basis points in ten seconds are told at the very slot, and few others all day."""
    jumps = [(ts, change) for ts, what, change in told(day) if what == "spot_jump"]
    assert (day.jump_ms, pytest.approx(-10.9, abs=0.4)) in jumps
    assert len(jumps) <= 3


@pytest.mark.parametrize("day", [day for day in DAYS if not day.jump_ms], ids=lambda day: day.name)
def test_a_quiet_day_stays_quiet(day):
    """At most five events of all detectors together."""
    assert len(told(day)) <= 5
