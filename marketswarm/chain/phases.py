"""Where a chain stands in its life: held, close enough to its end that the next one is loaded, or over. Pure."""

from collections.abc import Collection
from datetime import date
from typing import Literal

from marketswarm.maths.calendar import SessionCalendar
from marketswarm.model.ticker import Settlement

PRELOAD_MS = 15 * 60_000  # before the close: time enough for a provider that has to be asked again and again

Phase = Literal["hold", "preload", "switch"]


def phase_at(end_ms: int, now_ms: int) -> Phase:
    """What the chain in force calls for: nothing, the next chain beside it, or the next chain in its place.

    Args:
        end_ms: when the last contract of the chain stops trading.
        now_ms: the moment.
    """
    if now_ms >= end_ms:
        return "switch"
    return "preload" if now_ms >= end_ms - PRELOAD_MS else "hold"


def end_of_trading_ms(
    calendar: SessionCalendar, expiration: date, settlements: Collection[Settlement]
) -> int:
    """When the last contract of a chain stops trading: at the close of its day, a session earlier if all settle in the morning."""
    if set(settlements) == {"am"}:
        return am_stop_ms(calendar, expiration)
    return calendar.expiration_close_ms(expiration)


def am_stop_ms(calendar: SessionCalendar, expiration: date) -> int:
    """When contracts that settle on the opening prices of that day stop trading: the close of the session before."""
    return calendar.session(calendar.previous_session(expiration)).close_ms
