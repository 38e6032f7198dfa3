"""Whether a process has its hands full, so that whatever its recorder computes is taken from the rest of it."""

import time
from collections.abc import Callable
from typing import Final

from marketswarm.clock import Clock
from marketswarm.cores import usable_cores

_BEGINS: Final = 0.9  # of what it can have: one thread that never waits, or nearly
_ENDS: Final = 0.8


class Strain:
    """Looks at the processor time of a process, without that of the one thread that looks.

    It is under strain when the others use nine tenths of a core, until they use less than eight; with a single core, that much of
    what the looking thread leaves them.

    Args:
        process_s, thread_s: processor time used so far, of the process and of the thread that asks.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        cores: int | None = None,
        process_s: Callable[[], float] = time.process_time,
        thread_s: Callable[[], float] = time.thread_time,
    ) -> None:
        self._clock, self._process_s, self._thread_s = clock, process_s, thread_s
        self._is_single = (cores or usable_cores()) == 1
        self._before: tuple[float, float, float] | None = None
        self._is_under = False

    def __call__(self) -> bool:
        """Whether it was so since the last call; the first call says no."""
        now = self._clock.monotonic_s(), self._process_s(), self._thread_s()
        before, self._before = self._before, now
        if before is None:
            return False
        took_s, process_s, own_s = (later - earlier for later, earlier in zip(now, before, strict=True))
        there_was_s = took_s - own_s if self._is_single else took_s
        share = _ENDS if self._is_under else _BEGINS
        self._is_under = there_was_s > 0 and process_s - own_s >= share * there_was_s
        return self._is_under
