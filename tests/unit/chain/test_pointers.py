"""What is written beside the chains while a load holds its symbol."""

from datetime import date

import pytest

from marketswarm.chain.pointers import ChainPointers
from marketswarm.chain.stored import Window
from marketswarm.errors import ScriptRefused
from marketswarm.model.chain import ChainId
from tests.support.builders import SPX, contract, ladder

TUESDAY, WEDNESDAY = date(2026, 11, 24), date(2026, 11, 25)


@pytest.fixture
def pointers(redis, clock, commit):
    """Pointers beside a stored chain of Monday, held by a load."""
    commit(ladder())
    redis.set("loading:SPX", "r")
    return ChainPointers(redis, clock, "test")


def test_a_window_moves_without_contracts(pointers, store):
    """Centre, bounds, N and time are written; epoch and seq stay."""
    before = store.meta(SPX)

    assert pointers.move_window(SPX, "r", Window(6806, 6805, 6780, 6820, each_side=3, asked=4, moved_ms=77))

    meta = store.meta(SPX)
    assert (meta.spot, meta.centre, meta.strikes_each_side, meta.strikes_asked, meta.moved_ms) == (
        6806,
        6805,
        3,
        4,
        77,
    )
    assert (meta.epoch, meta.seq) == (before.epoch, before.seq)


def test_what_is_held_beside_the_chain_in_force(pointers, store):
    """Expirations that are streamed with it, and those that wait for the roll."""
    pointers.hold_beside(SPX, "r", [TUESDAY])
    pointers.name_next(SPX, "r", [TUESDAY, WEDNESDAY], streamed=True)

    meta = store.meta(SPX)
    assert (meta.later, meta.next, meta.next_streamed) == ((TUESDAY,), (TUESDAY, WEDNESDAY), True)


def test_a_switch_moves_the_pointer(pointers, store, commit, redis):
    """The next chain is in force with what is held beside it, the old one is closed."""
    assert pointers.switch(SPX, TUESDAY, "r", []) is False
    commit([contract()], chain=ChainId("SPX", TUESDAY), in_force=False)
    redis.set("loading:SPX", "r")

    assert pointers.switch(SPX, TUESDAY, "r", [WEDNESDAY]) is True

    assert store.current_expiration("SPX") == TUESDAY
    assert store.meta(SPX).state == "closed"
    assert store.meta(ChainId("SPX", TUESDAY)).later == (WEDNESDAY,)


def test_an_ended_load_writes_nothing(pointers):
    """Its hold is its right."""
    with pytest.raises(ScriptRefused, match="NOTLOADING"):
        pointers.hold_beside(SPX, "another", [])
