"""A program in a terminal of our own: its output is fed to a terminal in memory, which can be read or drawn."""

import fcntl
import os
import pty
import select
import struct
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby

import pyte
from pyte.screens import Char
from rich.color import Color
from rich.style import Style
from rich.text import Text

_PYTE_NAMES = {"brown": "yellow"}  # the terminal in memory calls the third colour by its VGA name


class TerminalProgram:
    """A running program and the screen that it draws."""

    def __init__(self, pid: int, master: int, screen: pyte.Screen) -> None:
        self._pid = pid
        self._master = master
        self._stream = pyte.ByteStream(screen)
        self.screen = screen

    def watch(self, seconds: float, until: Callable[[str], bool] = lambda _: False) -> bool:
        """Take in what the program draws; True as soon as the text on the screen is as asked for."""
        end_s = time.monotonic() + seconds
        while not until(self.text()):
            left_s = end_s - time.monotonic()
            if left_s <= 0 or not self._take_in(left_s):
                return until(self.text())
        return True

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._master, keys.encode())

    def text(self) -> str:
        """What the screen shows."""
        return "\n".join(self.screen.display)

    def exit_code(self) -> int:
        """Wait for the end; the exit code."""
        while self._take_in(5.0):
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])

    def _take_in(self, wait_s: float) -> bool:
        if not select.select([self._master], [], [], wait_s)[0]:
            return False
        try:
            drawn = os.read(self._master, 65536)
        except OSError:  # the program has ended
            return False
        self._stream.feed(drawn)
        return bool(drawn)


@contextmanager
def terminal_program(
    command: Sequence[str], environment: Mapping[str, str], columns: int = 120, lines: int = 40
) -> Iterator[TerminalProgram]:
    """A program in a terminal of that size for the time of the block; killed if it is still there at its end."""
    pid, master = pty.fork()
    if pid == 0:
        os.execve(
            command[0], list(command), {**environment, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        )
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    try:
        yield TerminalProgram(pid, master, pyte.Screen(columns, lines))
    finally:
        _end(pid)
        os.close(master)


def _end(pid: int) -> None:
    try:
        if os.waitpid(pid, os.WNOHANG)[0] == 0:
            os.kill(pid, 9)
            os.waitpid(pid, 0)
    except ChildProcessError:
        pass  # its exit code was asked for


def screen_text(screen: pyte.Screen) -> list[Text]:
    """The lines of a screen with their colours."""
    return [_line(screen, row) for row in range(screen.lines)]


def _line(screen: pyte.Screen, row: int) -> Text:
    cells = (screen.buffer[row][column] for column in range(screen.columns))
    text = Text()
    for style, run in groupby(cells, _style):
        text.append("".join(cell.data for cell in run), style=style)
    return text


def _style(cell: Char) -> Style:
    return Style(color=_color(cell.fg), bgcolor=_color(cell.bg), bold=cell.bold, reverse=cell.reverse)


def _color(name: str) -> Color | None:
    if name == "default":
        return None
    plain = _PYTE_NAMES.get(name, name)
    is_hex = len(plain) == 6 and all(digit in "0123456789abcdef" for digit in plain)
    return Color.parse(f"#{plain}" if is_hex else plain)
