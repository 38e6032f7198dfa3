"""`mark_unattended`: a chain whose stream has died does not go on claiming to be live."""

import pytest

from tests.lua.conftest import META
from tests.support.builders import SPX


@pytest.mark.parametrize("state", ["live", "gap"])
def test_a_chain_without_a_writer_is_stale(redis, put, store, state):
    """Nobody holds the right to write: the claim to be live, or under repair, is corrected."""
    put(state=state)

    assert store.mark_unattended(SPX) is True
    assert redis.hget(META, "state") == b"stale"


def test_an_attended_chain_stays_live(redis, put, store):
    """While a writer holds the symbol its word stands."""
    put(state="live")
    redis.set("writer:SPX", "a")

    assert store.mark_unattended(SPX) is False
    assert redis.hget(META, "state") == b"live"


@pytest.mark.parametrize("state", ["closed", "loading", "stale"])
def test_other_states_stand(redis, put, store, state):
    """Nothing else is corrected."""
    put(state=state)

    assert store.mark_unattended(SPX) is False
    assert redis.hget(META, "state") == state.encode()


def test_a_chain_that_is_not_stored_is_not_made_up(redis, store):
    """No meta appears by marking."""
    assert store.mark_unattended(SPX) is False
    assert redis.exists(META) == 0
