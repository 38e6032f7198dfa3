"""When a contract settles, and how long that is."""

from datetime import date
from typing import Final

from marketswarm.maths.black76 import MINUTES_A_YEAR
from marketswarm.maths.calendar import SessionCalendar
from marketswarm.model.ticker import settlement_of

SHORTEST_MINUTES: Final = 1.0
"""Nearer to settlement the clock stands still: a volatility of the last seconds means nothing."""

GREEKS_YEARS: Final = 2 / MINUTES_A_YEAR
"""Nearer to settlement greeks are those of two minutes, at the volatility of the time that is left: they grow without bound."""

_MINUTE_MS = 60_000


def settlement_ms(calendar: SessionCalendar, root: str, expiration: date) -> int:
    """The moment of a root's settlement, ms since the epoch: the close of its day, or the open where it settles on openings.

    An expiration that is no session settles on the session before. Nothing is inferred from the day of the week.
    """
    day = expiration if calendar.is_session(expiration) else calendar.previous_session(expiration)
    session = calendar.session(day)
    return session.open_ms if settlement_of(root) == "am" else session.close_ms


def years_left(settles_ms: int, now_ms: int) -> float | None:
    """Minutes to settlement over those of a year, at least one of them; None at settlement and after it."""
    if now_ms >= settles_ms:
        return None
    return max((settles_ms - now_ms) / _MINUTE_MS, SHORTEST_MINUTES) / MINUTES_A_YEAR
