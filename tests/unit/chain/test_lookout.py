"""What the stream sees of the store."""

from datetime import date

import pytest

from marketswarm.chain.lookout import Lookout
from marketswarm.model.chain import ChainId
from tests.support.builders import SPX, contract, ticker

MISSING = ChainId("SPX", date(2026, 11, 24))


@pytest.fixture
def lookout(store):
    """A look at one chain that may be stored and one that is not."""
    return Lookout(store, lambda _symbol: [MISSING, SPX])


def test_loads_are_told_once(lookout, commit):
    """From the first look on; what was loaded before that is not known."""
    commit([contract()])
    assert lookout.loaded() is None
    assert lookout.loaded() == set()

    commit([contract(bid=1.7)])
    assert lookout.loaded() == {"SPX"}
    assert lookout.loaded() == set()


def test_what_is_forgotten_is_not_known(lookout):
    """After a store was away all must be looked at again."""
    lookout.loaded()
    lookout.forget()

    assert lookout.loaded() is None


def test_chains_that_are_not_stored_are_left_out(lookout, commit):
    """The others are given with their contracts."""
    assert lookout.universes("SPX") == []
    commit([contract()])

    (universe,) = lookout.universes("SPX")
    assert (universe.chain, set(universe.contracts)) == (SPX, {ticker()})
