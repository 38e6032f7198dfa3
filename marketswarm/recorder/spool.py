"""What waits to be written: bounded, and nobody who puts something in ever waits."""

import queue
import threading
from typing import Final, Generic, TypeVar

T = TypeVar("T")

LARGEST_BYTES: Final = 64_000_000


class Spool(Generic[T]):
    """Any thread puts, one takes."""

    def __init__(self, largest_bytes: int = LARGEST_BYTES) -> None:
        self._largest = largest_bytes
        self._queue: queue.SimpleQueue[tuple[T, int]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._bytes = 0

    def put(self, item: T, size: int) -> bool:
        """Add something; False when there is no room for it."""
        with self._lock:
            if self._bytes and self._bytes + size > self._largest:
                return False
            self._bytes += size
        self._queue.put((item, size))
        return True

    def take(self, enough_bytes: int) -> list[T]:
        """What is there, until its bytes are enough. Does not wait: to be woken by each put would cost whoever puts."""
        items: list[T] = []
        taken = 0
        try:
            while taken < enough_bytes:
                item, size = self._queue.get_nowait()
                items.append(item)
                taken += size
        except queue.Empty:
            pass
        with self._lock:
            self._bytes -= taken
        return items
