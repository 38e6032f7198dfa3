"""What the simulator remembers, and how much of it."""

import numpy as np
import pytest

from marketswarm.simulator.ledger import History, Ring
from marketswarm.simulator.tape import Bar

KIND = np.dtype([("of", "i4"), ("ms", "i8")])


def test_records_of_one_contract():
    """A ring gives one contract's records, oldest first."""
    ring = Ring(KIND, 10)
    ring.add(3, of=np.array([1, 2, 1]), ms=np.array([10, 20, 30]))
    ring.add(1, of=1, ms=40)
    assert ring.of(1)["ms"].tolist() == [10, 30, 40]
    assert ring.of(3)["ms"].tolist() == []


@pytest.mark.parametrize("batch", [1, 2, 3, 4, 7, 25])
def test_the_oldest_are_forgotten(batch):
    """However records come, a full ring holds exactly the last ones."""
    ring = Ring(KIND, 4)
    for start in range(0, 100, batch):
        count = min(batch, 100 - start)
        ring.add(count, of=0, ms=np.arange(start, start + count))
    assert ring.of(0)["ms"].tolist() == [96, 97, 98, 99]


def test_nothing_added():
    """An empty batch changes nothing."""
    ring = Ring(KIND, 4)
    ring.add(0, of=np.zeros(0), ms=np.zeros(0))
    ring.add(1, of=5, ms=1)
    ring.add(0, of=np.zeros(0), ms=np.zeros(0))
    assert ring.of(5)["ms"].tolist() == [1]


def test_minutes():
    """A finished minute is kept as it was."""
    history = History(quotes=1, trades=1, minutes=2)
    history.add_minute(3, Bar(60_000, 1.0, 3.0, 0.5, 2.0, 10, 15.0, 4))
    (kept,) = history.minutes.of(3)
    assert tuple(kept)[1:] == (60_000, 1.0, 3.0, 0.5, 2.0, 10, 15.0, 4)
