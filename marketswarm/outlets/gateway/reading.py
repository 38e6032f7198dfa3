"""One look at the swarm that serves all who ask within half a second: a hundred open pages cost no more than one."""

import threading
from collections.abc import Callable
from typing import Final

from marketswarm.clock import Clock
from marketswarm.outlets.status import SwarmReading

KEPT_S: Final = 0.5


class SharedReading:
    """Looks when nobody has for `KEPT_S`; who asks meanwhile waits for that look."""

    def __init__(self, look: Callable[[], SwarmReading], clock: Clock) -> None:
        self._look = look
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: tuple[float, SwarmReading] | None = None

    def __call__(self) -> SwarmReading:
        """The reading; at most half a second old."""
        with self._lock:
            now_s = self._clock.monotonic_s()
            if self._kept is None or now_s - self._kept[0] >= KEPT_S:
                self._kept = self._clock.monotonic_s(), self._look()
            return self._kept[1]
