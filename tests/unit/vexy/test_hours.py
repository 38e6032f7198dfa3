"""The session as Vexy counts it."""

from datetime import date, datetime

import pytest

from marketswarm.maths.calendar import NEW_YORK, us_options_calendar
from marketswarm.vexy.hours import Hours

CALENDAR = us_options_calendar()


def ms(text):
    """A moment of New York."""
    return int(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).timestamp()) * 1000


@pytest.mark.parametrize(
    ("text", "closes"),
    [
        ("2026-11-23T10:00:00", "2026-11-23T16:00:00"),
        ("2026-11-23T16:00:00", "2026-11-24T16:00:00"),
        ("2026-11-26T12:00:00", "2026-11-27T13:00:00"),
        ("2026-11-28T12:00:00", "2026-11-30T16:00:00"),
    ],
)
def test_marks_go_with_the_next_close(text, closes):
    """Today's until it is over; then that of the session to come."""
    assert Hours(CALENDAR).closes_ms(ms(text)) == ms(closes)


def test_beyond_the_calendar_they_go_at_once():
    """Nobody knows a close there."""
    assert Hours(CALENDAR).closes_ms(ms("2040-01-05T12:00:00")) == ms("2040-01-05T12:00:00")


def test_since_when_spots_are_traded():
    """Since the open of a session that is on; always on a market that never closes; not in between."""
    hours = Hours(CALENDAR)
    assert hours.trading_since(ms("2026-11-23T10:00:00")) == ms("2026-11-23T09:30:00")
    assert hours.trading_since(ms("2026-11-23T16:00:00")) is None
    assert Hours(CALENDAR, is_always_open=True).trading_since(ms("2026-11-22T10:00:00")) == 0


def test_a_phase_has_its_session():
    """The one that it belongs to."""
    hours = Hours(CALENDAR, is_always_open=True)
    phase = hours.phase(ms("2026-11-22T10:00:00"))
    assert (phase.epoch, hours.session(phase).day) == ("premarket", date(2026, 11, 23))
