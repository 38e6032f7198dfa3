"""One look at the swarm serves all who ask within half a second."""

import threading

from marketswarm.clock import ManualClock
from marketswarm.outlets.gateway.reading import KEPT_S, SharedReading
from marketswarm.outlets.status import SwarmReading


def test_a_look_is_kept_for_half_a_second(clock: ManualClock) -> None:
    """The next who asks after that looks again."""
    looks: list[SwarmReading] = []

    def look() -> SwarmReading:
        looks.append(SwarmReading("sim", True, clock.now_ms()))
        return looks[-1]

    shared = SharedReading(look, clock)
    assert shared() is shared() is looks[0]
    clock.advance(KEPT_S)
    assert shared() is looks[1]


def test_all_at_once_are_one_look(clock: ManualClock) -> None:
    """Who asks while somebody looks waits for that look."""
    begun, go_on, count = threading.Event(), threading.Event(), []

    def look() -> SwarmReading:
        count.append(1)
        begun.set()
        assert go_on.wait(10)
        return SwarmReading("sim", True, 0)

    shared = SharedReading(look, clock)
    askers = [threading.Thread(target=shared) for _ in range(8)]
    for asker in askers:
        asker.start()
    assert begun.wait(10)
    go_on.set()
    for asker in askers:
        asker.join(10)
    assert len(count) == 1


def test_a_look_that_took_long_serves_all_who_waited_for_it(clock: ManualClock) -> None:
    """A store that hangs is asked once, not by one after the other of them."""
    looks: list[int] = []

    def look() -> SwarmReading:
        looks.append(1)
        clock.advance(10 * KEPT_S)
        return SwarmReading("sim", True, 0)

    shared = SharedReading(look, clock)
    assert shared() is shared()
    assert looks == [1]
