"""A world in which time passes only when everybody waits: one clock, one queue of what is to happen, no real waiting.

Work that waits in its own thread, such as a load, takes turns with the rest: at each moment one of them runs. So a seed gives
one order of events, and the same one each time.
"""

import heapq
import threading
from collections.abc import Callable
from itertools import count


class World:
    """The clock (`marketswarm.clock.Clock`), and what is to happen.

    Attributes:
        failures: what went wrong in work of its own thread.
    """

    def __init__(self, now_ms: int) -> None:
        self._start_ms, self._now_s = now_ms, 0.0
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._local = threading.local()
        self.failures: list[BaseException] = []

    def now_ms(self) -> int:
        """Wall time of this world."""
        return self._start_ms + round(self._now_s * 1000)

    def monotonic_s(self) -> float:
        """Seconds since its beginning."""
        return self._now_s

    def sleep(self, seconds: float) -> None:
        """Let the others go on for so long."""
        errand = getattr(self._local, "errand", None)
        if errand is None:
            self.run_until(self._now_s + seconds)
        else:
            errand.wait(seconds)

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Something is to happen then."""
        heapq.heappush(self._queue, (self._now_s + max(0.0, seconds), next(self._numbers), action))

    def every(self, seconds: float, action: Callable[[], None]) -> None:
        """Something is to happen again and again."""

        def act() -> None:
            action()
            self.after(seconds, act)

        self.after(seconds, act)

    def send_off(self, work: Callable[[], object]) -> None:
        """Begin work that may sleep; it runs until it first does."""
        _Errand(self, work, self._local).begin()

    def run_until(self, until_s: float, is_enough: Callable[[], bool] = lambda: False) -> None:
        """Let happen what is to happen until then, or until it is enough."""
        while self._queue and self._queue[0][0] <= until_s and not is_enough():
            moment_s, _, action = heapq.heappop(self._queue)
            self._now_s = max(self._now_s, moment_s)
            action()
        if not is_enough():
            self._now_s = max(self._now_s, until_s)


class _Errand:
    """Work in a thread of its own, which runs only while the rest of the world stands still."""

    def __init__(self, world: World, work: Callable[[], object], local: threading.local) -> None:
        self._world, self._work, self._local = world, work, local
        self._its_turn, self._our_turn = threading.Semaphore(0), threading.Semaphore(0)

    def begin(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()
        self._our_turn.acquire()

    def wait(self, seconds: float) -> None:
        self._world.after(seconds, self._go_on)
        self._our_turn.release()
        self._its_turn.acquire()

    def _go_on(self) -> None:
        self._its_turn.release()
        self._our_turn.acquire()

    def _run(self) -> None:
        self._local.errand = self
        try:
            self._work()
        except BaseException as failure:  # noqa: BLE001 - the test looks at it
            self._world.failures.append(failure)
        finally:
            self._our_turn.release()
