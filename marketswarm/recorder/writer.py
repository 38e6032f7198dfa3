"""Writes the file of one process in a thread of its own: turns what came into entries, compresses them, appends them.

Neither compression nor disk holds up whoever hands something over. When they fall behind, what finds no room is counted, and the
file says so where it is missing.
"""

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import structlog

from marketswarm.clock import Clock
from marketswarm.model.arrival import Arrival, Frame
from marketswarm.recorder.blocks import FILE_HEAD, Block, packed
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


@dataclass(frozen=True, slots=True)
class Arrived:
    """Arrivals as they were handed over."""

    at_us: int
    now_s: float
    arrivals: Sequence[Arrival]


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
        self._spool: Spool[Entry | Arrived] = Spool(largest_bytes)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
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

    def put_arrivals(self, arrivals: Sequence[Arrival]) -> None:
        """Record what a connection brought. Never waits."""
        frames = [len(arrival.raw) for arrival in arrivals if isinstance(arrival, Frame)]
        item = Arrived(wall_us(self._clock), self._clock.monotonic_s(), arrivals)
        self._put(item, sum(frames) + _OVERHEAD * len(arrivals), len(frames))

    def put(self, entry: Exchange | Deed | Cut) -> None:
        """Record something else. Never waits."""
        self._put(entry, _OVERHEAD + (len(entry.body) if isinstance(entry, Exchange) else 0), 0)

    def end(self) -> Tally:
        """Write what waits, and close the file; gives up on a disk that does not take it."""
        self._ending.set()
        self._thread.join(_END_S)
        if self._thread.is_alive():
            log.warning("recording not written to its end", detail="the disk is stuck")
        return self.tally

    def _put(self, item: Entry | Arrived, size: int, frames: int) -> None:
        if self._tally.failure or not self._spool.put(item, size):
            with self._lock:
                self._missing_frames += frames
                self._missing_others += 0 if frames else 1
                self._unrecorded += frames or 1

    def _run(self, head: Head) -> None:
        try:
            self._write(FILE_HEAD)
            self._write_block([head])
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
            self._write_block([entry for item in items for entry in _entries_of(item)])
        self._tell_missing()

    def _tell_missing(self) -> None:
        with self._lock:
            frames, others = self._missing_frames, self._missing_others
            self._missing_frames = self._missing_others = 0
        if frames or others:
            self._write_block([Unrecorded(wall_us(self._clock), frames, others)])

    def _write_block(self, entries: Sequence[Entry]) -> None:
        self._write(packed(Block(len(entries), self._hide(encoded(entries)))))
        frames = sum(len(entry.raws) for entry in entries if isinstance(entry, Frames))
        exchanges = sum(isinstance(entry, Exchange) for entry in entries)
        now = self._tally
        self._tally = replace(now, frames=now.frames + frames, exchanges=now.exchanges + exchanges)

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


def _entries_of(item: Entry | Arrived) -> list[Entry]:
    return arrival_entries(item.arrivals, item.at_us, item.now_s) if isinstance(item, Arrived) else [item]
