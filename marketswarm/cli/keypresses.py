"""Single keys from the terminal, without waiting for a line."""

import os
import select
import sys
import termios
import tty
from types import TracebackType
from typing import Final, Self

_ARROWS: Final = {"\x1b[A": "up", "\x1b[B": "down", "\x1bOA": "up", "\x1bOB": "down"}
_PAGES: Final = {"\x1b[5~": "page up", "\x1b[6~": "page down"}


class Keypresses:
    """The keys that are pressed while the block runs. Where standard input is no terminal there are none."""

    def __init__(self) -> None:
        self._file = sys.stdin.fileno() if sys.stdin.isatty() else None
        self._before: list[object] = []

    def __enter__(self) -> Self:
        if self._file is not None:
            self._before = termios.tcgetattr(self._file)
            tty.setcbreak(self._file)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            termios.tcsetattr(self._file, termios.TCSADRAIN, self._before)  # type: ignore[arg-type]

    def pressed(self) -> list[str]:
        """Names of the keys since the last time: a character, `up`, `down`, `page up` or `page down`."""
        if self._file is None or not select.select([self._file], [], [], 0)[0]:
            return []
        return named(os.read(self._file, 1024).decode(errors="replace"))


def named(text: str) -> list[str]:
    """What a terminal sent, as names of keys."""
    found, known = [], _ARROWS | _PAGES
    while text:
        code = next((code for code in known if text.startswith(code)), text[0])
        found.append(known.get(code, code))
        text = text[len(code) :]
    return found
