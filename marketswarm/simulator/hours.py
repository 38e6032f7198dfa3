"""When the simulated market trades, and which day it is there."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from marketswarm.maths.calendar import NEW_YORK, OutsideCalendar, SessionCalendar, new_york_day
from marketswarm.simulator.config import SessionMode

YEAR_S = 365 * 86_400.0
TRADING_YEAR_S = 252 * 6.5 * 3600


class Hours:
    """The exchange calendar, or a market that never closes; expirations follow the calendar in both."""

    def __init__(self, calendar: SessionCalendar, mode: SessionMode) -> None:
        self.calendar = calendar
        self.always = mode == "always"

    def is_open(self, now_ms: int) -> bool:
        """Whether prices move."""
        return self.always or self.calendar.is_open(now_ms)

    def market_ms(self, now_ms: int) -> int:
        """The moment that prices are of: now while open, else the last close."""
        if self.is_open(now_ms):
            return now_ms
        day = new_york_day(now_ms)
        if not self.calendar.is_session(day) or now_ms < self.calendar.session(day).open_ms:
            day = self.calendar.previous_session(day)
        return self.calendar.session(day).close_ms

    def trading_day(self, now_ms: int) -> date:
        """The day that day bars are of: the date in New York, or the last session begun."""
        return new_york_day(now_ms if self.always else self.market_ms(now_ms))

    def day_elapsed(self, now_ms: int) -> float:
        """How much of the trading day is behind, 0 to 1."""
        day = self.trading_day(now_ms)
        length_ms = 86_400_000
        if not self.always:
            session = self.calendar.session(day)
            length_ms = session.close_ms - session.open_ms
        return min(1.0, (self.market_ms(now_ms) - self.day_began_ms(now_ms)) / length_ms)

    def day_began_ms(self, now_ms: int) -> int:
        """When the trading day opened: at midnight, in a market that never closes."""
        day = self.trading_day(now_ms)
        return midnight_ms(day) if self.always else self.calendar.session(day).open_ms

    def day_before_ended_ms(self, now_ms: int) -> int:
        """When the trading day before ended; on the first one of the calendar's table, when that one began."""
        if self.always:
            return self.day_began_ms(now_ms) - 1
        try:
            return self.calendar.session(self.calendar.previous_session(self.trading_day(now_ms))).close_ms
        except OutsideCalendar:
            return self.day_began_ms(now_ms)

    @property
    def year_s(self) -> float:
        """Seconds of a year in which prices move."""
        return YEAR_S if self.always else TRADING_YEAR_S

    def moving_ms(self, from_ms: int, to_ms: Sequence[int]) -> list[int]:
        """How much of each interval is trading time; one walk over the calendar for all, however long they are."""
        if self.always:
            return [max(0, until - from_ms) for until in to_ms]
        return _walked(self, from_ms, to_ms)

    def trading_ms(self, from_ms: int, to_ms: int) -> int:
        """How much of an interval is trading time; for intervals of a few days at most."""
        if self.always:
            return max(0, to_ms - from_ms)
        day, total = new_york_day(from_ms), 0
        while day <= new_york_day(to_ms):
            if self.calendar.is_session(day):
                session = self.calendar.session(day)
                total += max(0, min(to_ms, session.close_ms) - max(from_ms, session.open_ms))
            day += timedelta(days=1)
        return total


def _walked(hours: Hours, from_ms: int, to_ms: Sequence[int]) -> list[int]:
    reached, behind, day = dict[int, int](), 0, new_york_day(from_ms)
    for until in sorted(set(to_ms)):
        while day < new_york_day(until):
            behind += hours.trading_ms(
                max(from_ms, midnight_ms(day)), midnight_ms(day + timedelta(days=1)) - 1
            )
            day += timedelta(days=1)
        reached[until] = behind + hours.trading_ms(max(from_ms, midnight_ms(day)), until)
    return [reached[until] for until in to_ms]


def midnight_ms(day: date) -> int:
    """Midnight in New York at the start of a day."""
    return int(datetime(day.year, day.month, day.day, tzinfo=NEW_YORK).timestamp()) * 1000


def midnight_utc_ms(day: date) -> int:
    """Midnight in Greenwich at the start of a day."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000


def iso_utc(moment_ms: int) -> str:
    """`2026-11-27T18:00:00.000Z`."""
    moment = datetime.fromtimestamp(moment_ms / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment_ms % 1000:03d}Z"
