"""The vendors of the tests list chains that neither roll nor are loaded ahead while a test runs, at any moment of years."""

from datetime import UTC, date, datetime, timedelta

import pytest

from marketswarm.chain.phases import end_of_trading_ms, phase_at
from marketswarm.maths.calendar import NEW_YORK, us_options_calendar
from marketswarm.simulator.universe import listed_series
from tests.support.calm_calendar import EXPIRATIONS, calm_calendar
from tests.support.canned_chain import weekday_ahead
from tests.support.simulated_market import a_profile

CALENDAR = us_options_calendar()
LONGEST_TEST_MS = 3_600_000
DAYS = [
    date(2026, 1, 1) + timedelta(days=days) for days in range(2345)
]  # to June 2032: the table ends that year
HOURS = ((0, 0), (9, 29), (12, 50), (15, 30), (15, 50), (15, 59), (16, 0), (23, 59))


def moments(day: date) -> list[int]:
    """Moments of a day in New York, in ms: the worst ones, half days included."""
    at = [datetime(day.year, day.month, day.day, hour, minute, tzinfo=NEW_YORK) for hour, minute in HOURS]
    return [int(moment.timestamp()) * 1000 for moment in at]


def is_at_rest(expiration: date, now_ms: int) -> bool:
    """Whether a chain is neither near its end nor past it, from now to the end of the longest test."""
    end_ms = end_of_trading_ms(CALENDAR, expiration, {"pm"})
    return phase_at(end_ms, now_ms) == phase_at(end_ms, now_ms + LONGEST_TEST_MS) == "hold"


def test_the_calendar_is_that_of_the_exchange_but_for_the_days_at_hand():
    """On a Wednesday before a third Friday the next session is Monday; behind it nothing differs."""
    wednesday_ms = int(datetime(2026, 11, 18, 15, tzinfo=UTC).timestamp()) * 1000
    calm = calm_calendar(wednesday_ms)
    assert calm.first_expiration_day(wednesday_ms) == date(2026, 11, 23)
    assert (
        calm.next_session(date(2026, 11, 25))
        == CALENDAR.next_session(date(2026, 11, 25))
        == date(2026, 11, 27)
    )
    assert calm.session(date(2026, 11, 27)).is_half_day


@pytest.mark.parametrize("year", range(2026, 2033))
def test_what_a_simulator_lists_first_stays_as_it_is(year: int):
    """On each day and at its worst moments, the first expirations have afternoon contracts only, and end hours later."""
    for day in (day for day in DAYS if day.year == year):
        for now_ms in moments(day):
            series = listed_series(a_profile("SPX"), now_ms, calm_calendar(now_ms), adjusted=False)
            first = sorted({one.expiration for one in series})[:EXPIRATIONS]
            assert all(is_at_rest(expiration, now_ms) for expiration in first), (now_ms, first)
            assert {one.settles for one in series if one.expiration in first} == {"pm"}, (now_ms, first)


def test_so_does_the_canned_chain():
    """A weekday a week ahead, holiday or not."""
    for day in DAYS:
        expiration = weekday_ahead(day)
        assert expiration.weekday() < 5
        assert all(is_at_rest(expiration, now_ms) for now_ms in moments(day)), day
