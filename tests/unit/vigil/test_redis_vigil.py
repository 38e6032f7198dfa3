"""The edge itself: what it brings in one call, and what it sees of a chain that is rolling."""

from datetime import date

import pytest

from marketswarm.errors import StoreUnavailable
from marketswarm.model.spot import SpotReading
from marketswarm.servers import connect
from marketswarm.spot.redis_spots import RedisSpots
from marketswarm.vigil import redis_vigil
from marketswarm.vigil.redis_vigil import Outcome, RedisVigil, Sorted
from tests.support.builders import DAY, SPX, contract, ladder

SLOT = 1_795_446_000_000


@pytest.fixture
def edge(redis, clock) -> RedisVigil:
    """The edge of two symbols."""
    return RedisVigil(redis, clock, "test", symbols=["SPX", "SPY"])


def test_all_news_are_sorted_in_one_call(edge, redis, clock, commit, monkeypatch):
    """However many calls of the scripts that takes."""
    monkeypatch.setattr(redis_vigil, "_TICKS_AT_ONCE", 3)
    monkeypatch.setattr(redis_vigil, "_CHANGES_AT_ONCE", 1)
    for step in range(10):
        RedisSpots(redis, "test").publish(
            SLOT + 10_000 * step, "sim", [SpotReading("SPX", 6800, None, "unified")]
        )
        commit(ladder(bid=1.6 + step / 100), run=str(step))
    clock.advance(100)
    redis.xadd("sse:chain-feed", {"symbol": "SPX"})

    assert edge.sort_news() == Sorted(ticks=10, changes=10, unusable=1)
    assert len(edge.inbox("SPX").ticks) == 10
    assert edge.inbox("SPX").news_of(DAY).entries == 10
    assert edge.inbox("SPY").ticks == ()
    assert edge.sort_news() == Sorted(0, 0, 0)


def test_news_of_other_workers_symbols_are_kept_for_them(edge, redis, clock):
    """A worker with other symbols on the same server reads the same groups: whatever has a chain has an inbox."""
    redis.hset("chaincurrent", "IWM", "2026-11-23")
    readings = [SpotReading(symbol, 230, None, "unified") for symbol in ("IWM", "TLT")]
    RedisSpots(redis, "test").publish(SLOT, "sim", readings)

    assert edge.sort_news().ticks == 1
    assert len(RedisVigil(redis, clock, "test", symbols=["IWM"]).inbox("IWM").ticks) == 1


def test_the_chain_in_force_is_read_with_its_cursor(edge, commit):
    """As it is stored."""
    done = commit([contract()])
    found = edge.chain_in_force("SPX")

    assert (found.chain, found.epoch, found.seq) == (SPX, done.epoch, done.seq)
    assert list(found.contracts) == [contract().ticker]


def test_without_a_chain_there_is_none(edge, redis):
    """Nothing in force, or what is in force is not stored any more."""
    assert edge.chain_in_force("SPX") is None
    redis.hset("chaincurrent", "SPX", "2026-11-23")
    assert edge.chain_in_force("SPX") is None


def test_a_chain_that_rolls_while_it_is_read_is_read_again(edge, redis, commit, monkeypatch):
    """What is judged is the chain that is in force at the same moment."""
    commit([contract()])
    day = date(2026, 11, 24)
    commit([contract()], chain=type(SPX)("SPX", day), run="next", in_force=False)
    first = edge._expiration

    def before_the_roll(symbol):
        found = first(symbol)
        redis.hset("chaincurrent", symbol, day.isoformat())
        return found

    monkeypatch.setattr(edge, "_expiration", before_the_roll)

    assert edge.chain_in_force("SPX").chain.expiration == day


def test_a_commit_is_true_once(edge, redis):
    """The second one that began with the same state, and comes to another, was too slow."""
    first = Outcome(None, b"one", SLOT, [b"{}"], {"flip": b"{}"}, {"spot/judged": "1"}, [])

    assert edge.commit("SPX", first) is True
    assert edge.commit("SPX", Outcome(None, b"two", SLOT, [], {}, {}, [])) is False
    assert edge.commit("SPX", Outcome(b"one", b"two", SLOT, [], {}, {}, ["spot/judged"])) is True
    assert redis.get("vigil:state:SPX") == b"two"
    assert redis.hgetall("vigil:changes:SPX") == {}


def test_a_server_that_is_away_is_retryable(clock):
    """Every call says so."""
    away = RedisVigil(connect("redis://127.0.0.1:1/0"), clock, "there", symbols=["SPX"])

    for call in (away.sort_news, lambda: away.inbox("SPX"), lambda: away.chain_in_force("SPX")):
        with pytest.raises(StoreUnavailable, match="there"):
            call()
