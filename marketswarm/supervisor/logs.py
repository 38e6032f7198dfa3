"""The parts' log files: one each, the previous runs' kept beside it, none growing without bound."""

import os
from pathlib import Path

KEPT = 3
LARGEST_BYTES = 16 * 1024 * 1024


class PartLog:
    """One part's log file, written by the part itself."""

    def __init__(self, directory: Path, name: str) -> None:
        self.path = directory / f"{name}.log"
        self.size_at_start = 0

    def rotate(self) -> None:
        """Put the log of the previous run aside: `.1` is the newest of `KEPT`."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for number in range(KEPT, 0, -1):
            older = self._aside(number)
            newer = self._aside(number - 1) if number > 1 else self.path
            if newer.exists():
                newer.replace(older)

    def open(self) -> int:
        """A file descriptor for the part's output; each write goes to the end, also after `trim`."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        file = os.open(self.path, flags, 0o600)
        self.size_at_start = os.fstat(file).st_size
        return file

    def since_start(self) -> str:
        """What the part wrote since it was last started."""
        try:
            with self.path.open("rb") as file:
                file.seek(self.size_at_start)
                return file.read().decode(errors="replace")
        except OSError:
            return ""

    def tail(self, lines: int) -> list[str]:
        """The last lines of the present run."""
        try:
            with self.path.open("rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - 64 * 1024))
                return file.read().decode(errors="replace").splitlines()[-lines:]
        except OSError:
            return []

    def trim(self) -> None:
        """Put a log aside that has grown too large. Its writer goes on; lines of that very moment may be lost."""
        try:
            if self.path.stat().st_size > LARGEST_BYTES:
                self._aside(1).write_bytes(self.path.read_bytes())
                os.truncate(self.path, 0)
                self.size_at_start = 0
        except OSError:
            return

    def _aside(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")
