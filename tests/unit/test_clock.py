"""The clocks."""

import time

from marketswarm.clock import Clock, ManualClock, ScaledClock, SystemClock, clock_of, machine_ms


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


def test_a_scaled_clock_stands_where_it_was_told_and_runs_faster() -> None:
    """Two of the same origin agree, whenever they were made; its waits are shorter in the machine's time."""
    since_ms = SystemClock().now_ms() - 1_000
    one, two = ScaledClock(50_000, 100.0, since_ms=since_ms), clock_of((50_000, since_ms, 100.0))
    assert 150_000 <= one.now_ms() <= two.now_ms()
    before = one.monotonic_s()
    one.sleep(1.0)
    assert one.monotonic_s() - before >= 1.0


def test_a_scaled_clock_begins_now_unless_told() -> None:
    """At its own moment, whatever the machine shows."""
    assert 0 <= ScaledClock(50_000).now_ms() - 50_000 < 10_000


def test_the_machines_time_is_known_for_that_of_a_replay() -> None:
    """A moment of the scaled clock, as the machine will show it; for the machine's own it is the same."""
    clock = ScaledClock(50_000, 10.0, since_ms=1_000_000)
    assert machine_ms(clock, 150_000) == 1_010_000
    assert machine_ms(clock_of(None), 150_000) == 150_000
