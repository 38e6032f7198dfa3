"""Writes the file of one process in a thread of its own: gathers encoded entries into blocks, compresses them, appends them.

Whoever hands something over encodes it, in one call for all that came together. The thread works on large pieces of bytes only,
mostly without Python's lock, so that neither compression nor disk holds up anybody. When they fall behind, what finds no room is
counted, and the file says so where it is missing.
"""

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple

import structlog

from marketswarm.clock import Clock
from marketswarm.model.arrival import Arrival
from marketswarm.recorder.blocks import FILE_HEAD, Block, compressor, packed
from marketswarm.recorder.entries import (
    Cut,
    Deed,
    Entry,
    Exchange,
    Frames,
    Head,
    Unrecorded,
    arrival_entries,
    encoded,
    gathered,
)
from marketswarm.recorder.spool import LARGEST_BYTES, Spool

log = structlog.get_logger("marketswarm.recorder")

_BLOCK_BYTES: Final = 1_000_000
_OVERHEAD: Final = 64  # bytes that something takes beside its own, so that many small ones are bounded, too
_GATHER_S: Final = 0.1  # longer, and what waits would leave the processor's cache before it is compressed
_END_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Tally:
    """How much was recorded: frames, REST exchanges, bytes in the file; and how much found no room."""

    frames: int = 0
    exchanges: int = 0
    bytes: int = 0
    unrecorded: int = 0
    failure: str = ""


class Waiting(NamedTuple):
    """An entry that waits to be written: its bytes, and how many frames and REST exchanges it holds."""

    data: bytes
    frames: int
    exchanges: int


class PartWriter:
    """One file, from its beginning to its end.

    Args:
        path: the file, which must not be there yet.
        hide: puts stars in place of secrets in a block's bytes.
        append: writes bytes behind the file's; the default writes to the disk.

    Raises:
        OSError: when the file cannot be made.
    """

    def __init__(
        self,
        path: Path,
        part: str,
        clock: Clock,
        *,
        hide: Callable[[bytes], bytes] = lambda data: data,
        append: Callable[[int, bytes], None] | None = None,
        largest_bytes: int = LARGEST_BYTES,
    ) -> None:
        self._clock = clock
        self._hide = hide
        self._append = append or write_all
        self._spool: Spool[Waiting] = Spool(largest_bytes)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._compressor = compressor()
        self._ending = threading.Event()
        self._tally = Tally()
        self._lock = threading.Lock()
        self._missing_frames = self._missing_others = 0
        self._unrecorded = 0
        head = Head(wall_us(clock), clock.monotonic_s(), part)
        self._thread = threading.Thread(target=self._run, args=(head,), name="recorder", daemon=True)
        self._thread.start()

    @property
    def tally(self) -> Tally:
        """What became of all that was handed over."""
        return replace(self._tally, unrecorded=self._unrecorded)

    def put_arrivals(self, arrivals: Sequence[Arrival], links_from: int = 0) -> None:
        """Record what a connection brought; `links_from` is added to its number. Never waits."""
        now_us, now_s = wall_us(self._clock), self._clock.monotonic_s()
        for entry in arrival_entries(arrivals, now_us, now_s, links_from):
            self._put(entry)

    def put(self, entry: Exchange | Deed | Cut) -> None:
        """Record something else. Never waits."""
        self._put(entry)

    def end(self) -> Tally:
        """Write what waits, and close the file; gives up on a disk that does not take it."""
        self._ending.set()
        self._thread.join(_END_S)
        if self._thread.is_alive():
            log.warning("recording not written to its end", detail="the disk is stuck")
        return self.tally

    def _put(self, entry: Entry) -> None:
        frames = _frames_in(entry)
        if self._tally.failure or not self._finds_room(entry):
            with self._lock:
                self._missing_frames += frames
                self._missing_others += 0 if frames else 1
                self._unrecorded += frames or 1

    def _finds_room(self, entry: Entry) -> bool:
        waiting = _waiting(entry)
        return self._spool.put(waiting, len(waiting.data) + _OVERHEAD)

    def _run(self, head: Head) -> None:
        try:
            self._write(FILE_HEAD)
            self._write_block([_waiting(head)])
            while not self._ending.wait(_GATHER_S):
                self._write_all()
            self._write_all()
        except OSError as error:
            self._tally = replace(self._tally, failure=error.strerror or str(error))
            log.error("recording ends", error=self._tally.failure)  # noqa: TRY400
        finally:
            os.close(self._file)

    def _write_all(self) -> None:
        """Write what waits, block by block, and what had to be left out."""
        while items := self._spool.take(_BLOCK_BYTES):
            self._write_block(items)
        self._tell_missing()

    def _tell_missing(self) -> None:
        with self._lock:
            frames, others = self._missing_frames, self._missing_others
            self._missing_frames = self._missing_others = 0
        if frames or others:
            self._write_block([_waiting(Unrecorded(wall_us(self._clock), frames, others))])

    def _write_block(self, entries: Sequence[Waiting]) -> None:
        data = self._hide(gathered([entry.data for entry in entries]))
        self._write(packed(Block(len(entries), data), self._compressor))
        frames = self._tally.frames + sum(entry.frames for entry in entries)
        exchanges = self._tally.exchanges + sum(entry.exchanges for entry in entries)
        self._tally = replace(self._tally, frames=frames, exchanges=exchanges)

    def _write(self, data: bytes) -> None:
        self._append(self._file, data)
        self._tally = replace(self._tally, bytes=self._tally.bytes + len(data))


def wall_us(clock: Clock) -> int:
    """The clock's wall time in µs."""
    return clock.now_ms() * 1000


def write_all(file: int, data: bytes) -> None:
    """Write all of it.

    Raises:
        OSError: some of it may be written.
    """
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]


def _waiting(entry: Entry) -> Waiting:
    return Waiting(encoded(entry), _frames_in(entry), int(isinstance(entry, Exchange)))


def _frames_in(entry: Entry) -> int:
    return len(entry.raws) if isinstance(entry, Frames) else 0
