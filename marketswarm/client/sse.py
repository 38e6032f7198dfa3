"""Server-sent events taken out of bytes, however these are cut. Pure; the rules are those of the HTML standard, section 9.2.6."""

import codecs
from collections.abc import Iterator
from typing import Final, NamedTuple

MOST_BYTES: Final = 64_000_000
"""Of one frame; a whole chain is far below 1 MB."""


class Frame(NamedTuple):
    """One event as it came.

    Attributes:
        event: its name; empty where it has none.
        data: its lines, joined.
        id: the last id that was given, by this frame or by one before it; empty when there was none yet.
        retry_ms: how long to wait before the next connection, where the frame says so.
    """

    event: str
    data: str
    id: str
    retry_ms: int | None = None


class FrameTooLong(ValueError):
    """A frame that does not end."""


class SseParser:
    """Keeps what has come of a frame until its blank line comes.

    Args:
        last_id: that was given before on another connection.
    """

    def __init__(self, last_id: str = "") -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest: list[str] = []
        self._held = 0
        self._after_cr = False
        self._at_start = True
        self._last_id = last_id
        self._retry_ms: int | None = None
        self._begin()

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """The frames that end in this chunk.

        Raises:
            FrameTooLong: when more than `MOST_BYTES` came without an end.
        """
        text = self._decoder.decode(chunk)
        if self._at_start and text:
            text, self._at_start = text.removeprefix("\ufeff"), False
        if self._after_cr and text:
            text, self._after_cr = text.removeprefix("\n"), False
        self._held += len(chunk)
        for line in self._lines(text):
            if frame := self._take(line):
                yield frame
        if self._held > MOST_BYTES:
            raise FrameTooLong(f"a frame of more than {MOST_BYTES:,} bytes")

    # -- inside -------------------------------------------------------------

    def _lines(self, text: str) -> Iterator[str]:
        """The lines that are whole now. A carriage return at the end ends one; a line feed that follows belongs to it."""
        if "\n" not in text and "\r" not in text:
            self._rest.append(text)
            return
        self._after_cr = text.endswith("\r")
        unified = "".join((*self._rest, text)).replace("\r\n", "\n").replace("\r", "\n")
        *whole, rest = unified.split("\n")
        self._rest = [rest]
        yield from whole

    def _take(self, line: str) -> Frame | None:
        if not line:
            return self._finish()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self._retry_ms = int(value)
        return None

    def _finish(self) -> Frame | None:
        """The frame that ends here; None where nothing but comments came."""
        is_told = bool(self._data) or self._retry_ms is not None or self._id != self._last_id
        self._last_id = self._id
        frame = Frame(self._event, "\n".join(self._data), self._id, self._retry_ms)
        self._begin()
        self._held = 0
        return frame if is_told else None

    def _begin(self) -> None:
        self._event, self._id = "", self._last_id
        self._data: list[str] = []
        self._retry_ms = None
