"""A feed server: speaks just enough of the vendor's protocol to be subscribed to, then sends premade frames.

Orders: `address`; `wait` until so many contracts are subscribed; `run` at a rate or as fast as the client reads.
"""

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from benchmarks.children.feed_wire import Line, Lines
from benchmarks.children.frames import PremadeFrame, premade_frames
from benchmarks.children.orders import serve_orders

_WRITE_QUOTES = 100  # a write carries at most so many quotes, in however many frames
_PATIENCE_S = 60.0


@dataclass(slots=True)
class Sender:
    """Sends the cycle of frames over and over, and remembers what it sent last."""

    line: Line
    frames: list[PremadeFrame]
    next: int = 0
    sent: int = 0
    recent: deque[tuple[int, int]] = field(init=False)
    _least_ms: int = 0

    def __post_init__(self) -> None:
        self.recent = deque(maxlen=len(self.frames))

    def send(self, count: int) -> None:
        """Send so many frames in one write, with the present time in all their quotes."""
        now_ms = max(time.time_ns() // 1_000_000, self._least_ms)
        wires = []
        for _ in range(count):
            if self.next == len(
                self.frames
            ):  # the vendor's sequence starts anew, so the millisecond must be new too
                self.next, now_ms = 0, now_ms + 1
                self._least_ms = now_ms
            frame = self.frames[self.next]
            wires.append(frame.stamp(str(now_ms).encode()))
            self.recent.append((self.next, now_ms))
            self.next += 1
            self.sent += len(frame.quotes)
        self.line.send(b"".join(wires))

    def last_quotes(self) -> dict[str, list[Any]]:
        """Ticker → bid, ask, their sizes, and the time of the last quote."""
        last: dict[str, list[Any]] = {}
        for at, time_ms in self.recent:
            for ticker, *values in self.frames[at].quotes:
                last[ticker] = [*values, time_ms]
        return last


class FeedServer:
    """What the orders do."""

    def __init__(self) -> None:
        self._lines = Lines()
        self._made: dict[tuple[int, tuple[str, ...]], list[PremadeFrame]] = {}

    def address(self) -> str:
        """Base of the WebSocket clusters."""
        return f"ws://127.0.0.1:{self._lines.port}"

    def wait(self, contracts: int) -> int:
        """Wait until the newest client holds the quotes of so many contracts."""
        end = time.monotonic() + _PATIENCE_S
        while (held := len(self._held())) < contracts:
            if time.monotonic() > end:
                raise TimeoutError(f"{held} of {contracts} contracts subscribed")
            time.sleep(0.01)
        return held

    def prepare(self, frame: int) -> int:
        """Make the frames of the present subscriptions; how many there are."""
        return len(self._frames(frame))

    def run(self, *, frame: int, seconds: float, rate: float | None = None) -> dict[str, Any]:
        """Send for so long.

        Args:
            frame: quotes a frame.
            rate: quotes a second; None: as fast as the client reads.
        """
        line = self._lines.newest
        assert line is not None, "nobody is connected"
        sender = Sender(line, self._frames(frame))
        began_ms, began_s = time.time() * 1000, time.perf_counter()
        while (now_s := time.perf_counter() - began_s) < seconds:
            _turn(sender, frame, now_s, rate)
        took_s = time.perf_counter() - began_s
        return {
            "sent": sender.sent,
            "took_s": took_s,
            "began_ms": began_ms,
            "ended_ms": time.time() * 1000,
            "last": sender.last_quotes(),
        }

    def _held(self) -> tuple[str, ...]:
        line = self._lines.newest
        if line is None or not line.is_open:
            return ()
        return tuple(name.removeprefix("Q.") for name in list(line.held) if name.startswith("Q."))

    def _frames(self, frame: int) -> list[PremadeFrame]:
        key = (frame, self._held())
        if key not in self._made:
            self._made = {key: premade_frames(key[1], frame)}
        return self._made[key]


def _turn(sender: Sender, frame: int, now_s: float, rate: float | None) -> None:
    most = max(1, _WRITE_QUOTES // frame)
    if rate is None:
        sender.send(most)
        return
    due = int(rate * now_s - sender.sent) // frame
    if due > 0:
        sender.send(min(due, most))
    else:
        time.sleep(max(0.0002, (sender.sent + frame) / rate - now_s))


def main() -> None:
    """Serve."""
    server = FeedServer()
    serve_orders(
        {"address": server.address, "wait": server.wait, "prepare": server.prepare, "run": server.run}
    )


if __name__ == "__main__":
    main()
