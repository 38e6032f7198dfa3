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
    """A clock that stood at `start_ms` at one moment of the machine's, and runs faster or slower than the machine's.

    Setting the machine's wall clock later does not move it.

    Args:
        start_ms: what it shows at that moment, ms since the epoch.
        speed: its seconds in one of the machine's.
        base: the machine's clock.
        since_ms: that moment by the machine's wall clock, so that processes can share it; now unless given.
    """

    def __init__(
        self, start_ms: int, speed: float = 1.0, base: Clock | None = None, *, since_ms: int | None = None
    ) -> None:
        self._base = base or SystemClock()
        self.speed = speed
        self._start_ms = start_ms
        now_ms = self._base.now_ms()
        self._since_ms = now_ms if since_ms is None else since_ms
        self._began_s = self._base.monotonic_s() - (now_ms - self._since_ms) / 1000

    def now_ms(self) -> int:
        """Wall time, ms since the epoch."""
        return self._start_ms + int(self.monotonic_s() * 1000)

    def monotonic_s(self) -> float:
        """Seconds that never go back, since that moment."""
        return (self._base.monotonic_s() - self._began_s) * self.speed

    def sleep(self, seconds: float) -> None:
        """Wait until so many of this clock's seconds have passed."""
        self._base.sleep(seconds / self.speed)

    def machine_ms(self, now_ms: int) -> int:
        """The machine's wall time when this clock shows that."""
        return self._since_ms + round((now_ms - self._start_ms) / self.speed)


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


class PacedClock(ManualClock):
    """A clock that moves when told, and takes its time: it goes on only when as much of the machine's has passed.

    Args:
        now_ms: what it shows at first, ms since the epoch.
        speed: its seconds in one of the machine's.
        base: the machine's clock.
    """

    def __init__(self, now_ms: int, speed: float = 1.0, base: Clock | None = None) -> None:
        super().__init__(now_ms)
        self._base = base or SystemClock()
        self._speed = speed
        self._began_s: float | None = None

    def advance(self, seconds: float) -> None:
        """Let time pass, and wait for it; the first call begins it."""
        if self._began_s is None:
            self._began_s = self._base.monotonic_s() - self.monotonic_s() / self._speed
        super().advance(seconds)
        ahead_s = self._began_s + self.monotonic_s() / self._speed - self._base.monotonic_s()
        if ahead_s > 0:
            self._base.sleep(ahead_s)


def clock_of(replay: tuple[int, int, float] | None) -> Clock:
    """The machine's own clock, or that of a replay: what it showed in ms, when the machine showed what, and its speed."""
    if replay is None:
        return SystemClock()
    start_ms, since_ms, speed = replay
    return ScaledClock(start_ms, speed, since_ms=since_ms)


def machine_ms(clock: Clock, now_ms: int) -> int:
    """The machine's wall time when that clock shows `now_ms`."""
    return clock.machine_ms(now_ms) if isinstance(clock, ScaledClock) else now_ms
