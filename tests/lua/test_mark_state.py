"""`mark_state`: only the writer says how a chain is, and only of the chain it knows."""

import pytest

from marketswarm.errors import WriterFenced
from tests.lua.conftest import META, TOKEN
from tests.support.builders import SPX


def test_the_writer_marks_its_chain(redis, put, store):
    """The state is written."""
    put(state="loading")

    assert store.mark_state(SPX, 7, 3, "live") is True
    assert redis.hget(META, "state") == b"live"


def test_a_changed_chain_is_not_marked(redis, put, store):
    """A mark on another epoch would be a guess."""
    put(state="loading")

    assert store.mark_state(SPX, 6, 3, "live") is False
    assert redis.hget(META, "state") == b"loading"


def test_a_chain_that_is_gone_is_not_made_up(redis, store):
    """No meta appears by marking."""
    redis.set(TOKEN, 3)

    assert store.mark_state(SPX, 7, 3, "live") is False
    assert redis.exists(META) == 0


def test_an_older_writer_cannot_mark(redis, put, store):
    """A revived writer may not call a chain live."""
    put(state="stale")
    redis.incr(TOKEN)

    with pytest.raises(WriterFenced):
        store.mark_state(SPX, 7, 3, "live")

    assert redis.hget(META, "state") == b"stale"


def test_more_is_written_beside_the_state(redis, put, store):
    """How quotes come and whether they are late, in the same step."""
    put(state="loading")

    store.mark_state(SPX, 7, 3, "live", {"quotes": "polled", "delayed": 1})

    assert redis.hmget(META, "state", "quotes", "delayed") == [b"live", b"polled", b"1"]
