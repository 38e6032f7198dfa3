"""Where simulated time may begin."""

import pytest

from marketswarm.errors import BadArgument
from marketswarm.maths.calendar import us_options_calendar
from marketswarm.simulator.scenarios.beginning import beginning_of, check_beginning, moment_of
from marketswarm.simulator.scenarios.catalogue import scenario_named
from tests.support.simulated_market import new_york_ms

CALENDAR = us_options_calendar()


@pytest.mark.parametrize("text", ["2026-11-23 09:30", "2026-11-23T09:30:00", " 2026-11-23 09:30 "])
def test_a_moment_is_new_york_time(text):
    """With a space or a T, with or without seconds."""
    assert moment_of(text, CALENDAR) == new_york_ms("2026-11-23 09:30")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("tomorrow", "2026-11-23 09:30"),
        ("2026-13-01 09:30", "2026-11-23 09:30"),
        ("2026-11-23 09:30+00:00", "without an offset"),
        ("2026-03-08 02:30", "put forward"),
        ("1999-11-23 09:30", "2023–2032"),
        ("2032-10-01 09:30", "2023–2032"),
    ],
)
def test_what_is_no_moment(text, why):
    """A text, an offset, an hour that New York skips and a year beyond the calendar are refused with what is allowed."""
    with pytest.raises(BadArgument, match="start is") as refused:
        moment_of(text, CALENDAR)
    assert why in str(refused.value)


def test_a_scenario_finds_its_own_beginning():
    """A roll begins five minutes before the next close, a half day on the next one of the calendar, the rest now."""
    now_ms = new_york_ms("2026-11-23 17:00")
    assert beginning_of(scenario_named("usual"), now_ms, CALENDAR) is None
    assert beginning_of(scenario_named("roll"), now_ms, CALENDAR) == new_york_ms("2026-11-24 15:55")
    assert beginning_of(scenario_named("half-day"), now_ms, CALENDAR) == new_york_ms("2026-11-27 12:55")
    later_ms = new_york_ms("2026-11-27 13:00")
    assert beginning_of(scenario_named("half-day"), later_ms, CALENDAR) == new_york_ms("2026-12-24 12:55")


@pytest.mark.parametrize(
    ("scenario", "start", "usable"),
    [
        ("half-day", "2026-11-23 09:30", "2026-11-27 12:55"),
        ("half-day", "2026-11-27 14:00", "2026-12-24 12:55"),
        ("roll", "2026-11-26 09:30", "2026-11-27 12:55"),
        ("roll", "2026-11-23 16:00", "2026-11-24 15:55"),
    ],
)
def test_a_start_at_which_nothing_can_happen(scenario, start, usable):
    """A start that contradicts the scenario is refused with one that does not."""
    with pytest.raises(BadArgument, match=usable):
        check_beginning(scenario_named(scenario), start, new_york_ms(start), CALENDAR)


def test_a_start_that_fits():
    """Any moment of a session before its close will do, and any at all where the scenario does not care."""
    for scenario, start in (
        *(("half-day", "2026-11-27 09:30"), ("roll", "2026-11-23 06:00"), ("jump", "2026-11-22 06:00")),
    ):
        moment_ms = new_york_ms(start)
        check_beginning(scenario_named(scenario), start, moment_ms, CALENDAR)
        assert moment_of(start, CALENDAR) == moment_ms
