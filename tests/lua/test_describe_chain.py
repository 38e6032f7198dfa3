"""`describe_chain`: a load writes beside a stored chain, and only beside a stored one."""

import pytest

from marketswarm.errors import ScriptRefused
from marketswarm.scripts import script
from tests.lua.conftest import FEED, FULL, LOADING, META
from tests.support.builders import ladder


def describe(redis, run="run"):
    """Move the centre of the window."""
    return script("describe_chain").run(redis, [META, LOADING], ["SPX", run, "centre", "6805", "moved_ms", 9])


def test_fields_are_written_and_nothing_else_changes(redis, commit, entries):
    """Epoch, seq and both streams stay: the contracts are the same."""
    commit(ladder())
    redis.set(LOADING, "run")
    before = redis.hgetall(META)

    assert describe(redis) == 1

    assert redis.hgetall(META) == before | {b"centre": b"6805", b"moved_ms": b"9"}
    assert (len(entries(FEED)), len(entries(FULL))) == (1, 1)


def test_a_chain_that_is_not_stored_is_not_made(redis):
    """There is no meta without contracts."""
    redis.set(LOADING, "run")

    assert describe(redis) == 0
    assert redis.exists(META) == 0


def test_an_overtaken_load_describes_nothing(redis, commit):
    """Only the load in flight may write."""
    commit(ladder())
    redis.set(LOADING, "other")

    with pytest.raises(ScriptRefused) as refused:
        describe(redis)

    assert refused.value.word == "NOTLOADING"
    assert redis.hget(META, "centre") == b"6800"
