"""What of an inbox is judged, and what is said of the rest. Pure.

After a long silence five minutes of ticks are judged. What is older becomes history, since an event about it would come too late
for anybody; what nobody can read any more is lost. Both are told: in the report, beside the levels, and as an event.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from marketswarm.model.event import Event, Fact, importance_of
from marketswarm.vigil.inbox import Inbox, WaitingTick
from marketswarm.vigil.marks import with_tick
from marketswarm.vigil.severity import event_id, severity_of
from marketswarm.vigil.sighting import SessionTime, Tick
from marketswarm.vigil.state import MOST_TICKS, VigilState

MOST_JUDGED: Final = 30
"""Five minutes of slots."""

_KEY: Final = "lag"


@dataclass(frozen=True, slots=True)
class Backlog:
    """The ticks of an inbox, oldest first.

    Attributes:
        ticks: that are to be judged.
        skipped: those before them, which only become history.
        lost: how many came between the last judged tick and these, and are gone.
        late: those that came behind ticks that were judged already.
        is_first: nothing was judged before, so that nothing can have been missed.
    """

    ticks: tuple[WaitingTick, ...]
    skipped: tuple[WaitingTick, ...] = ()
    lost: int = 0
    late: tuple[WaitingTick, ...] = ()
    is_first: bool = False

    @property
    def missed(self) -> int:
        """Slots that nobody judged in time."""
        return 0 if self.is_first else len(self.skipped) + self.lost

    @property
    def note(self) -> str:
        """In words; empty when all is judged."""
        if not self.missed:
            return ""
        return f"catching up: {len(self.skipped)} slots skipped, {self.lost} lost"


def backlog_of(inbox: Inbox, judged_ms: int) -> Backlog:
    """What is to be done with an inbox, when slots up to that one are judged."""
    waiting = tuple(tick for tick in inbox.ticks if tick.ts > judged_ms)
    first = waiting[0].seq if waiting else 0
    return Backlog(
        ticks=waiting[-MOST_JUDGED:],
        skipped=waiting[:-MOST_JUDGED],
        lost=max(0, first - inbox.tick_seq - 1) if inbox.tick_seq and judged_ms else 0,
        late=tuple(tick for tick in inbox.ticks if tick.ts <= judged_ms),
        is_first=not judged_ms,
    )


def with_history(
    symbol: str,
    state: VigilState | None,
    skipped: tuple[WaitingTick, ...],
    session_of: Callable[[int], SessionTime],
) -> VigilState | None:
    """The state with ticks that are not judged: detectors see them as what came before, and they count for the session's range."""
    if not skipped:
        return state
    known = state or VigilState(symbol)
    ticks, marks = tuple(Tick(one.ts, one.spot) for one in skipped), known.marks
    for tick in ticks:
        session = session_of(tick.ts)
        marks = with_tick(marks, tick, session) if session.day == known.day else marks
    kept = (*known.ticks, *ticks)[-MOST_TICKS:]
    return replace(known, ticks=kept, marks=marks, slot=skipped[-1].ts)


def lag_event(backlog: Backlog, state: VigilState, day: str) -> Event | None:
    """That slots were not judged in time; None when all were."""
    if not backlog.missed:
        return None
    slot, severity = backlog.ticks[0].ts, severity_of(backlog.missed, MOST_JUDGED)
    name = event_id(
        symbol=state.symbol,
        type="data_quality",
        key=_KEY,
        direction="",
        day=day,
        slot=slot,
        state="enter",
    )
    return Event(
        id=name,
        episode=name,
        type="data_quality",
        symbol=state.symbol,
        expiration=state.expiration,
        state="enter",
        key=_KEY,
        severity=severity,
        importance=importance_of(severity),
        ts=slot,
        title=f"{backlog.missed} spots were not judged in time",
        evidence={
            "skipped": Fact(value=len(backlog.skipped), unit="slots", as_of=slot),
            "lost": Fact(value=backlog.lost, unit="slots", as_of=slot),
        },
        method="the heartbeat's count of ticks against those that were judged",
        version=1,
    )
