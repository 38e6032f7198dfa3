"""How long and how thoroughly to measure."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.rows import Row

SYMBOLS = ("SPX", "SPY", "QQQ", "NDX")
EACH_SIDE = 50  # strikes on each side of spot
CONTRACTS = 808  # four symbols, 101 strikes each, calls and puts


@dataclass(frozen=True, slots=True)
class BenchSettings:
    """What the command line says.

    Attributes:
        folder: where logs and state of the started processes go.
        seconds: length of one measurement in time; None: each measure's own.
        quick: a look whether everything runs; the figures are worth little.
    """

    folder: Path
    seconds: float | None = None
    quick: bool = False

    @property
    def growth(self) -> Path:
        """Where the plots' data is put."""
        return self.folder / "growth.json"

    def length_s(self, usual: float, quick: float) -> float:
        """How long to measure."""
        if self.seconds is not None:
            return self.seconds
        return quick if self.quick else usual

    def times(self, usual: int, quick: int = 1) -> int:
        """How often to measure."""
        return quick if self.quick else usual

    def room(self, name: str) -> Path:
        """A folder of its own for one set-up."""
        made = self.folder / name
        made.mkdir(parents=True, exist_ok=True)
        return made


class Interrupted(Exception):
    """Somebody has stopped a measure that had found something by then."""

    def __init__(self, rows: Sequence[Row]) -> None:
        super().__init__("stopped")
        self.rows = rows


def say(text: str) -> None:
    """Progress, for people."""
    print(f"· {text}", file=sys.stderr, flush=True)
