"""Where in the trading day a moment lies."""

from datetime import datetime

import pytest

from marketswarm.maths.calendar import NEW_YORK, us_options_calendar
from marketswarm.vigil.hours import session_time


def at(text):
    """New York time as ms since the epoch."""
    return round(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).timestamp() * 1000)


@pytest.mark.parametrize(
    ("moment", "day", "is_open"),
    [
        ("2026-11-23 09:29:50", "2026-11-23", False),
        ("2026-11-23 09:30", "2026-11-23", True),
        ("2026-11-23 15:59:50", "2026-11-23", True),
        ("2026-11-23 16:00", "2026-11-24", False),
        ("2026-11-27 13:00", "2026-11-30", False),
    ],
)
def test_a_session_lasts_until_its_close(moment, day, is_open):
    """Then the next one is looked forward to."""
    session = session_time(us_options_calendar(), at(moment))
    assert (session.day, session.is_open) == (day, is_open)
    assert session.open_ms == at(f"{day} 09:30")


def test_a_market_that_never_closes_keeps_the_days_of_the_exchange():
    """It is open at night, and its day is still the one whose chain is in force."""
    session = session_time(us_options_calendar(), at("2026-11-23 20:00"), is_always_open=True)
    assert (session.day, session.is_open) == ("2026-11-24", True)


def test_beyond_the_calendar_only_the_day_is_known():
    """Open and close are the moment itself."""
    session = session_time(us_options_calendar(), 10_000)
    assert (session.day, session.open_ms, session.close_ms) == ("1969-12-31", 10_000, 10_000)
    assert not session.is_open
