"""Where a chain stands in its life, over five years of sessions."""

import itertools
from datetime import date, datetime, timedelta

import pytest

from marketswarm.chain.phases import PRELOAD_MS, am_stop_ms, end_of_trading_ms, phase_at
from marketswarm.maths.calendar import NEW_YORK, us_options_calendar

CALENDAR = us_options_calendar()
SESSIONS = [
    day
    for day in (date(2024, 1, 1) + timedelta(days=step) for step in range(366 + 365 * 3 + 366))
    if CALENDAR.is_session(day)
]


def new_york_ms(text: str) -> int:
    """`2026-11-23 16:00` on New York's clock, in ms since the epoch."""
    return int(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).timestamp()) * 1000


def phase(day: date, now_ms: int, settlements=("pm",)) -> str:
    """The phase of a chain of that day."""
    return phase_at(end_of_trading_ms(CALENDAR, day, settlements), now_ms)


def test_the_years_are_whole():
    """Five years of sessions, as the exchange counts them."""
    per_year = [sum(day.year == year for day in SESSIONS) for year in range(2024, 2029)]

    assert per_year == [252, 250, 251, 251, 251]


@pytest.mark.parametrize("year", range(2024, 2029))
def test_every_session_rolls_at_its_own_close(year):
    """A millisecond before the last quarter of an hour it holds, then the next is loaded, at the close it is in force."""
    for day in (day for day in SESSIONS if day.year == year):
        close_ms = CALENDAR.session(day).close_ms
        moments = (close_ms - PRELOAD_MS - 1, close_ms - PRELOAD_MS, close_ms - 1, close_ms)
        assert [phase(day, now_ms) for now_ms in moments] == ["hold", "preload", "preload", "switch"]


@pytest.mark.parametrize("year", range(2024, 2029))
def test_who_follows_is_held_until_its_own_end(year):
    """At each close the next session's chain is neither over nor about to be, whatever lies between."""
    for day, follower in itertools.pairwise(SESSIONS):
        if day.year == year:
            close_ms = CALENDAR.session(day).close_ms
            assert CALENDAR.first_expiration_day(close_ms) == follower
            assert phase(follower, close_ms) == "hold"


@pytest.mark.parametrize(
    ("case", "day", "at", "expected"),
    [
        ("an ordinary Monday", "2026-11-23", "2026-11-23 15:44", "hold"),
        ("an ordinary Monday", "2026-11-23", "2026-11-23 15:45", "preload"),
        ("an ordinary Monday", "2026-11-23", "2026-11-23 15:59", "preload"),
        ("an ordinary Monday", "2026-11-23", "2026-11-23 16:00", "switch"),
        ("the day after Thanksgiving", "2026-11-27", "2026-11-27 12:44", "hold"),
        ("the day after Thanksgiving", "2026-11-27", "2026-11-27 12:45", "preload"),
        ("the day after Thanksgiving", "2026-11-27", "2026-11-27 13:00", "switch"),
        ("Christmas Eve of 2024", "2024-12-24", "2024-12-24 13:00", "switch"),
        ("the day before Independence Day 2025", "2025-07-03", "2025-07-03 13:00", "switch"),
        ("Friday's chain on Friday", "2026-11-20", "2026-11-20 16:00", "switch"),
        ("Monday's chain over the weekend", "2026-11-23", "2026-11-21 12:00", "hold"),
        ("Friday's chain through Thanksgiving", "2026-11-27", "2026-11-26 16:00", "hold"),
        ("the last Friday of winter time", "2027-03-12", "2027-03-12 15:45", "preload"),
        ("the first Monday of summer time", "2027-03-15", "2027-03-15 15:44", "hold"),
        ("the first Monday of summer time", "2027-03-15", "2027-03-15 15:45", "preload"),
        ("the first Monday of summer time", "2027-03-15", "2027-03-15 16:00", "switch"),
        ("the first Monday of winter time", "2028-11-06", "2028-11-06 15:59", "preload"),
        ("the first Monday of winter time", "2028-11-06", "2028-11-06 16:00", "switch"),
        ("a day of mourning", "2025-01-10", "2025-01-09 16:00", "hold"),
        ("Good Friday's own date", "2026-04-03", "2026-04-02 15:45", "preload"),
        ("Good Friday's own date", "2026-04-03", "2026-04-02 16:00", "switch"),
    ],
)
def test_special_days(case, day, at, expected):
    """Half days, weekends, holidays and both changes of the clock, on New York's own clock."""
    assert phase(date.fromisoformat(day), new_york_ms(at)) == expected, case


def test_a_change_of_the_clock_moves_the_close_in_utc():
    """Sixteen o'clock in New York is 21:00 UTC in winter and 20:00 in summer."""
    hours = [
        end_of_trading_ms(CALENDAR, date.fromisoformat(day), ["pm"]) // 3_600_000 % 24
        for day in ("2027-03-12", "2027-03-15", "2028-11-03", "2028-11-06")
    ]

    assert hours == [21, 20, 20, 21]


@pytest.mark.parametrize(
    ("day", "settlements", "end"),
    [
        ("2026-11-20", ["pm"], "2026-11-20 16:00"),
        ("2026-11-20", ["am", "pm"], "2026-11-20 16:00"),
        ("2026-11-20", ["am"], "2026-11-19 16:00"),
        ("2026-11-20", [], "2026-11-20 16:00"),
        ("2027-11-26", ["am"], "2027-11-24 16:00"),
        ("2024-07-05", ["am"], "2024-07-03 13:00"),
    ],
)
def test_a_chain_ends_with_its_last_contract(day, settlements, end):
    """One that settles in the morning stops a session earlier; a chain with both goes on to the close of its day."""
    assert end_of_trading_ms(CALENDAR, date.fromisoformat(day), settlements) == new_york_ms(end)


def test_morning_settled_contracts_stop_the_session_before():
    """On a third Friday SPX has stopped since Thursday's close, SPXW trades until Friday's."""
    assert am_stop_ms(CALENDAR, date(2026, 12, 18)) == new_york_ms("2026-12-17 16:00")
