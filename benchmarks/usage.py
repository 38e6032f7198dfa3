"""What processes use while something is measured."""

import threading
import time
from dataclasses import dataclass

import psutil

_LOOK_S = 0.2
_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Used:
    """What processes used over a span of time: shares of one core, and the most resident memory that was seen."""

    cpu: float
    rss_mb: float


class Usage:
    """Begins to count the use of processes and their children."""

    def __init__(self, *pids: int) -> None:
        self._family = [
            member
            for pid in pids
            for member in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True))
        ]
        self._rss = self._resident()
        self._over = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()
        self._began_s, self._busy_s = time.perf_counter(), self._busy()

    def end(self) -> Used:
        """Since it began."""
        took_s, busy_s = time.perf_counter() - self._began_s, self._busy() - self._busy_s
        self._over.set()
        return Used(busy_s / took_s, max(self._rss, self._resident()) / _MB)

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_S):
            try:
                self._rss = max(self._rss, self._resident())
            except psutil.NoSuchProcess:
                return

    def _resident(self) -> int:
        return sum(process.memory_info().rss for process in self._family)

    def _busy(self) -> float:
        return sum(sum(process.cpu_times()[:2]) for process in self._family)
