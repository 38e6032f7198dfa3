"""The phases of a session: which one a moment lies in, where it begins and ends, and when its message is due. Pure.

Everything around the session is counted from its open and its close, so that half days are shorter and nothing else; what lies
outside of it begins and ends by New York's wall clock, daylight saving included.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from marketswarm.maths.calendar import NEW_YORK, OutsideCalendar, Session, SessionCalendar, new_york_day
from marketswarm.model.message import Epoch
from marketswarm.vexy.context import SessionFacts

_MINUTE_MS: Final = 60_000
_NIGHT, _DAWN = time(20, 0), time(4, 0)
_BEFORE_OPEN: Final = 30  # minutes of pre_open
_BRIEF_BEFORE_OPEN, _REFRESH_BEFORE_OPEN = 90, 15
_OPENING, _RANGE_UNTIL, _LAST_HOUR, _LAST_MINUTES, _SETTLING = 15, 60, 60, 15, 15

_SILENT: Final = frozenset[Epoch]({"overnight"})


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase of one session.

    Attributes:
        day: of the session that it belongs to; what is before its open belongs to it, too.
        begins_ms, ends_ms: ms since the epoch; the end is the beginning of the next one.
        due_ms: from when on its message is due, until the phase ends; None for one that has none.
    """

    epoch: Epoch
    day: date
    begins_ms: int
    ends_ms: int
    due_ms: int | None

    def has(self, ts: int) -> bool:
        """Whether a moment lies in it."""
        return self.begins_ms <= ts < self.ends_ms

    def is_due(self, now_ms: int) -> bool:
        """Whether its message is to be told now, if it was not told yet."""
        return self.due_ms is not None and self.due_ms <= now_ms < self.ends_ms

    @property
    def is_trading(self) -> bool:
        """Whether it lies between open and close."""
        return self.epoch in TRADING


TRADING: Final = frozenset[Epoch](
    {"open", "opening_range", "morning", "lunch", "afternoon", "power_hour", "closing"}
)
"""Between open and close."""


def phase_at(calendar: SessionCalendar, ts: int, *, is_always_open: bool = False) -> Phase:
    """The phase at a moment.

    Args:
        calendar: of the exchange. Beyond it every moment is `closed`, and nothing is due.
        ts: ms since the epoch.
        is_always_open: the market trades around the clock, as the simulator's does. Open and close of the exchange stay marks of
            the session, since its chains settle by them; but nothing is `overnight` or `closed`: all of that is `premarket` of
            the session to come, whose message is due at once.
    """
    try:
        phases = phases_of(calendar, _session_day(calendar, ts))
    except OutsideCalendar:
        return Phase("closed", new_york_day(ts), ts, ts, None)
    phase = next(one for one in phases if one.has(ts))
    return _never_shut(phases, phase) if is_always_open else phase


@lru_cache(maxsize=16)
def phases_of(calendar: SessionCalendar, day: date) -> tuple[Phase, ...]:
    """All phases of a session in order, from eight in the evening of the session before to eight in that of its own day.

    Raises:
        OutsideCalendar: when the calendar does not reach so far.
        ValueError: when the market is closed on that day.
    """
    session = calendar.session(day)
    marks = [*_before(calendar, session), *_during(session), *_after(session)]
    ends = [*(begins for _, begins, _ in marks[1:]), _new_york_ms(day, _NIGHT)]
    return tuple(
        Phase(epoch, day, begins, until, None if epoch in _SILENT else due)
        for (epoch, begins, due), until in zip(marks, ends, strict=True)
    )


def session_facts(calendar: SessionCalendar, phase: Phase) -> SessionFacts:
    """The session that a phase belongs to; of a day that is none, or beyond the calendar, the day alone."""
    try:
        session = calendar.session(phase.day)
    except ValueError:
        return SessionFacts(phase.day, phase.begins_ms, phase.ends_ms)
    return SessionFacts(
        day=session.day,
        open_ms=session.open_ms,
        close_ms=session.close_ms,
        is_half_day=session.is_half_day,
        next_day=_next_day(calendar, session.day),
    )


# -- inside -----------------------------------------------------------------

_Mark = tuple[Epoch, int, int]
"""A phase, when it begins, and when its message is due."""


def _before(calendar: SessionCalendar, session: Session) -> list[_Mark]:
    previous = calendar.previous_session(session.day)
    eve = session.day - timedelta(days=1)
    shut, night, dawn = (
        _new_york_ms(previous, _NIGHT),
        _new_york_ms(eve, _NIGHT),
        _new_york_ms(session.day, _DAWN),
    )
    pre_open = session.open_ms - _BEFORE_OPEN * _MINUTE_MS
    closed: list[_Mark] = [("closed", shut, shut)] if shut < night else []
    return [
        *closed,
        ("overnight", night, night),
        ("premarket", dawn, session.open_ms - _BRIEF_BEFORE_OPEN * _MINUTE_MS),
        ("pre_open", pre_open, session.open_ms - _REFRESH_BEFORE_OPEN * _MINUTE_MS),
    ]


def _during(session: Session) -> list[_Mark]:
    """The middle of a day is shared by morning, lunch and afternoon; on a half day nobody has lunch."""
    middle: tuple[Epoch, ...] = (
        ("morning", "afternoon") if session.is_half_day else ("morning", "lunch", "afternoon")
    )
    first = session.open_ms + _RANGE_UNTIL * _MINUTE_MS
    last = session.close_ms - _LAST_HOUR * _MINUTE_MS
    share = (last - first) // len(middle)
    begins: list[tuple[Epoch, int]] = [
        ("open", session.open_ms),
        ("opening_range", session.open_ms + _OPENING * _MINUTE_MS),
        *((epoch, first + place * share) for place, epoch in enumerate(middle)),
        ("power_hour", last),
        ("closing", session.close_ms - _LAST_MINUTES * _MINUTE_MS),
    ]
    return [(epoch, at, at) for epoch, at in begins]


def _after(session: Session) -> list[_Mark]:
    over = session.close_ms + _SETTLING * _MINUTE_MS
    return [("settlement", session.close_ms, session.close_ms), ("postmarket", over, over)]


def _session_day(calendar: SessionCalendar, ts: int) -> date:
    """Today until eight in the evening, if the market opens today; else the next session."""
    day = new_york_day(ts)
    if calendar.is_session(day) and ts < _new_york_ms(day, _NIGHT):
        return day
    return calendar.next_session(day)


def _never_shut(phases: tuple[Phase, ...], phase: Phase) -> Phase:
    """The phase of a market that never closes: all that is before `pre_open` is one."""
    if phase.epoch not in {"closed", "overnight", "premarket"}:
        return phase
    begins, pre_open = phases[0].begins_ms, next(one for one in phases if one.epoch == "pre_open")
    return replace(phase, epoch="premarket", begins_ms=begins, ends_ms=pre_open.begins_ms, due_ms=begins)


def _next_day(calendar: SessionCalendar, day: date) -> date | None:
    try:
        return calendar.next_session(day)
    except OutsideCalendar:
        return None


def _new_york_ms(day: date, clock: time) -> int:
    return int(datetime.combine(day, clock, NEW_YORK).timestamp()) * 1000
