"""Where in the trading day a moment lies, as everybody who judges one sees it. Pure."""

from marketswarm.maths.calendar import OutsideCalendar, SessionCalendar, new_york_day
from marketswarm.vigil.sighting import SessionTime


def session_time(calendar: SessionCalendar, ts: int, *, is_always_open: bool = False) -> SessionTime:
    """Today's session until its close, then the next one, as chains roll.

    Args:
        calendar: of the exchange. Of a day beyond it nothing is known but its name.
        ts: the moment, ms since the epoch.
        is_always_open: trading goes on around the clock; day, open and close stay the exchange's.
    """
    try:
        session = calendar.session(calendar.first_expiration_day(ts))
        is_open = is_always_open or calendar.is_open(ts)
    except OutsideCalendar:
        return SessionTime(new_york_day(ts).isoformat(), ts, ts, is_always_open)
    return SessionTime(session.day.isoformat(), session.open_ms, session.close_ms, is_open)
