"""A process that only sleeps: how long the machine keeps one waiting that has nothing to do.

Orders: `begin`; `end`, the spread of how much too long each sleep was.
"""

import threading
import time
from dataclasses import asdict
from typing import Any

from benchmarks.children.orders import serve_orders
from benchmarks.quantiles import spread_of

_SLEEP_S = 0.001


class Idler:
    """What the orders do."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._late_ms: list[float] = []

    def begin(self) -> None:
        """Sleep from now on, a millisecond at a time."""
        self._over, self._late_ms = threading.Event(), []
        self._thread = threading.Thread(target=self._sleep, daemon=True)
        self._thread.start()

    def end(self) -> dict[str, Any]:
        """Stop; by how many ms the sleeps were too long."""
        assert self._thread is not None
        self._over.set()
        self._thread.join()
        return asdict(spread_of(self._late_ms))

    def _sleep(self) -> None:
        while not self._over.is_set():
            began_s = time.perf_counter()
            time.sleep(_SLEEP_S)
            self._late_ms.append((time.perf_counter() - began_s - _SLEEP_S) * 1000)


def main() -> None:
    """Serve."""
    idler = Idler()
    serve_orders({"begin": idler.begin, "end": idler.end})


if __name__ == "__main__":
    main()
