"""Batches of encoded entries."""

from marketswarm.recorder.batch import Batch, batch_of
from marketswarm.recorder.entries import Cut, Exchange, Frames, decoded, encoded

ENTRIES = (
    Frames(1, 1.0, 1, [0.5, 0.6], [b"a", b"b"]),
    Exchange(2, 1, "/", 200, b"x"),
    Cut(3, "end", []),
    Frames(4, 1.0, 1, [0.7], [b"c"]),
)


def test_a_batch_counts_what_it_holds():
    """Entries, frames and REST exchanges; nothing after it was cleared, though its memory is as it was."""
    batch = batch_of(*ENTRIES)
    assert (batch.entries, batch.frames, batch.exchanges) == (4, 3, 1)
    assert batch.filled == sum(len(encoded(entry)) for entry in ENTRIES)
    batch.clear()
    assert (batch.entries, batch.frames, batch.exchanges, batch.filled) == (0, 0, 0, 0)
    assert decoded(batch.whole()) == []


def test_it_has_room_to_its_last_byte():
    """And not for one more."""
    data = encoded(ENTRIES[1])
    batch = Batch(5 + len(data))
    assert batch.has_room(data)
    assert not batch.has_room(data + b"x")
    batch.add(ENTRIES[1], data)
    assert not batch.has_room(b"x")
    assert decoded(batch.whole()) == [ENTRIES[1]]


def test_its_content_can_be_changed_where_it_is():
    """As far as it reaches."""
    batch = batch_of(ENTRIES[1])
    memory, end = batch.within()
    memory[end - 2 : end - 1] = b"y"
    assert end == len(memory)
    assert decoded(batch.whole()) == [Exchange(2, 1, "/", 200, b"y")]
