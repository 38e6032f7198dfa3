"""A feed server: speaks just enough of the vendor's protocol to be subscribed to, then sends premade frames.

Orders: `address`; `wait` until so many contracts are subscribed, over all clients; `prepare` the frames; `run` at a rate or
as fast as the clients read, for so long or until so many quotes are sent.
"""

import time
from typing import Any

from benchmarks.children.feed_wire import Line, Lines
from benchmarks.children.orders import serve_orders
from benchmarks.children.sending import Cycle, Sender

_PATIENCE_S = 60.0


class FeedServer:
    """What the orders do."""

    def __init__(self) -> None:
        self._lines = Lines()
        self._frame = 0
        self._cycles: dict[Line, Cycle] = {}

    def address(self) -> str:
        """Base of the WebSocket clusters."""
        return f"ws://127.0.0.1:{self._lines.port}"

    def wait(self, contracts: int) -> int:
        """Wait until the clients hold the quotes of so many contracts."""
        end = time.monotonic() + _PATIENCE_S
        while (held := sum(len(_quotes_of(line)) for line in self._lines.open())) < contracts:
            if time.monotonic() > end:
                raise TimeoutError(f"{held} of {contracts} contracts subscribed")
            time.sleep(0.01)
        return held

    def prepare(self, frame: int) -> int:
        """Make the frames of the present subscriptions, so that they are there before the clock runs; how many."""
        return sum(len(cycle.frames) for cycle in self._cycles_of(frame))

    def run(
        self, *, frame: int, seconds: float, rate: float | None = None, quotes: int | None = None
    ) -> dict[str, Any]:
        """Send.

        Args:
            frame: quotes a frame.
            seconds: for how long at most.
            rate: quotes a second; None: as fast as the clients read.
            quotes: stop when so many are sent.
        """
        cycles = self._cycles_of(frame)
        assert cycles, "nobody has subscribed"
        sender = Sender(cycles, frame)
        began_ms, began_s = time.time() * 1000, time.perf_counter()
        while (now_s := time.perf_counter() - began_s) < seconds and (quotes is None or sender.sent < quotes):
            sender.turn(now_s, rate, quotes)
        return {
            "sent": sender.sent,
            "took_s": time.perf_counter() - began_s,
            "began_ms": began_ms,
            "ended_ms": time.time() * 1000,
            "last": sender.last_quotes(),
        }

    def _cycles_of(self, frame: int) -> list[Cycle]:
        """One cycle of frames for each client; those of before go on where they were."""
        if frame != self._frame:
            self._frame, self._cycles = frame, {}
        held = {line: _quotes_of(line) for line in self._lines.open()}
        self._cycles = {
            line: known if (known := self._cycles.get(line)) and known.tickers == tickers else
            Cycle(line, tickers, frame)
            for line, tickers in held.items()
            if tickers
        }  # fmt: skip
        return list(self._cycles.values())


def _quotes_of(line: Line) -> tuple[str, ...]:
    return tuple(name.removeprefix("Q.") for name in list(line.held) if name.startswith("Q."))


def main() -> None:
    """Serve."""
    server = FeedServer()
    serve_orders(
        {"address": server.address, "wait": server.wait, "prepare": server.prepare, "run": server.run}
    )


if __name__ == "__main__":
    main()
