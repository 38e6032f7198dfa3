"""What threads ask for at the same moment is made once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from marketswarm.once import once

THREADS = 8


class House:
    """Its parts are made slowly."""

    def __init__(self) -> None:
        self.made: list[str] = []

    @once
    def door(self) -> list[str]:
        """The way in."""
        threading.Event().wait(0.02)
        self.made.append("door")
        return ["door"]

    @once
    def hall(self) -> list[str]:
        """Behind the door."""
        self.made.append("hall")
        return [*self.door, "hall"]

    @once
    def cellar(self) -> str:
        """It fails the first time."""
        self.made.append("cellar")
        if self.made.count("cellar") == 1:
            raise OSError("flooded")
        return "cellar"


def test_many_threads_get_the_same_one():
    """All begin at the same moment, half of them with what needs the other."""
    house, start = House(), threading.Barrier(THREADS)

    def ask(number: int) -> list[str]:
        start.wait()
        return house.hall if number % 2 else house.door

    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(ask, range(THREADS)))

    assert sorted(house.made) == ["door", "hall"]
    assert {id(made) for made in found} == {id(house.door), id(house.hall)}


def test_what_could_not_be_made_is_made_the_next_time():
    """Nothing is kept of a failure."""
    house = House()
    with pytest.raises(OSError, match="flooded"):
        _ = house.cellar

    assert house.cellar == "cellar"
    assert house.made == ["cellar", "cellar"]


def test_a_class_shows_what_is_made():
    """With its docstring, as a property does; each instance has its own, and may be given another."""
    assert House.door.__doc__ == "The way in."
    first, second = House(), House()
    second.door = ["gate"]
    assert (first.hall, second.hall) == (["door", "hall"], ["gate", "hall"])
