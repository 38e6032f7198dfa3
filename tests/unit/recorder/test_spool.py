"""The bounded way to the writer."""

import sys
import threading

import pytest

from marketswarm.recorder.batch import Batch
from marketswarm.recorder.entries import Cut, Exchange, decoded
from marketswarm.recorder.spool import Spool


def mark(at_us: int) -> Cut:
    """A small entry, of about a dozen bytes."""
    return Cut(at_us, "end", [])


def page(size: int) -> Exchange:
    """An entry of that size and a little more."""
    return Exchange(1, 1, "/", 200, b"x" * size)


def times(batch: Batch | None) -> list[int]:
    """The moments of the entries in a batch, by which they are told apart."""
    assert batch is not None
    return [entry.at_us for entry in decoded(batch.whole()) or []]


def test_what_finds_no_room_is_refused_at_once():
    """Nobody waits; when something was taken there is room again."""
    spool = Spool(largest_bytes=1000)
    assert [spool.put(page(600)), spool.put(page(600)), spool.put(mark(7))] == [True, False, True]
    assert times(spool.take()) == [1, 7]
    assert spool.put(page(600))


def test_one_that_is_larger_than_the_bound_is_taken_when_nothing_waits():
    """Or it could never be."""
    spool = Spool(largest_bytes=10)
    assert spool.put(page(1000))
    assert not spool.put(mark(1))


def test_batches_come_in_order_and_none_is_empty():
    """What is larger than a batch has one for itself, before it nothing is lost, and behind it all goes on."""
    spool = Spool(batch_bytes=60)
    sizes = [page(500), *map(mark, range(10, 16)), page(100), page(100), mark(20)]
    assert all(map(spool.put, sizes))
    taken = []
    while batch := spool.take():
        taken.append(times(batch))
        assert batch.size == 60 or batch.entries == 1
        spool.give_back(batch)
    assert [at for told in taken for at in told] == [1, 10, 11, 12, 13, 14, 15, 1, 1, 20]
    assert all(taken)
    assert spool.take() is None


def test_a_batch_is_closed_when_the_next_entry_does_not_fit():
    """Nothing is lost where one ends, and each is filled."""
    spool = Spool(batch_bytes=60)
    assert all(spool.put(mark(at_us)) for at_us in range(1, 31))
    taken = []
    while batch := spool.take():
        taken.append((batch.size, times(batch)))
        spool.give_back(batch)
    assert [at_us for _, told in taken for at_us in told] == list(range(1, 31))
    assert {size for size, _ in taken} == {60}
    assert 3 <= len(taken) < 10


def test_without_memory_for_another_batch_nothing_changes(monkeypatch):
    """The entry is not taken, and what was there is there once."""
    spool = Spool(batch_bytes=60)
    assert spool.put(mark(1))

    def none_left(size: int) -> Batch:
        raise MemoryError(size)

    with monkeypatch.context() as patched:
        patched.setattr("marketswarm.recorder.spool.Batch", none_left)
        with pytest.raises(MemoryError):
            spool.put(page(1000))
    assert spool.put(mark(2))
    assert times(spool.take()) == [1, 2]
    assert spool.take() is None


@pytest.fixture
def restless():
    """Threads take turns as often as Python lets them."""
    usual_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual_s)


@pytest.mark.usefixtures("restless")
def test_threads_put_while_one_takes():
    """Each entry comes once, and those of one thread in their order."""
    spool, count, found = Spool(batch_bytes=200), 3000, []
    threads = [
        threading.Thread(target=lambda first=first: [spool.put(mark(first + at)) for at in range(count)])
        for first in (10_000, 20_000, 30_000)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads) or len(found) < 3 * count:
        if batch := spool.take():
            found += times(batch)
            spool.give_back(batch)
    for first in (10_000, 20_000, 30_000):
        assert [at for at in found if first <= at < first + 10_000] == list(range(first, first + count))
    assert spool.take() is None


def test_memory_is_used_again():
    """A batch that was given back holds what is put next and nothing of before; one of another size is not kept."""
    spool = Spool(batch_bytes=2000)
    assert spool.put(page(1500))
    first = spool.take()
    assert spool.put(page(3000))
    large = spool.take()
    for batch in (first, large):
        spool.give_back(batch)
    for at_us in (4, 5):
        spool.put(mark(at_us))
        last = spool.take()
        assert (last is large, times(last)) == (False, [at_us])
        if last is first:
            break
    assert last is first
