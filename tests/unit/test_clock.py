"""The clocks."""

import time

from marketswarm.clock import Clock, ManualClock, SystemClock


def test_the_system_clock_tells_wall_time_in_ms() -> None:
    """Wall time is whole milliseconds since the epoch."""
    before, now_ms, after = time.time_ns(), SystemClock().now_ms(), time.time_ns()
    assert isinstance(now_ms, int)
    assert before // 1_000_000 <= now_ms <= after // 1_000_000


def test_the_system_clock_never_goes_back() -> None:
    """Monotonic seconds grow across a sleep of at least what was asked for."""
    clock: Clock = SystemClock()
    before = clock.monotonic_s()
    clock.sleep(0.01)
    assert clock.monotonic_s() - before >= 0.01


def test_advancing_moves_both_times() -> None:
    """Time that passes shows on the wall and on the stop-watch alike; sleeping is passing it at once."""
    clock: Clock = ManualClock(1_000)
    clock.sleep(1.5)
    assert (clock.now_ms(), clock.monotonic_s()) == (2_500, 1.5)


def test_a_step_moves_the_wall_only() -> None:
    """Setting the wall clock back leaves the stop-watch alone."""
    clock = ManualClock(60_000)
    clock.advance(1)
    clock.step(-47)
    assert (clock.now_ms(), clock.monotonic_s()) == (14_000, 1.0)
