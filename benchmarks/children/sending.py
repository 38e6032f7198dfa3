"""Sends premade frames over and over, at a rate, to one client or to several in step; remembers what it sent last."""

import time
from collections import deque
from collections.abc import Sequence
from typing import Any, Protocol

from benchmarks.children.frames import premade_frames

_WRITE_QUOTES = 100  # a write carries at most so many quotes, in however many frames
_SHORTEST_SLEEP_S = 0.0002


class Wire(Protocol):
    """What frames are sent to."""

    def send(self, wire: bytes | bytearray) -> None:
        """Send whole frames; waits while the other side does not read."""
        ...


class Cycle:
    """The frames of one client, sent again and again; a later run goes on where the one before has stopped."""

    def __init__(self, line: Wire, tickers: Sequence[str], frame: int) -> None:
        self.tickers = tuple(tickers)
        self.frames = premade_frames(self.tickers, frame)
        self.sent = 0
        self._line = line
        self._next = 0
        self._least_ms = 0
        self._recent: deque[tuple[int, int]] = deque(maxlen=len(self.frames))

    def send(self, count: int) -> int:
        """Send so many frames in one write, with the present time in all their quotes; how many quotes those are."""
        now_ms = max(time.time_ns() // 1_000_000, self._least_ms)
        wires, quotes = [], 0
        for _ in range(count):
            if self._next == len(self.frames):  # the sequence starts anew, so the millisecond must be new too
                self._next, now_ms = 0, now_ms + 1
                self._least_ms = now_ms
            frame = self.frames[self._next]
            wires.append(frame.stamp(str(now_ms).encode()))
            self._recent.append((self._next, now_ms))
            self._next += 1
            quotes += len(frame.quotes)
        self._line.send(b"".join(wires))
        self.sent += quotes
        return quotes

    def last_quotes(self) -> dict[str, list[Any]]:
        """Ticker → bid, ask, their sizes, and the time of the last quote, of this run or of one before."""
        last: dict[str, list[Any]] = {}
        for at, time_ms in reversed(self._recent):
            for ticker, *values in reversed(self.frames[at].quotes):
                last.setdefault(ticker, [*values, time_ms])
            if len(last) == len(self.tickers):
                break
        return last


class Sender:
    """One run over all clients: each gets its share by the number of its contracts."""

    def __init__(self, cycles: Sequence[Cycle], frame: int) -> None:
        self._cycles = cycles
        self._frame = frame
        self._most = max(1, _WRITE_QUOTES // frame)
        self.sent = 0
        for cycle in cycles:
            cycle.sent = 0

    def turn(self, now_s: float, rate: float | None, quotes: int | None) -> None:
        """Send what is due so many seconds after the beginning, at most one write of it; or wait a little."""
        due = self._due(now_s, rate, quotes)
        if due > 0:
            behind = min(self._cycles, key=lambda cycle: cycle.sent / len(cycle.tickers))
            self.sent += behind.send(min(due, self._most))
        else:
            assert rate is not None
            time.sleep(max(_SHORTEST_SLEEP_S, (self.sent + self._frame) / rate - now_s))

    def last_quotes(self) -> dict[str, list[Any]]:
        """Ticker → what was sent last."""
        return {ticker: quote for cycle in self._cycles for ticker, quote in cycle.last_quotes().items()}

    def _due(self, now_s: float, rate: float | None, quotes: int | None) -> int:
        """Frames."""
        due = self._most if rate is None else int(rate * now_s - self.sent) // self._frame
        return due if quotes is None else min(due, -(-(quotes - self.sent) // self._frame))
