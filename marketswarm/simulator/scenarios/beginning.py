"""The moment at which a simulated day begins: given, or found on the calendar for the scenario."""

from datetime import datetime

from marketswarm.errors import BadArgument
from marketswarm.maths.calendar import NEW_YORK, OutsideCalendar, SessionCalendar, new_york_day
from marketswarm.simulator.scenarios.catalogue import Scenario

_LEAD_MS = 300_000
_EXAMPLE = "New York time such as 2026-11-23 09:30"


def moment_of(text: str, calendar: SessionCalendar) -> int:
    """A moment on New York's clock in ms since the epoch.

    Raises:
        BadArgument: when it is none, or beyond the calendar.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadArgument("start", text, _EXAMPLE) from None
    if moment.tzinfo is not None:
        raise BadArgument("start", text, f"{_EXAMPLE}, without an offset")
    moment_ms = int(moment.replace(tzinfo=NEW_YORK).timestamp()) * 1000
    if datetime.fromtimestamp(moment_ms / 1000, NEW_YORK).replace(tzinfo=None) != moment.replace(
        microsecond=0
    ):
        raise BadArgument("start", text, f"{_EXAMPLE}; clocks were put forward over this one")
    _check_covered(text, moment_ms, calendar)
    return moment_ms


def beginning_of(scenario: Scenario, now_ms: int, calendar: SessionCalendar) -> int | None:
    """Where a scenario begins when nobody says: five minutes before the close that it is about; None: now."""
    if scenario.begins == "anywhere":
        return None
    day = calendar.first_expiration_day(now_ms)
    while scenario.begins == "before an early close" and not calendar.session(day).is_half_day:
        day = calendar.next_session(day)
    return calendar.session(day).close_ms - _LEAD_MS


def check_beginning(scenario: Scenario, start: str, start_ms: int, calendar: SessionCalendar) -> None:
    """Refuse a start at which what the scenario is about cannot happen.

    Raises:
        BadArgument: with a moment that can be used.
    """
    day, wanted = new_york_day(start_ms), scenario.begins
    if wanted == "anywhere":
        return
    fits = calendar.is_session(day) and start_ms < calendar.session(day).close_ms
    if not fits or (wanted == "before an early close" and not calendar.session(day).is_half_day):
        usable_ms = beginning_of(scenario, start_ms, calendar)
        assert usable_ms is not None
        usable = datetime.fromtimestamp(usable_ms / 1000, NEW_YORK)
        allowed = f"with scenario {scenario.name}: {wanted}, such as {usable:%Y-%m-%d %H:%M}"
        raise BadArgument("start", start, allowed)


def _check_covered(text: str, moment_ms: int, calendar: SessionCalendar) -> None:
    try:
        day = calendar.previous_session(new_york_day(moment_ms))
        for _ in range(150):  # the listing reaches half a year ahead
            day = calendar.next_session(day)
    except OutsideCalendar as outside:
        raise BadArgument("start", text, f"{_EXAMPLE}; {outside}") from None
