"""The life of one part as a state machine: one table, no process, no clock.

Time is monotonic seconds and passed in; what must be done to the process is returned.
"""

from collections import deque
from enum import StrEnum
from typing import Final

from marketswarm.supervisor.part import Patience

HURRY_S: Final = 1.0  # what a part gets to stop once nobody wants to wait any more


class State(StrEnum):
    """Where a part is in its life."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    BACKOFF = "backoff"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"


class Event(StrEnum):
    """What can happen to a part."""

    START = "start"
    BECAME_READY = "became ready"
    CRASHED = "crashed"
    HOPELESS = "hopeless"
    TIME_OVER = "time over"
    STOP = "stop"
    HURRY = "hurry"


class Action(StrEnum):
    """What is to be done to the process."""

    NOTHING = "nothing"
    SPAWN = "spawn"
    ASK_TO_STOP = "ask to stop"
    KILL = "kill"


_S, _E, _A = State, Event, Action

TABLE: Final[dict[tuple[State, Event], tuple[State, Action]]] = {
    (_S.WAITING, _E.START): (_S.STARTING, _A.SPAWN),
    (_S.WAITING, _E.STOP): (_S.STOPPED, _A.NOTHING),
    (_S.WAITING, _E.HURRY): (_S.STOPPED, _A.NOTHING),
    (_S.STARTING, _E.BECAME_READY): (_S.READY, _A.NOTHING),
    (_S.STARTING, _E.CRASHED): (_S.BACKOFF, _A.NOTHING),
    (_S.STARTING, _E.HOPELESS): (_S.FAILED, _A.NOTHING),
    (_S.STARTING, _E.TIME_OVER): (_S.STARTING, _A.KILL),
    (_S.STARTING, _E.STOP): (_S.STOPPING, _A.ASK_TO_STOP),
    (_S.STARTING, _E.HURRY): (_S.STOPPING, _A.ASK_TO_STOP),
    (_S.READY, _E.CRASHED): (_S.BACKOFF, _A.NOTHING),
    (_S.READY, _E.HOPELESS): (_S.FAILED, _A.NOTHING),
    (_S.READY, _E.STOP): (_S.STOPPING, _A.ASK_TO_STOP),
    (_S.READY, _E.HURRY): (_S.STOPPING, _A.ASK_TO_STOP),
    (_S.BACKOFF, _E.TIME_OVER): (_S.STARTING, _A.SPAWN),
    (_S.BACKOFF, _E.STOP): (_S.STOPPED, _A.NOTHING),
    (_S.BACKOFF, _E.HURRY): (_S.STOPPED, _A.NOTHING),
    (_S.STOPPING, _E.CRASHED): (_S.STOPPED, _A.NOTHING),
    (_S.STOPPING, _E.HOPELESS): (_S.STOPPED, _A.NOTHING),
    (_S.STOPPING, _E.TIME_OVER): (_S.STOPPING, _A.KILL),
    (_S.STOPPING, _E.HURRY): (_S.STOPPING, _A.NOTHING),
}
"""(state, event) → (next state, what to do). A pair that is not here changes nothing."""

ENDED: Final = frozenset({State.STOPPED, State.FAILED})


class Lifecycle:
    """One part's state, its deadline and its recent failures."""

    def __init__(self, patience: Patience) -> None:
        self.state = State.WAITING
        self.deadline_s: float | None = None
        self._patience = patience
        self._failures: deque[float] = deque(maxlen=patience.failures)
        self._was_ready = False

    def on(self, event: Event, now_s: float) -> Action:
        """Take an event; give what to do."""
        if (self.state, event) not in TABLE:
            return Action.NOTHING
        self.state, action = TABLE[self.state, event]
        self._was_ready |= self.state is State.READY
        self.deadline_s = self._deadline(action, event, now_s)
        return action

    def ended(self, now_s: float) -> Action:
        """Take the end of the process, wanted or not."""
        if self.state is not State.STOPPING:
            self._failures.append(now_s)
        return self.on(Event.HOPELESS if self._is_hopeless(now_s) else Event.CRASHED, now_s)

    def passed(self, now_s: float) -> Action:
        """Take the passing of time."""
        if self.deadline_s is None or now_s < self.deadline_s:
            return Action.NOTHING
        return self.on(Event.TIME_OVER, now_s)

    def _recent(self, now_s: float) -> int:
        return sum(now_s - moment <= self._patience.within_s for moment in self._failures)

    def _is_hopeless(self, now_s: float) -> bool:
        allowed = self._patience.failures if self._was_ready else self._patience.start_attempts
        return self._recent(now_s) >= allowed

    def _deadline(self, action: Action, event: Event, now_s: float) -> float | None:
        match self.state, action:
            case State.STARTING, Action.SPAWN:
                return now_s + self._patience.start_s
            case State.STOPPING, Action.NOTHING:  # told to hurry, maybe again: what is due sooner stays
                return None if self.deadline_s is None else min(self.deadline_s, now_s + HURRY_S)
            case State.STOPPING, Action.ASK_TO_STOP:
                return now_s + (HURRY_S if event is Event.HURRY else self._patience.stop_s)
            case State.BACKOFF, _:
                return now_s + self._delay_s(now_s)
            case _:
                return None

    def _delay_s(self, now_s: float) -> float:
        doubled = self._patience.first_delay_s * 2.0 ** (self._recent(now_s) - 1)
        return min(doubled, self._patience.longest_delay_s)
