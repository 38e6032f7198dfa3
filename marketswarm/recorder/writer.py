"""Writes the file of one process in a thread of its own: takes batches of encoded entries, compresses them, appends them.

Whoever hands something over encodes it, in one call for all that came together. The thread works on large pieces of bytes only,
mostly without Python's lock, so that neither compression nor disk holds up anybody. When they fall behind, what finds no room is
counted, and the file says so where it is missing.
"""

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import structlog

from marketswarm.clock import Clock
from marketswarm.model.arrival import Arrival
from marketswarm.recorder.batch import Batch, batch_of
from marketswarm.recorder.blocks import FILE_HEAD, Block, compressor, packed
from marketswarm.recorder.entries import (
    Cut,
    Deed,
    Entry,
    Exchange,
    Head,
    Unrecorded,
    arrival_entries,
    frames_in,
)
from marketswarm.recorder.secrets import Hider
from marketswarm.recorder.spool import LARGEST_BYTES, Spool

log = structlog.get_logger("marketswarm.recorder")

_GATHER_S: Final = (
    0.25  # each piece costs the stream a few waits for Python's lock, so pieces are large and few
)
_END_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Tally:
    """How much was recorded: frames, REST exchanges, bytes in the file; and how much found no room."""

    frames: int = 0
    exchanges: int = 0
    bytes: int = 0
    unrecorded: int = 0
    failure: str = ""


class PartWriter:
    """One file, from its beginning to its end.

    Args:
        path: the file, which must not be there yet.
        hide: takes secrets out of what is written.
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
        hide: Hider | None = None,
        append: Callable[[int, bytes], None] | None = None,
        largest_bytes: int = LARGEST_BYTES,
    ) -> None:
        self._clock = clock
        self._hide = hide or Hider()
        self._append = append or write_all
        self._spool = Spool(largest_bytes)
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
        frames = frames_in(entry)
        if self._tally.failure or not self._spool.put(entry):
            with self._lock:
                self._missing_frames += frames
                self._missing_others += 0 if frames else 1
                self._unrecorded += frames or 1

    def _run(self, head: Head) -> None:
        try:
            self._write(FILE_HEAD)
            self._write_batch(batch_of(head))
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
        while batch := self._spool.take():
            self._write_batch(batch)
            self._spool.give_back(batch)
        self._tell_missing()

    def _tell_missing(self) -> None:
        with self._lock:
            frames, others = self._missing_frames, self._missing_others
            self._missing_frames = self._missing_others = 0
        if frames or others:
            self._write_batch(batch_of(Unrecorded(wall_us(self._clock), frames, others)))

    def _write_batch(self, batch: Batch) -> None:
        self._hide.clean(*batch.within())
        self._write(packed(Block(batch.entries, batch.whole()), self._compressor))
        frames, exchanges = self._tally.frames + batch.frames, self._tally.exchanges + batch.exchanges
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
