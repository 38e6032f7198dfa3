"""Reads a recording: the entries of all its processes in the order of time."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from marketswarm.errors import RecordingError
from marketswarm.recorder.blocks import BlockFile
from marketswarm.recorder.entries import Cut, Deed, Entry, Exchange, Frames, Head, Unrecorded, decoded
from marketswarm.recorder.session import Session, read_session

PARTS: Final = "part-*.rec"


@dataclass(slots=True)
class Contents:
    """What was met while a recording was read.

    Attributes:
        cut_off: file → bytes at its end that are no whole block; a killed process leaves such.
        unrecorded: how much a slow disk had no room for.
    """

    cut_off: dict[str, int]
    frames: int = 0
    exchanges: int = 0
    unrecorded: int = 0

    def notes(self) -> list[str]:
        """In words, what is missing."""
        notes = [f"{name} ends in the middle of a block: its last {n} bytes are left out"
                 for name, n in self.cut_off.items()]  # fmt: skip
        if self.unrecorded:
            notes.append(f"{self.unrecorded} frames or answers were not recorded, the disk was too slow")
        return notes


class Recording:
    """One recording in a folder.

    Raises:
        RecordingError: for a folder that holds none, or one that this program cannot read.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.session: Session = read_session(folder)
        self.contents = Contents({})
        if not self._files():
            raise RecordingError(str(folder), "holds no file of any process: nothing was recorded")

    def entries(self) -> Iterator[Entry]:
        """All entries, by time; those of one process stay in their order. What was met stands in `contents` afterwards.

        Raises:
            RecordingError: for a file that is damaged in its middle.
        """
        self.contents = Contents({})
        parts = [self._part(path) for path in self._files()]
        for _, _, _, entry in heapq.merge(*(_ordered(part, at) for at, part in enumerate(parts))):
            self._count(entry)
            yield entry

    def deeds(self) -> list[Deed]:
        """What workers did, by the moment at which the store took it."""
        deeds = [entry for entry in self.entries() if isinstance(entry, Deed)]
        return sorted(deeds, key=lambda deed: deed.effect_us)

    def begun_us(self) -> int | None:
        """When the streams' chains were read at the beginning; None when no stream was recorded."""
        cuts = (entry for entry in self.entries() if isinstance(entry, Cut))
        return max((cut.at_us for cut in cuts if cut.which == "begin" and cut.symbols), default=None)

    def first_us(self) -> int:
        """When its first entry was made: a frame, an answer or a cut."""
        return next((entry.at_us for entry in self.entries() if not isinstance(entry, Head)), 0)

    def start_us(self) -> int:
        """The moment at which playing it begins: what came before is known from answers, or from the first chains."""
        return self.begun_us() or self.first_us()

    def last_us(self) -> int:
        """When its last entry was made."""
        return max((entry.at_us for entry in self.entries()), default=0)

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob(PARTS))

    def _part(self, path: Path) -> Iterator[Entry]:
        blocks = BlockFile(path)
        for block in blocks:
            entries = decoded(block.data)
            if entries is None or len(entries) != block.entries:
                raise RecordingError(str(path), "a block holds what this program does not know")
            yield from entries
        if blocks.cut_off:
            self.contents.cut_off[path.name] = blocks.cut_off

    def _count(self, entry: Entry) -> None:
        if isinstance(entry, Frames):
            self.contents.frames += len(entry.raws)
        elif isinstance(entry, Exchange):
            self.contents.exchanges += 1
        elif isinstance(entry, Unrecorded):
            self.contents.unrecorded += entry.frames + entry.others


def _ordered(part: Iterator[Entry], at: int) -> Iterator[tuple[int, int, int, Entry]]:
    """Entries with a key that never falls within a part: its wall clock may have been set back."""
    newest = 0
    for number, entry in enumerate(part):
        newest = max(newest, entry.at_us)
        yield newest, at, number, entry
