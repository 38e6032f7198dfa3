"""The clocks."""

import time

from marketswarm.clock import Clock, ManualClock, PacedClock, ScaledClock, SystemClock, clock_of, machine_ms


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


def test_a_paced_clock_takes_its_time() -> None:
    """It waits until as much of the machine's time has passed; what the machine is late with is not waited for again."""
    base = ManualClock(5_000)
    clock = PacedClock(1_000_000, 4.0, base)
    base.advance(7)
    clock.advance(2)
    assert (clock.now_ms(), clock.monotonic_s(), base.monotonic_s()) == (1_002_000, 2.0, 7.5)
    base.advance(1)
    clock.sleep(2)
    assert (clock.now_ms(), base.monotonic_s()) == (1_004_000, 8.5)
    clock.advance(4)
    assert base.monotonic_s() == 9.0


def test_a_step_moves_the_wall_only() -> None:
    """Setting the wall clock back leaves the stop-watch alone."""
    clock = ManualClock(60_000)
    clock.advance(1)
    clock.step(-47)
    assert (clock.now_ms(), clock.monotonic_s()) == (14_000, 1.0)


def test_a_scaled_clock_begins_elsewhere_and_runs_faster() -> None:
    """Both times run at the speed, from the chosen moment and from nought; waiting is that much shorter."""
    base = ManualClock(5_000)
    clock: Clock = ScaledClock(1_000_000, 20.0, base)
    assert (clock.now_ms(), clock.monotonic_s()) == (1_000_000, 0.0)
    base.advance(0.5)
    assert (clock.now_ms(), clock.monotonic_s()) == (1_010_000, 10.0)
    clock.sleep(30)
    assert base.monotonic_s() == 2.0


def test_a_scaled_clock_does_not_follow_a_step() -> None:
    """Setting the machine's clock does not move it."""
    base = ManualClock(5_000)
    clock = ScaledClock(1_000_000, 1.0, base)
    base.step(3600)
    assert clock.now_ms() == 1_000_000


def test_scaled_clocks_of_one_origin_agree() -> None:
    """Whenever they were made, in whatever process."""
    base = ManualClock(1_000_000)
    one = ScaledClock(50_000, 100.0, base, since_ms=999_000)
    base.advance(2.0)
    two = ScaledClock(50_000, 100.0, base, since_ms=999_000)
    assert one.now_ms() == two.now_ms() == 350_000
    assert isinstance(clock_of((50_000, SystemClock().now_ms(), 100.0)), ScaledClock)


def test_the_machines_time_is_known_for_that_of_a_replay() -> None:
    """A moment of the scaled clock, as the machine will show it; for the machine's own it is the same."""
    clock = ScaledClock(50_000, 10.0, since_ms=1_000_000)
    assert machine_ms(clock, 150_000) == 1_010_000
    assert machine_ms(clock_of(None), 150_000) == 150_000
