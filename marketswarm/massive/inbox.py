"""What the reader thread has brought and nobody has taken yet: bounded in frames and in bytes."""

import queue
from collections.abc import Sequence
from dataclasses import dataclass

from marketswarm.model.arrival import Arrival, Ended, Frame, Heard, Opened

__all__ = ["Arrival", "Ended", "Frame", "Heard", "Inbox", "InboxSize", "Opened"]


@dataclass(frozen=True, slots=True)
class InboxSize:
    """What may wait at most; as many frames as one read brings may come on top of the bytes.

    `helping` frames are taken at once at most, and no further one when they have `helping_bytes`: what is decoded from them
    should still lie in the processor's cache when it is conflated, and what waits for its flush should not wait for more.
    """

    frames: int = 20_000
    bytes: int = 32_000_000
    helping: int = 1_000
    helping_bytes: int = 250_000


class Inbox:
    """One thread puts, one takes. Nothing is dropped: who puts looks at `room` first and waits."""

    def __init__(self, size: InboxSize) -> None:
        self._size = size
        self._queue: queue.SimpleQueue[Arrival] = queue.SimpleQueue()
        # Each counter has one writer, so neither needs a lock; a late look only shifts the bound by a frame.
        self._bytes_put = 0
        self._bytes_taken = 0

    def __len__(self) -> int:
        return self._queue.qsize()

    @property
    def room(self) -> int:
        """How many frames may be put now; 0 when the rest should stay in the kernel's buffers, and with it at the server."""
        if self._bytes_put - self._bytes_taken >= self._size.bytes:
            return 0
        return max(0, self._size.frames - self._queue.qsize())

    @property
    def is_ahead(self) -> bool:
        """Whether more waits than one helping."""
        return self._bytes_put - self._bytes_taken > self._size.helping_bytes

    def put(self, arrival: Arrival) -> None:
        """Add what arrived."""
        if isinstance(arrival, Frame):
            self._bytes_put += len(arrival.raw)
        self._queue.put(arrival)

    def put_frames(self, link: int, arrived_s: float, raws: Sequence[bytes]) -> None:
        """Add frames that arrived together on one connection."""
        put = self._queue.put
        for raw in raws:
            put(Frame(link, arrived_s, raw))
        self._bytes_put += sum(map(len, raws))

    def take(self, timeout_s: float) -> list[Arrival]:
        """Wait at most that long for something, then take what is there, in order, up to the bound of one helping.

        Without that bound a flood would be decoded in one go, while what was conflated already waits to be flushed.
        """
        get, most, most_bytes = self._queue.get_nowait, self._size.helping, self._size.helping_bytes
        arrivals, taken = [], 0
        try:
            arrival = self._queue.get(timeout=timeout_s) if timeout_s > 0 else get()
            while True:
                arrivals.append(arrival)
                if type(arrival) is Frame:
                    taken += len(arrival.raw)
                if len(arrivals) >= most or taken >= most_bytes:
                    break
                arrival = get()
        except queue.Empty:
            pass
        self._bytes_taken += taken
        return arrivals
