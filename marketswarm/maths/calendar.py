"""When the US options market is in session, and which expiration is in force.

Regular hours are 09:30–16:00 New York time, to 13:00 on early closes. Contracts that expire that day stop trading at that
close (index roots settled in the morning stopped the session before), so a chain rolls at the close of its day.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from marketswarm.maths import sessions

NEW_YORK = ZoneInfo("America/New_York")
_OPEN, _CLOSE, _EARLY_CLOSE = time(9, 30), time(16, 0), time(13, 0)


class OutsideCalendar(ValueError):
    """A day beyond the shipped table of sessions."""


@dataclass(frozen=True, slots=True)
class Session:
    """One trading day: its date in New York, and open and close in ms since the epoch."""

    day: date
    open_ms: int
    close_ms: int
    is_half_day: bool


class SessionCalendar:
    """Sessions of the US options market over the years of the shipped table."""

    def __init__(
        self, closed: frozenset[date], early: frozenset[date], first_year: int, last_year: int
    ) -> None:
        self._closed = closed
        self._early = early
        self._first, self._last = date(first_year, 1, 1), date(last_year, 12, 31)

    def is_session(self, day: date) -> bool:
        """Whether the market opens on that day.

        Raises:
            OutsideCalendar: when the day is beyond the table.
        """
        if not self._first <= day <= self._last:
            raise OutsideCalendar(f"{day} is outside the session table {self._first.year}–{self._last.year}")
        return day.weekday() < 5 and day not in self._closed

    def session(self, day: date) -> Session:
        """The session of a trading day.

        Raises:
            ValueError: when the market is closed on that day.
        """
        if not self.is_session(day):
            raise ValueError(f"{day} is no session")
        half = day in self._early
        close = _EARLY_CLOSE if half else _CLOSE
        return Session(day, _new_york_ms(day, _OPEN), _new_york_ms(day, close), half)

    def next_session(self, day: date) -> date:
        """The first session strictly after that day."""
        day += timedelta(days=1)
        while not self.is_session(day):
            day += timedelta(days=1)
        return day

    def previous_session(self, day: date) -> date:
        """The last session strictly before that day."""
        day -= timedelta(days=1)
        while not self.is_session(day):
            day -= timedelta(days=1)
        return day

    def is_open(self, now_ms: int) -> bool:
        """Whether regular trading is on at that moment: open included, close excluded."""
        day = new_york_day(now_ms)
        if not self.is_session(day):
            return False
        session = self.session(day)
        return session.open_ms <= now_ms < session.close_ms

    def first_expiration_day(self, now_ms: int) -> date:
        """The earliest day whose expiring contracts can still be traded: today until its close, then the next session."""
        day = new_york_day(now_ms)
        if self.is_session(day) and now_ms < self.session(day).close_ms:
            return day
        return self.next_session(day)

    def expiration_close_ms(self, expiration: date) -> int:
        """When contracts of that expiration stop: the close of that day, or of the session before if it is none."""
        day = expiration if self.is_session(expiration) else self.previous_session(expiration)
        return self.session(day).close_ms


def new_york_day(now_ms: int) -> date:
    """The exchange's calendar date at a moment."""
    return datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(NEW_YORK).date()


def new_york_midnight_ms(now_ms: int) -> int:
    """When the exchange's calendar date of a moment began."""
    return _new_york_ms(new_york_day(now_ms), time(0))


def _new_york_ms(day: date, clock: time) -> int:
    return int(datetime.combine(day, clock, NEW_YORK).timestamp()) * 1000


@cache
def us_options_calendar() -> SessionCalendar:
    """The shipped calendar."""
    closed = frozenset(map(date.fromisoformat, sessions.CLOSED))
    early = frozenset(map(date.fromisoformat, sessions.EARLY_CLOSES))
    return SessionCalendar(closed, early, sessions.FIRST_YEAR, sessions.LAST_YEAR)


def third_friday(year: int, month: int) -> date:
    """The standard monthly expiration, before holidays move it."""
    fridays = [date(year, month, day) for day in range(15, 22) if date(year, month, day).weekday() == 4]
    return fridays[0]
