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
        """The reading; it ended at most half a second ago."""
        with self._lock:
            if self._kept is None or self._clock.monotonic_s() - self._kept[0] >= KEPT_S:
                seen = self._look()
                # From its end: where a store hangs, a look takes seconds, and who waited for it must not look once more.
                self._kept = self._clock.monotonic_s(), seen
            return self._kept[1]
