"""The search for the highest rate that holds."""

from dataclasses import dataclass

import pytest

from benchmarks.search import highest


@dataclass(frozen=True)
class Tried:
    """One rate, and whether it held."""

    rate: float
    holds: bool


class Machine:
    """Holds every rate up to a limit, but for the tries that a neighbour spoils, counted from 0."""

    def __init__(self, limit, spoiled=()):
        self.limit, self.spoiled, self.rates = limit, spoiled, []

    def __call__(self, rate):
        self.rates.append(rate)
        return Tried(rate, rate <= self.limit and len(self.rates) - 1 not in self.spoiled)


@pytest.mark.parametrize("limit", [990, 800, 555, 480, 300])
def test_the_limit_is_found_from_below(limit):
    """What is found holds, and is close to the limit after a few halvings."""
    rate, done = highest(1_000, 7, Machine(limit))
    assert 0.9 * limit <= rate <= limit
    assert done.holds
    assert done.rate == rate


@pytest.mark.parametrize("spoiled", [0, 1, 2])
def test_one_spoiled_try_changes_nothing(spoiled):
    """A rate that fails once is tried again."""
    undisturbed, _ = highest(1_000, 6, Machine(700))
    assert highest(1_000, 6, Machine(700, {spoiled}))[0] == undisturbed


def test_what_is_found_has_held_twice():
    """The best rate is tried once more at the end; when it fails then, a lower one is given."""
    machine = Machine(700)
    best, _ = highest(1_000, 4, machine)
    last_try = len(machine.rates) - 1
    lower, done = highest(1_000, 4, Machine(700, {last_try}))
    assert 0.8 * best < lower < best
    assert done.holds


def test_nothing_is_found_when_nothing_holds():
    """The rate is 0, and the last try says how it was."""
    rate, done = highest(1_000, 3, Machine(0))
    assert rate == 0
    assert not done.holds


def test_the_tries_are_bounded():
    """Two for each halving and six more, whatever happens."""
    for limit in (0, 333, 999):
        machine = Machine(limit)
        highest(1_000, 5, machine)
        assert len(machine.rates) <= 16
