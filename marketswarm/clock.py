"""The only place where the clock is read.

Wall time is integer milliseconds since the epoch, UTC. Time for measuring and waiting is monotonic seconds.
"""

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """What code that depends on time is given."""

    def now_ms(self) -> int:
        """Wall time, ms since the epoch."""
        ...

    def monotonic_s(self) -> float:
        """Seconds that never go back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now_ms(self) -> int:
        """Wall time, ms since the epoch."""
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class ScaledClock:
    """A clock that begins at a moment of one's choice, and runs faster or slower than the one beneath it.

    Both its times are the other's monotonic time, scaled: setting the machine's wall clock does not move it.
    """

    def __init__(self, start_ms: int, speed: float = 1.0, base: Clock | None = None) -> None:
        self._base = base or SystemClock()
        self._start_ms, self._speed = start_ms, speed
        self._began_s = self._base.monotonic_s()

    def now_ms(self) -> int:
        """Wall time, ms since the epoch."""
        return self._start_ms + int(self.monotonic_s() * 1000)

    def monotonic_s(self) -> float:
        """Seconds that never go back, since the beginning."""
        return (self._base.monotonic_s() - self._began_s) * self._speed

    def sleep(self, seconds: float) -> None:
        """Wait until so many of this clock's seconds have passed."""
        self._base.sleep(seconds / self._speed)


class ManualClock:
    """A clock that moves when told: `advance` moves both times, `step` the wall only."""

    def __init__(self, now_ms: int = 0) -> None:
        self._now_ms = now_ms
        self._monotonic_s = 0.0
        self._lock = threading.Lock()

    def now_ms(self) -> int:
        """Wall time, ms since the epoch."""
        return self._now_ms

    def monotonic_s(self) -> float:
        """Seconds that never go back."""
        return self._monotonic_s

    def sleep(self, seconds: float) -> None:
        """Advance by that much at once."""
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        with self._lock:
            self._monotonic_s += seconds
            self._now_ms += round(seconds * 1000)

    def step(self, seconds: float) -> None:
        """Set the wall clock forward or back, as an operator or NTP would."""
        with self._lock:
            self._now_ms += round(seconds * 1000)
