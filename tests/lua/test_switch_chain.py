"""`switch_chain`: the next chain comes in force in one step, and readers are told."""

from datetime import date

import pytest

from marketswarm.errors import ScriptRefused
from marketswarm.model.chain import ChainId
from marketswarm.scripts import script
from tests.lua.conftest import CURRENT, FULL, LOADING, META
from tests.support.builders import contract, ladder

NEXT = ChainId("SPX", date(2026, 11, 24))
NEXT_CHAIN, NEXT_META = "chain:SPX:2026-11-24", "chainmeta:SPX:2026-11-24"


@pytest.fixture
def loaded(redis, commit):
    """Monday's chain in force, Tuesday's stored, and a run that may switch."""
    commit(ladder())
    commit([contract(), contract(6805)], chain=NEXT, in_force=False)
    redis.set(LOADING, "run")


def switch(redis, was="2026-11-23", run="run", call="first"):
    """Switch from one expiration to Tuesday's."""
    names = [CURRENT, META, NEXT_CHAIN, NEXT_META, FULL, LOADING]
    arguments = ["SPX", was, "2026-11-24", run, 5000, 1000, "2026-11-25,2026-11-27", call]
    return script("switch_chain").run(redis, names, arguments)


def test_pointer_state_and_entry_move_together(redis, loaded, entries):
    """Tuesday is in force, Monday is closed, and the entry shows Tuesday's own cursor."""
    assert switch(redis) == 1

    assert redis.hget(CURRENT, "SPX") == b"2026-11-24"
    assert redis.hget(META, "state") == b"closed"
    assert redis.hget(NEXT_META, "later") == b"2026-11-25,2026-11-27"
    epoch, seq = redis.hmget(NEXT_META, "epoch", "seq")
    assert entries(FULL)[-1] == {
        "symbol": "SPX",
        "expiration": "2026-11-24",
        "epoch": epoch.decode(),
        "seq": seq.decode(),
        "ts": "5000",
        "key": NEXT_CHAIN,
        "contracts": "2",
        "reason": "roll",
    }


def test_a_switch_happens_once(redis, loaded, entries):
    """The second one finds another expiration in force and changes nothing."""
    switch(redis)

    assert switch(redis, call="second") == 0
    assert [entry["reason"] for entry in entries(FULL)].count("roll") == 1


def test_a_chain_that_is_not_stored_never_comes_in_force(redis, loaded):
    """A pointer to nothing would be worse than yesterday's."""
    redis.delete(NEXT_CHAIN, NEXT_META)

    assert switch(redis) == 0
    assert redis.hget(CURRENT, "SPX") == b"2026-11-23"
    assert redis.exists(NEXT_META) == 0


def test_a_chain_that_is_forgotten_is_not_closed(redis, loaded):
    """After two days away the old meta is gone, and no half of it comes back."""
    redis.delete(META)

    assert switch(redis) == 1
    assert redis.exists(META) == 0


def test_an_overtaken_run_switches_nothing(redis, loaded):
    """Only the load in flight may."""
    with pytest.raises(ScriptRefused) as refused:
        switch(redis, run="another")

    assert refused.value.word == "NOTLOADING"
    assert redis.hget(CURRENT, "SPX") == b"2026-11-23"
