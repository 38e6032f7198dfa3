"""A listing on which no chain rolls while a test runs, whenever that is.

A quarter of an hour before the close the next chains are loaded and streamed beside those in force, and at the close they take
their place: true to the specification, and no ground for a test that counts chains, contracts or entries and may run at any
moment. So a vendor that lives by the real clock lists nothing that ends within its day, and no monthly day either, whose
contracts of the morning end a session before.
"""

from datetime import date, timedelta

from marketswarm.maths import sessions
from marketswarm.maths.calendar import SessionCalendar, new_york_day, third_friday, us_options_calendar

EXPIRATIONS = 2  # that a test may hold


def calm_calendar(now_ms: int) -> SessionCalendar:
    """The exchange's calendar without the sessions from today's to the last before the first calm one."""
    real = us_options_calendar()
    today = new_york_day(now_ms)
    first = real.next_session(today)
    while not _is_calm(real, first):
        first = real.next_session(first)
    skipped = {today + timedelta(days=days) for days in range((first - today).days)}
    closed = {*map(date.fromisoformat, sessions.CLOSED), *skipped}
    early = frozenset(map(date.fromisoformat, sessions.EARLY_CLOSES))
    return SessionCalendar(frozenset(closed), early, sessions.FIRST_YEAR, sessions.LAST_YEAR)


def _is_calm(calendar: SessionCalendar, first: date) -> bool:
    """Whether neither that session nor those held beside it are a monthly expiration's."""
    day = first
    for _ in range(EXPIRATIONS):
        monthly = third_friday(day.year, day.month)
        if day == (monthly if calendar.is_session(monthly) else calendar.previous_session(monthly)):
            return False
        day = calendar.next_session(day)
    return True
