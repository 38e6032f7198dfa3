"""How much an event weighs, and by what name it is known. Pure: no clock, no chance."""

from hashlib import sha1

from marketswarm.model.event import Direction, EventState, EventType

AGREEMENT_MS = 60_000
_NEGATIVE_REGIME, _NEAR_CLOSE_MINUTES, _THIN_COVERAGE = -0.10, 60.0, 0.9


def severity_of(magnitude: float, enter: float, context: float = 1.0) -> int:
    """0 to 100: `100 (1 - 2^-m)` with m = magnitude / enter × context; m of 1, 2, 3 gives 50, 75, 88.

    A magnitude that is no number, or below zero, weighs nothing; where `enter` is no measure, m is the context alone.
    """
    ratio = magnitude / enter if enter > 0 else 1.0
    weight = max(0.0, ratio * context)  # of two arguments max keeps the first where the second is NaN
    return int(100 * (1 - 2.0**-weight) + 0.5)


def context_of(
    *,
    regime: float | None = None,
    minutes_to_close: float | None = None,
    is_agreed: bool = False,
    coverage: float | None = None,
) -> float:
    """What the circumstances make of a magnitude, a factor around 1. Own choice; what is unknown changes nothing.

    Args:
        regime: exposure at spot over gross exposure, -1 to 1: dealers who hedge with the move make moves larger.
        minutes_to_close: the last hour of a session weighs more.
        is_agreed: another detector began an event in the same direction within the last 60 s.
        coverage: share of the chain that is known, for what was concluded from the chain; 0 to 1.
    """
    factor = 1.0
    if regime is not None and regime <= _NEGATIVE_REGIME:
        factor *= 1.25
    if minutes_to_close is not None and 0 <= minutes_to_close < _NEAR_CLOSE_MINUTES:
        factor *= 1.2
    if is_agreed:
        factor *= 1.2
    if coverage is not None and coverage < _THIN_COVERAGE:
        factor *= 0.7
    return factor


def event_id(
    *,
    symbol: str,
    type: EventType,  # noqa: A002
    key: str,
    direction: Direction,
    day: str,
    slot: int,
    state: EventState,
) -> str:
    """20 hex digits of SHA-1 over what makes a telling the one it is.

    Args:
        symbol: of the underlying.
        type: with `key` and `direction`, what the event is about.
        key: such as a strike.
        direction: `up`, `down`, or empty.
        day: of the session, YYYY-MM-DD.
        slot: the tick at which it is told, ms since the epoch.
        state: `enter`, `update` or `exit`.
    """
    text = f"{symbol}|{type}|{key}|{direction}|{day}|{slot}|{state}"
    return sha1(text.encode(), usedforsecurity=False).hexdigest()[:20]
