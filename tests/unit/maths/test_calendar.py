"""The sessions of the US options market, 2024–2028, and the table behind them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import exchange_calendars
import pandas as pd
import pytest

from marketswarm.maths import sessions
from marketswarm.maths.calendar import (
    OutsideCalendar,
    new_york_day,
    third_friday,
    us_options_calendar,
)

CALENDAR = us_options_calendar()
MINUTE_MS = 60_000


def moment(text: str, zone: str = "America/New_York") -> int:
    """Ms since the epoch of a local time such as `2026-11-23 09:30`."""
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def utc(ms: int) -> str:
    """A moment as UTC date and time."""
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M:%S}"


def day(text: str) -> date:
    """A date."""
    return date.fromisoformat(text)


# -- the table ---------------------------------------------------------------


def test_the_table_is_what_the_library_says() -> None:
    """Over its whole range the shipped table has the closures and early closes of an independent calendar of the NYSE."""
    start, end = f"{sessions.FIRST_YEAR}-01-01", f"{sessions.LAST_YEAR}-12-31"
    library = exchange_calendars.get_calendar("XNYS", start=start, end=end)
    weekdays = pd.date_range(start, end, freq="B")
    assert [stamp.date().isoformat() for stamp in weekdays.difference(library.sessions)] == sessions.CLOSED
    assert [stamp.date().isoformat() for stamp in library.early_closes] == sessions.EARLY_CLOSES


def test_opens_and_closes_are_what_the_library_says() -> None:
    """Each session opens and closes at the library's minute, across every change of the clocks."""
    start, end = f"{sessions.FIRST_YEAR}-01-01", f"{sessions.LAST_YEAR}-12-31"
    schedule = exchange_calendars.get_calendar("XNYS", start=start, end=end).schedule
    for row in schedule.itertuples():
        session = CALENDAR.session(row.Index.date())
        assert utc(session.open_ms) == f"{row.open:%Y-%m-%d %H:%M:%S}"
        assert utc(session.close_ms) == f"{row.close:%Y-%m-%d %H:%M:%S}"


def test_the_table_reaches_two_years_ahead() -> None:
    """The table covers at least two years from today; when this fails, run tools/make_sessions.py with a later year."""
    assert datetime.now(UTC).year + 2 <= sessions.LAST_YEAR


@pytest.mark.parametrize("outside", ["2022-12-30", "2033-01-03"])
def test_a_day_beyond_the_table_is_refused(outside: str) -> None:
    """The calendar never guesses: a day outside the table is an error that names the table's years."""
    with pytest.raises(OutsideCalendar, match="2023–2032"):
        CALENDAR.is_session(day(outside))


# -- days --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("closed", "why"),
    [
        ("2024-01-01", "New Year"),
        ("2024-03-29", "Good Friday"),
        ("2024-06-19", "Juneteenth"),
        ("2024-11-28", "Thanksgiving"),
        ("2025-01-09", "day of mourning"),
        ("2025-01-20", "Martin Luther King"),
        ("2025-04-18", "Good Friday"),
        ("2026-07-03", "Independence Day, which is a Saturday"),
        ("2026-11-26", "Thanksgiving"),
        ("2026-12-25", "Christmas"),
        ("2027-06-18", "Juneteenth, which is a Saturday"),
        ("2027-07-05", "Independence Day, which is a Sunday"),
        ("2027-12-24", "Christmas, which is a Saturday"),
        ("2028-04-14", "Good Friday"),
        ("2028-09-04", "Labor Day"),
        ("2026-11-21", "Saturday"),
        ("2026-11-22", "Sunday"),
    ],
)
def test_a_closed_day(closed: str, why: str) -> None:
    """Holidays, their observed days and weekends are no sessions, and the market is closed at their noon."""
    assert not CALENDAR.is_session(day(closed)), why
    assert not CALENDAR.is_open(moment(f"{closed} 12:00"))
    with pytest.raises(ValueError, match="no session"):
        CALENDAR.session(day(closed))


@pytest.mark.parametrize("open_day", ["2024-12-31", "2025-10-13", "2027-12-31", "2026-11-11", "2028-11-07"])
def test_an_ordinary_day_that_looks_like_a_holiday(open_day: str) -> None:
    """Columbus, Veterans and election days, and the Friday before a Saturday's New Year, are whole sessions."""
    session = CALENDAR.session(day(open_day))
    assert not session.is_half_day
    assert session.close_ms - session.open_ms == 390 * MINUTE_MS


