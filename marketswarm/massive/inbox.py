"""What the reader thread has brought and nobody has taken yet: bounded in frames and in bytes."""

import queue
from dataclasses import dataclass
from typing import NamedTuple


class Frame(NamedTuple):
    """A data frame: which connection it came on, when (monotonic seconds), and its bytes."""

    link: int
    arrived_s: float
    raw: bytes


class Opened(NamedTuple):
    """A connection is open."""

    link: int


class Heard(NamedTuple):
    """A ping or pong came."""

    link: int


class Ended(NamedTuple):
    """A connection ended or could not be opened. No code means that there was no close frame."""

    link: int
    code: int | None
    reason: str


Arrival = Frame | Opened | Heard | Ended


@dataclass(frozen=True, slots=True)
class InboxSize:
    """What may wait at most: one frame more, of whatever size, may come on top. `helping` is taken at once at most."""

    frames: int = 20_000
    bytes: int = 64_000_000
    helping: int = 128


class Inbox:
    """One thread puts, one takes. Nothing is dropped: who puts looks at `is_full` first and waits."""

    def __init__(self, size: InboxSize) -> None:
        self._size = size
        self._queue: queue.SimpleQueue[Arrival] = queue.SimpleQueue()
        # Each counter has one writer, so neither needs a lock; a late look only shifts the bound by a frame.
        self._bytes_put = 0
        self._bytes_taken = 0

    def __len__(self) -> int:
        return self._queue.qsize()

    @property
    def is_full(self) -> bool:
        """Whether the reader should leave the rest in the kernel's buffers, and with it at the server."""
        if self._queue.qsize() >= self._size.frames:
            return True
        return self._bytes_put - self._bytes_taken >= self._size.bytes

    def put(self, arrival: Arrival) -> None:
        """Add what arrived."""
        if isinstance(arrival, Frame):
            self._bytes_put += len(arrival.raw)
        self._queue.put(arrival)

    def take(self, timeout_s: float) -> list[Arrival]:
        """Wait at most that long for something, then take what is there, in order, up to the bound of one helping.

        Without that bound a flood would be decoded in one go, while what was conflated already waits to be flushed.
        """
        try:
            first = self._queue.get(timeout=timeout_s) if timeout_s > 0 else self._queue.get_nowait()
        except queue.Empty:
            return []
        more = min(self._queue.qsize(), self._size.helping - 1)
        arrivals = [first, *(self._queue.get_nowait() for _ in range(more))]
        self._bytes_taken += sum(len(arrival.raw) for arrival in arrivals if isinstance(arrival, Frame))
        return arrivals
