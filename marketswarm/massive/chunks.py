"""The connection under the WebSocket library: read in large pieces, out of which whole data frames are cut here.

The library takes three calls of the system for a frame, and each of them passes Python's lock to the other thread and waits
to get it back. One call for as many frames as have come makes that once. Whatever is no whole plain data frame (control
frames, fragments, the half frame at the end of a piece) is left to the library, which reads from the same bytes.
"""

import socket
from typing import Any

PIECE = 1 << 20  # bytes of one read at most; what the kernel holds is rarely more
_TEXT, _BINARY = 0x81, 0x82  # the first byte of a message in one frame
_LENGTH_16, _LENGTH_64 = 126, 127


class ChunkedSocket:
    """A socket, TLS or not, whose `recv` is served from a buffer. Everything else is the socket's own.

    Reading belongs to one thread; other threads may send and shut down meanwhile.
    """

    def __init__(self, inner: socket.socket) -> None:
        self._inner = inner
        self._piece = bytearray(PIECE)
        self._view = memoryview(self._piece)
        self._at = self._end = 0

    @property
    def last_read(self) -> int:
        """How many bytes the last read brought."""
        return self._end

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def recv(self, size: int) -> bytes:
        """As a socket does: at least one byte, none at the end.

        Raises:
            OSError: `TimeoutError` among them, as a socket does.
        """
        if self._at == self._end:
            self._fill()
        start, self._at = self._at, min(self._at + size, self._end)
        return bytes(self._view[start : self._at])

    def whole_frames(self, most: int) -> list[bytes]:
        """The payloads of the whole data frames that come next, at most so many; reads once when nothing is there.

        An empty list says that what comes next is the library's to read, the end of the connection included.

        Raises:
            OSError: `TimeoutError` among them, as a socket does.
        """
        if self._at == self._end:
            self._fill()
        piece, at, end = self._piece, self._at, self._end
        frames: list[bytes] = []
        while len(frames) < most and end - at >= 2 and piece[at] in (_TEXT, _BINARY):
            head, size = 2, piece[at + 1]
            if size == _LENGTH_16:
                head, size = 4, int.from_bytes(piece[at + 2 : at + 4], "big")
            elif size == _LENGTH_64:
                head, size = 10, int.from_bytes(piece[at + 2 : at + 10], "big")
            elif size > _LENGTH_64:  # masked, which servers do not
                break
            stop = at + head + size
            if stop > end:
                break
            frames.append(bytes(self._view[at + head : stop]))
            at = stop
        self._at = at
        return frames

    def _fill(self) -> None:
        self._at = self._end = 0
        self._end = self._inner.recv_into(self._view)
