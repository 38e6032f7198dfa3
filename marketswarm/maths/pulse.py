"""How often something is heard of a source, and for how long it may be silent before that says something.

Contracts of a far expiration are quoted now and then, those of today a thousand times a second: silence is measured by the
source's own pace. One that speaks at random is silent for twenty times its mean pause once in 500 million pauses.
"""

from collections import deque
from dataclasses import dataclass

# Of a whole feed, or of a chain that is quoted all the time. With the second between two looks at it, a feed that falls
# silent is called stale within five.
SILENCE_S = 3.5

_TIMES_MEAN = 20.0
_MEMORY_S = 300.0
_LEAST_MOMENTS = 50  # however long ago: fewer tell no pace
_STEP_S = 10.0
_GRAIN_S = 0.05  # what comes together was caused together
FIRST_GUESS_S = 6.0


@dataclass(slots=True)
class _Step:
    began_s: float
    moments: int = 0
    paused_s: float = 0.0


class Pulse:
    """Moments at which something was heard, over the last five minutes, or the last fifty of them.

    Attributes:
        last_s: the newest moment, of the clock that all times are of; at first the moment at which listening began.

    Args:
        guess_s: the mean pause of a source of which nothing is known yet.
    """

    def __init__(self, now_s: float, guess_s: float = FIRST_GUESS_S) -> None:
        self.last_s = now_s
        self._guess_s = guess_s
        self._steps = deque([_Step(now_s)])
        self._moments = 0
        self._paused_s = 0.0

    def hear(self, now_s: float) -> None:
        """Something was heard. A pause that was too long, such as a night, counts as if it had just been long enough."""
        pause_s = now_s - self.last_s
        if self._moments and pause_s < _GRAIN_S:
            return
        self._count(now_s, min(pause_s, self.allowed_s()))
        self.last_s = now_s

    def allowed_s(self) -> float:
        """How long it may be silent: as long as a feed may, or twenty times its mean pause of late, if that is longer."""
        return max(SILENCE_S, _TIMES_MEAN * (self._paused_s + self._guess_s) / (self._moments + 1))

    def is_silent(self, now_s: float, since_s: float) -> bool:
        """Whether it has been silent for longer than it may, beginning no earlier than `since_s`."""
        return now_s - max(self.last_s, since_s) > self.allowed_s()

    def _count(self, now_s: float, pause_s: float) -> None:
        if now_s - self._steps[-1].began_s >= _STEP_S:
            self._forget(now_s - _MEMORY_S)
            self._steps.append(_Step(now_s))
        step = self._steps[-1]
        step.moments, step.paused_s = step.moments + 1, step.paused_s + pause_s
        self._moments, self._paused_s = self._moments + 1, self._paused_s + pause_s

    def _forget(self, before_s: float) -> None:
        while self._steps[0].began_s < before_s and self._moments - self._steps[0].moments >= _LEAST_MOMENTS:
            step = self._steps.popleft()
            self._moments, self._paused_s = self._moments - step.moments, self._paused_s - step.paused_s
