"""What a symbol's spots have done in a session so far, tick by tick. Pure.

Open, high and low are told only of a session that was watched from its open on, a close only of one that was watched until then:
of the rest of a day nobody knows them.
"""

from datetime import date
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from marketswarm.vexy.context import Levels, SessionFacts, SymbolFacts
from marketswarm.vexy.epochs import Phase

_NEAR_MS: Final = 60_000
"""So far from open and close the first and the last tick may be."""


class Tick(Struct, frozen=True, array_like=True):
    """A spot of the heartbeat: its slot in ms, and points."""

    ts: int
    spot: float


class SessionSoFar(Struct, frozen=True, omit_defaults=True):
    """One symbol's session.

    Attributes:
        day: YYYY-MM-DD of the session. `open_ms`, `close_ms`: of it.
        ts, spot: of the last tick, in session or not.
        first_ms, last_ms: of the first and the last tick between open and close; 0 where there was none yet.
        open, high, low, close: of those ticks.
        previous_close: of the session before; 0 where it is not known.
    """

    day: str = ""
    open_ms: int = 0
    close_ms: int = 0
    ts: int = 0
    spot: float = 0.0
    first_ms: int = 0
    last_ms: int = 0
    open: float = 0.0
    high: float = 0.0
    low: float = 0.0
    close: float = 0.0
    previous_close: float = 0.0

    @property
    def is_whole(self) -> bool:
        """Whether it was watched from its open on."""
        return 0 < self.first_ms <= self.open_ms + _NEAR_MS

    @property
    def last_close(self) -> float:
        """Its close, if it was watched until then; else 0."""
        return self.close if self.last_ms >= self.close_ms - _NEAR_MS else 0.0


def with_tick(so_far: SessionSoFar, tick: Tick, phase: Phase, session: SessionFacts) -> SessionSoFar:
    """The session after a tick; one that is not newer than the last changes nothing."""
    if tick.ts <= so_far.ts:
        return so_far
    day = phase.day.isoformat()
    if day != so_far.day:
        so_far = SessionSoFar(
            day=day,
            open_ms=session.open_ms,
            close_ms=session.close_ms,
            previous_close=so_far.last_close,
        )
    so_far = replace(so_far, ts=tick.ts, spot=tick.spot)
    return _traded(so_far, tick) if phase.is_trading else so_far


def facts_of(
    so_far: SessionSoFar | None, levels: Levels, phase: Phase, expiration: date | None
) -> SymbolFacts:
    """What is known of a symbol in a phase. Of a session that is not the phase's own its close alone: it is the one before."""
    if so_far is None:
        return SymbolFacts(levels=levels, expiration=expiration)
    day = phase.day.isoformat()
    known = so_far if so_far.day == day else SessionSoFar(day=day, previous_close=so_far.last_close)
    is_over = phase.epoch in {"settlement", "postmarket"}
    return SymbolFacts(
        levels=levels,
        spot=so_far.spot or None,
        spot_ts=so_far.ts or None,
        previous_close=known.previous_close or None,
        open=known.open if known.is_whole else None,
        high=known.high if known.is_whole else None,
        low=known.low if known.is_whole else None,
        close=known.last_close or None if is_over else None,
        expiration=expiration,
    )


def _traded(so_far: SessionSoFar, tick: Tick) -> SessionSoFar:
    if not so_far.first_ms:
        so_far = replace(so_far, first_ms=tick.ts, open=tick.spot, high=tick.spot, low=tick.spot)
    return replace(
        so_far,
        last_ms=tick.ts,
        close=tick.spot,
        high=max(so_far.high, tick.spot),
        low=min(so_far.low, tick.spot),
    )
