"""A strict tempo for Celery beat: due on the wall clock's marks, each mark sent once, whatever the clock or a second beat does.

Celery's own schedules drift with each tick, and its heap of due times goes silent when the clock is set back.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import structlog
from celery import schedules
from celery.beat import Scheduler
from redis.exceptions import RedisError

from marketswarm import keys
from marketswarm.clock import Clock
from marketswarm.own_swarm import swarm

log = structlog.get_logger("marketswarm.beat")

_SLOT_TTL_MS = 30_000


class WallClockSchedule(schedules.schedule):
    """Due at every multiple of `period_s` of the wall clock, or always so many whole seconds behind it."""

    def __init__(
        self,
        period_s: int,
        nowfun: Callable[[], datetime] | None = None,
        app: Any = None,
        *,
        after_s: int = 0,
    ) -> None:
        self.period_s, self.after_s = period_s, after_s
        super().__init__(timedelta(seconds=period_s), relative=False, nowfun=nowfun, app=app)

    def slot_of(self, now_s: float) -> int:
        """The newest moment at which it was due, in whole seconds since the epoch."""
        return int((now_s - self.after_s) // self.period_s) * self.period_s + self.after_s

    def is_due(self, last_run_at: datetime) -> schedules.schedstate:
        """Whether such a moment lies between the last run and now (in either direction), and how long until the next one."""
        now_s, last_s = self.now().timestamp(), self.maybe_make_aware(last_run_at).timestamp()
        slot = self.slot_of(now_s)
        return schedules.schedstate(slot != self.slot_of(last_s), slot + self.period_s - now_s)

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(type(self), after_s=self.after_s), (self.period_s,)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WallClockSchedule) and self._when() == other._when()

    def __hash__(self) -> int:
        return hash(self._when())

    def _when(self) -> tuple[int, int]:
        return self.period_s, self.after_s

    def __repr__(self) -> str:
        behind = f", {self.after_s} s behind" if self.after_s else ""
        return f"<every {self.period_s} s of the wall clock{behind}>"


class StrictScheduler(Scheduler):
    """Beat's schedule in memory only, with one send per slot among all beats."""

    def __init__(self, *args: Any, clock: Clock | None = None, **kwargs: Any) -> None:
        self._clock = clock or swarm().clock
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        """Take the entries of the configuration; nothing is kept on disk that could be stale."""
        self.merge_inplace(self.app.conf.beat_schedule)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """One iteration, at least once a second.

        Due times are worked out anew each time. Celery keeps them from one tick to the next, as wall time: then a send
        that takes long delays the next mark by as much, and a clock that is set back silences beat for that long.
        """
        self._heap = None
        return float(super().tick(*args, **kwargs))

    def adjust(self, n: Any, drift: float = 0.0) -> Any:
        """Celery wakes 10 ms early and asks again; a mark is a mark."""
        return super().adjust(n, drift)

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        """Send the entry unless another beat has sent this slot."""
        if self._is_ours(entry):
            super().apply_entry(entry, producer=producer)

    def _is_ours(self, entry: Any) -> bool:
        if not isinstance(entry.schedule, WallClockSchedule):
            return True
        slot = entry.schedule.slot_of(self._clock.now_ms() / 1000) * 1000
        key, claim = keys.beat_slot(entry.name, slot), f"{swarm().owner}:{uuid4().hex[:8]}"
        try:
            taken = swarm().redis.set(key, claim, nx=True, px=_SLOT_TTL_MS)
            # The client asks again when an answer was lost, and then the slot is taken: by this very claim.
            return bool(taken) or swarm().redis.get(key) == claim.encode()
        except RedisError as error:
            log.warning("slot not claimed", entry=entry.name, error=str(error))
            return True  # the task's own guard still lets each slot through once


def current_slot() -> int:
    """The running slot of the heartbeat, at the moment the entry is sent."""
    return swarm().clock.now_ms() // 10_000 * 10_000
