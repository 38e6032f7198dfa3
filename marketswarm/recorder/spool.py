"""What waits to be written: bounded, copied into memory that is used again, and nobody who puts something in ever waits.

Thousands of entries that each keep memory of their own would cost several times what copying them costs: the system has to find and
to empty it, and it is cold by the time it is written.
"""

import threading
from collections import deque
from typing import Final

from marketswarm.recorder.batch import Batch
from marketswarm.recorder.entries import LIST_HEAD, Entry, encoded

LARGEST_BYTES: Final = 64_000_000
BATCH_BYTES: Final = 4_000_000
_KEPT: Final = 8  # batches that wait to be filled again: as many as come together at the highest rates


class Spool:
    """Any thread puts entries, one takes batches of them.

    Args:
        largest_bytes: what may wait.
        batch_bytes: the memory of one batch. An entry that is larger has one for itself.
    """

    def __init__(self, largest_bytes: int = LARGEST_BYTES, batch_bytes: int = BATCH_BYTES) -> None:
        self._largest = largest_bytes
        self._batch_bytes = batch_bytes
        self._lock = threading.Lock()
        self._full: deque[Batch] = deque()
        self._empty: list[Batch] = []
        self._open = Batch(batch_bytes)
        self._bytes = 0

    def put(self, entry: Entry) -> bool:
        """Add an entry; False when there is no room for it."""
        data = encoded(entry)
        with self._lock:
            if self._bytes and self._bytes + len(data) > self._largest:
                return False
            if not self._open.has_room(data):
                self._close(self._empty_one(LIST_HEAD.size + len(data)))
            self._open.add(entry, data)
            self._bytes += len(data)
        return True

    def take(self) -> Batch | None:
        """The oldest batch; None when nothing waits. Does not wait: to be woken by each put would cost whoever puts."""
        with self._lock:
            if self._full:
                batch = self._full.popleft()
            elif self._open.entries:
                batch, self._open = self._open, self._empty_one()
            else:
                return None
            self._bytes -= batch.filled
            return batch

    def give_back(self, batch: Batch) -> None:
        """A batch that is written, to be filled again."""
        batch.clear()
        with self._lock:
            self._keep(batch)

    def _close(self, following: Batch) -> None:
        # The one to follow is made by then: where there is no memory for it, nothing has changed.
        closed, self._open = self._open, following
        if closed.entries:
            self._full.append(closed)
        else:
            self._keep(closed)

    def _keep(self, batch: Batch) -> None:
        if batch.size == self._batch_bytes and len(self._empty) < _KEPT:
            self._empty.append(batch)

    def _empty_one(self, least_bytes: int = 0) -> Batch:
        if least_bytes > self._batch_bytes:
            return Batch(least_bytes)
        return self._empty.pop() if self._empty else Batch(self._batch_bytes)