@pytest.mark.parametrize(
    "half",
    [
        "2024-07-03",
        "2024-11-29",
        "2024-12-24",
        "2025-07-03",
        "2025-11-28",
        "2025-12-24",
        "2026-11-27",
        "2026-12-24",
        "2027-11-26",
        "2028-07-03",
        "2028-11-24",
    ],
)
def test_a_half_day(half: str) -> None:
    """On an early close trading ends at 13:00 in New York: 12:59 is in session, 13:00 is not."""
    session = CALENDAR.session(day(half))
    assert session.is_half_day
    assert session.close_ms == moment(f"{half} 13:00")
    assert CALENDAR.is_open(moment(f"{half} 12:59"))
    assert not CALENDAR.is_open(moment(f"{half} 13:00"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("2024-03-08", "2024-03-11"),
        ("2024-11-01", "2024-11-04"),
        ("2025-03-07", "2025-03-10"),
        ("2025-10-31", "2025-11-03"),
        ("2026-03-06", "2026-03-09"),
        ("2026-10-30", "2026-11-02"),
        ("2027-03-12", "2027-03-15"),
        ("2027-11-05", "2027-11-08"),
        ("2028-03-10", "2028-03-13"),
        ("2028-11-03", "2028-11-06"),
    ],
)
def test_the_clocks_change_between_two_sessions(before: str, after: str) -> None:
    """The open is 09:30 in New York on either side of a change of the clocks, so it moves by an hour in UTC."""
    friday, monday = CALENDAR.session(day(before)), CALENDAR.session(day(after))
    in_spring = day(before).month == 3
    assert utc(friday.open_ms) == f"{before} {'14' if in_spring else '13'}:30:00"
    assert utc(monday.open_ms) == f"{after} {'13' if in_spring else '14'}:30:00"
    assert CALENDAR.next_session(day(before)) == day(after)
    assert CALENDAR.previous_session(day(after)) == day(before)


def test_the_open_is_in_and_the_close_is_out() -> None:
    """The market is open from the opening millisecond until the one before the close."""
    session = CALENDAR.session(day("2026-11-23"))
    states = [
        CALENDAR.is_open(ms)
        for ms in (session.open_ms - 1, session.open_ms, session.close_ms - 1, session.close_ms)
    ]
    assert states == [False, True, True, False]


# -- which expiration is in force ---------------------------------------------


@pytest.mark.parametrize(
    ("now", "first"),
    [
        ("2026-11-23 00:00", "2026-11-23"),
        ("2026-11-23 15:59:59.999", "2026-11-23"),
        ("2026-11-23 16:00", "2026-11-24"),
        ("2026-11-20 16:00", "2026-11-23"),
        ("2026-11-21 12:00", "2026-11-23"),
        ("2026-11-25 16:00", "2026-11-27"),
        ("2026-11-27 12:59:59.999", "2026-11-27"),
        ("2026-11-27 13:00", "2026-11-30"),
        ("2024-03-28 16:00", "2024-04-01"),
        ("2025-01-08 16:00", "2025-01-10"),
        ("2027-12-23 16:00", "2027-12-27"),
        ("2028-12-29 16:00", "2029-01-02"),
    ],
)
def test_the_chain_rolls_exactly_at_the_close(now: str, first: str) -> None:
    """Today's expiration is in force until its close, then the next session's: over weekends, holidays and half days."""
    assert CALENDAR.first_expiration_day(moment(now)) == day(first)


@pytest.mark.parametrize(
    ("expiration", "close"),
    [
        ("2026-11-23", "2026-11-23 16:00"),
        ("2026-11-27", "2026-11-27 13:00"),
        ("2024-03-29", "2024-03-28 16:00"),
        ("2026-11-28", "2026-11-27 13:00"),
        ("2025-01-09", "2025-01-08 16:00"),
    ],
)
def test_when_an_expiration_stops(expiration: str, close: str) -> None:
    """Contracts stop at the close of their day, or of the session before when that day has none."""
    assert CALENDAR.expiration_close_ms(day(expiration)) == moment(close)


@pytest.mark.parametrize(
    ("at", "zone", "new_york"),
    [
        ("2026-11-24 04:59:59", "UTC", "2026-11-23"),
        ("2026-11-24 05:00:00", "UTC", "2026-11-24"),
        ("2026-07-01 03:59:59", "UTC", "2026-06-30"),
        ("2026-11-24 08:00:00", "Asia/Tokyo", "2026-11-23"),
    ],
)
def test_the_exchanges_date_is_new_yorks(at: str, zone: str, new_york: str) -> None:
    """The date changes at New York's midnight, wherever the machine stands."""
    assert new_york_day(moment(at, zone)) == day(new_york)


@pytest.mark.parametrize(
    ("year", "month", "friday"),
    [
        (2024, 3, "2024-03-15"),
        (2026, 8, "2026-08-21"),
        (2026, 5, "2026-05-15"),
        (2027, 1, "2027-01-15"),
        (2028, 9, "2028-09-15"),
        (2026, 11, "2026-11-20"),
        (2025, 8, "2025-08-15"),
    ],
)
def test_the_third_friday(year: int, month: int, friday: str) -> None:
    """The standard monthly expiration is the month's third Friday."""
    assert third_friday(year, month) == day(friday)
