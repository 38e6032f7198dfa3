"""Encoded entries that become one block, in memory that is used again and again."""

from typing import Final

from marketswarm.recorder.entries import LIST_HEAD, LIST_MARK, Entry, Exchange, encoded, frames_in


class Batch:
    """A stretch of memory and what stands in it so far.

    Args:
        size: bytes of the memory, all told.

    Attributes:
        entries: how many there are.
        frames: how many frames they hold.
        exchanges: how many of them are REST exchanges.
    """

    __slots__ = ("_end", "_memory", "_view", "entries", "exchanges", "frames", "size")

    def __init__(self, size: int) -> None:
        self.size: Final = size
        self._memory = bytearray(size)
        self._view = memoryview(self._memory)
        self.clear()

    def clear(self) -> None:
        """Begin anew."""
        self._end = LIST_HEAD.size
        self.entries = self.frames = self.exchanges = 0

    @property
    def filled(self) -> int:
        """Bytes of its entries."""
        return self._end - LIST_HEAD.size

    def has_room(self, data: bytes) -> bool:
        """Whether an encoded entry still fits."""
        return self._end + len(data) <= self.size

    def add(self, entry: Entry, data: bytes) -> None:
        """Add an entry, by its bytes."""
        end = self._end + len(data)
        self._view[self._end : end] = data
        self._end = end
        self.entries += 1
        self.frames += frames_in(entry)
        self.exchanges += isinstance(entry, Exchange)

    def within(self) -> tuple[bytearray, int]:
        """The memory, and where its content ends: to change bytes where they are."""
        return self._memory, self._end

    def whole(self) -> memoryview:
        """The bytes of the block: a list of all entries."""
        LIST_HEAD.pack_into(self._memory, 0, LIST_MARK, self.entries)
        return self._view[: self._end]


def batch_of(*entries: Entry) -> Batch:
    """These entries, and room for no more."""
    told = [(entry, encoded(entry)) for entry in entries]
    batch = Batch(LIST_HEAD.size + sum(len(data) for _, data in told))
    for entry, data in told:
        batch.add(entry, data)
    return batch
