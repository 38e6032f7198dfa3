"""When a contract settles, and how long that is."""

from datetime import date

from marketswarm.maths.black76 import MINUTES_A_YEAR
from marketswarm.maths.calendar import SessionCalendar
from marketswarm.model.ticker import settlement_of

SHORTEST_MINUTES = 2.0
"""Nearer to settlement the clock stands still for volatility and greeks, which grow without bound."""

_MINUTE_MS = 60_000


def settlement_ms(calendar: SessionCalendar, root: str, expiration: date) -> int:
    """The moment of a root's settlement, ms since the epoch: the close of its day, or the open where it settles on openings.

    An expiration that is no session settles on the session before. Nothing is inferred from the day of the week.
    """
    day = expiration if calendar.is_session(expiration) else calendar.previous_session(expiration)
    session = calendar.session(day)
    return session.open_ms if settlement_of(root) == "am" else session.close_ms


def years_left(settles_ms: int, now_ms: int) -> float | None:
    """Minutes to settlement over those of a year, at least two of them; None at settlement and after it."""
    if now_ms >= settles_ms:
        return None
    return max((settles_ms - now_ms) / _MINUTE_MS, SHORTEST_MINUTES) / MINUTES_A_YEAR
