"""The last frames of all streams in one ring that every client reads: each stands there once, however many are served.

A client is no more than a position. Clients that want the same and stand at the same position get the same bytes, joined once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple
from weakref import WeakValueDictionary

EVERYBODY: Final = ""
"""The stream of a frame that belongs to none of them, such as a heartbeat: all clients get it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a client asks for.

    Attributes:
        symbols: empty: all.
        full: whether `sse:chain-full` is to bring the chain itself.
    """

    streams: frozenset[str]
    symbols: frozenset[str] = frozenset()
    full: bool = False

    def takes(self, stream: str, symbols: frozenset[str]) -> bool:
        """Whether it is for this client; what speaks of no symbol is for all of them."""
        if stream != EVERYBODY and stream not in self.streams:
            return False
        return not symbols or not self.symbols or not self.symbols.isdisjoint(symbols)


class Frame(NamedTuple):
    """One event as it goes over the wire.

    Attributes:
        cursor: the place behind it; empty where it moves none.
        full: the same with the chain, for those who ask for it; None where there is no difference.
    """

    stream: str
    symbols: frozenset[str]
    text: bytes
    cursor: str = ""
    full: bytes | None = None

    @property
    def size(self) -> int:
        """Bytes that it keeps."""
        return len(self.text) + len(self.full or b"")


class Slice(NamedTuple):
    """What a client is to be sent, how many frames that is, and where it stands then."""

    data: bytes
    frames: int
    position: int


class Ring:
    """Holds at most so many frames and bytes; the oldest go first. Positions count all frames that ever came.

    Args:
        most_frames, most_bytes: its bounds; one frame is kept however large it is.
        slice_bytes: a slice ends with the frame that reaches them, so that a client that does not read costs little.
    """

    def __init__(self, most_frames: int, most_bytes: int, slice_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._slice_bytes = slice_bytes
        self._frames: list[Frame | None] = [None] * most_frames
        self._behind: dict[str, int] = {}
        self._views: WeakValueDictionary[Wanted, View] = WeakValueDictionary()
        self.head = 0
        self.tail = 0
        self.bytes = 0

    def append(self, frames: Iterable[Frame]) -> None:
        """Put them behind the others."""
        for frame in frames:
            if self.head - self.tail == len(self._frames):
                self._drop()
            self._frames[self.head % len(self._frames)] = frame
            self.head += 1
            self.bytes += frame.size
            if frame.cursor:
                self._behind[frame.cursor] = self.head
        while self.bytes > self._most_bytes and self.head - self.tail > 1:
            self._drop()

    def position_of(self, cursor: str) -> int | None:
        """The position behind the frame that moved readers to that cursor; None when it is not here."""
        return self._behind.get(cursor)

    def view(self, wanted: Wanted) -> "View":
        """The ring as those see it who want this: one view for all of them."""
        found = self._views.get(wanted)
        if found is None:
            found = self._views[wanted] = View(self, wanted)
        return found

    def join(self, wanted: Wanted, position: int) -> Slice:
        """All frames from a position on that are wanted, up to about `slice_bytes`. The position must be in the ring."""
        parts: list[bytes] = []
        size = 0
        while position < self.head and size < self._slice_bytes:
            frame = self._frames[position % len(self._frames)]
            assert frame is not None
            position += 1
            if wanted.takes(frame.stream, frame.symbols):
                parts.append(frame.full if wanted.full and frame.full is not None else frame.text)
                size += len(parts[-1])
        return Slice(b"".join(parts), len(parts), position)

    def _drop(self) -> None:
        slot = self.tail % len(self._frames)
        frame, self._frames[slot] = self._frames[slot], None
        assert frame is not None
        self.tail += 1
        self.bytes -= frame.size
        if self._behind.get(frame.cursor) == self.tail:
            del self._behind[frame.cursor]


class View:
    """The ring as clients see it who want the same. What was joined for one is kept for the others until a frame comes."""

    def __init__(self, ring: Ring, wanted: Wanted) -> None:
        self._ring = ring
        self._wanted = wanted
        self._joined: dict[int, Slice] = {}
        self._head = ring.head

    def read(self, position: int) -> Slice | None:
        """What stands behind a position; None when the ring has lost it."""
        ring = self._ring
        if position < ring.tail:
            return None
        if self._head != ring.head:
            self._joined.clear()
            self._head = ring.head
        found = self._joined.get(position)
        if found is None:
            found = self._joined[position] = ring.join(self._wanted, position)
        return found
