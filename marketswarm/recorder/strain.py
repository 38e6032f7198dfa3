"""Whether a process has its hands full, so that whatever its recorder computes is taken from the rest of it."""

import time
from collections.abc import Callable
from typing import Final

_FULL: Final = 0.9  # of a core: one thread that never waits, or nearly


class Strain:
    """Looks at the processor time of a process, without that of the thread that looks.

    Args:
        process_s, thread_s: processor time used so far, of the process and of this thread. `wall_s`: time that never goes back.
    """

    def __init__(
        self,
        process_s: Callable[[], float] = time.process_time,
        thread_s: Callable[[], float] = time.thread_time,
        wall_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._process_s, self._thread_s, self._wall_s = process_s, thread_s, wall_s
        self._used_s = self._at_s = 0.0
        self._begun = False

    def __call__(self) -> bool:
        """Whether the others have used nearly a core or more since the last call; the first call says no."""
        used_s, at_s = self._process_s() - self._thread_s(), self._wall_s()
        took_s, spent_s = at_s - self._at_s, used_s - self._used_s
        self._used_s, self._at_s = used_s, at_s
        is_first, self._begun = not self._begun, True
        return not is_first and took_s > 0 and spent_s >= _FULL * took_s
