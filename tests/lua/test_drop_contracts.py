"""`drop_contracts`: contracts leave a chain in one step, and the feed names them."""

import pytest

from marketswarm.chain.stored import Change
from marketswarm.errors import ChainMissing, ScriptRefused
from tests.lua.conftest import CHAIN, FEED, FULL, LOADING, META, ORDER, without_about
from tests.support.applied import apply_changes
from tests.support.builders import SPX, ladder, ticker


def drop(store, run="run", tickers=(ticker(6780), ticker(6780, "put"))):
    """Drop the lowest strike."""
    return store.drop(SPX, run, tickers, low=6785, high=6820, reason="drift")


def test_named_contracts_leave_and_the_feed_says_so(redis, commit, store, entries):
    """Hash, size, window, epoch and feed move together."""
    first = commit(ladder())
    redis.set(LOADING, "run")

    assert drop(store) == 2

    assert redis.hlen(CHAIN) == 16
    assert redis.hmget(META, "epoch", "seq", "contracts", "low") == [
        str(first.epoch + 1).encode(),
        b"2",
        b"16",
        b"6785",
    ]
    entry = entries(FEED)[1]
    assert sorted(entry["removed"]) == sorted([ticker(6780), ticker(6780, "put")])
    assert (entry["prev_seq"], entry["seq"], entry["updates"]) == ("1", "2", {})
    assert entries(FULL)[1]["contracts"] == "16"


def test_their_orders_leave_with_them(redis, commit, store):
    """Nothing is left of what the stream knew of them."""
    epoch = commit(ladder()).epoch
    redis.mset({LOADING: "run", "writertoken:SPX": 1})
    names = (ticker(6780), ticker(6785))
    apply_changes(store, SPX, epoch, 1, [Change(name, "trade", 5, 7, '"price":1,"ts":5') for name in names])

    drop(store)

    assert without_about(redis.hgetall(ORDER)) == {f"{ticker(6785)}/trade".encode(): b"5 7"}


def test_contracts_that_are_not_there_change_nothing(redis, commit, store):
    """Dropping twice is dropping once."""
    commit(ladder())
    redis.set(LOADING, "run")
    drop(store)

    assert drop(store) == 0
    assert redis.hget(META, "seq") == b"2"


def test_an_overtaken_load_drops_nothing(redis, commit, store):
    """Only the load in flight may take contracts out."""
    commit(ladder())
    redis.set(LOADING, "other")

    with pytest.raises(ScriptRefused) as refused:
        drop(store)

    assert refused.value.word == "NOTLOADING"
    assert redis.hlen(CHAIN) == 18


def test_a_missing_chain_is_named(redis, store):
    """Nothing can be taken out of what is not stored."""
    redis.set(LOADING, "run")

    with pytest.raises(ChainMissing):
        drop(store)
