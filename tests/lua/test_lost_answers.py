"""A script was run and its answer lost: the client asks again, and must hear what was done, once."""

from datetime import date

import pytest

from marketswarm.chain.flight import FlightControl, LoadReport
from marketswarm.chain.lease import WriterLeases
from marketswarm.chain.pointers import ChainPointers
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.stored import Applied, ChainChanges, Change, Committed, LoadOrigin, Window
from marketswarm.errors import ScriptRefused, StoreUnavailable
from marketswarm.model.chain import ChainId
from marketswarm.model.spot import SpotReading
from marketswarm.scripts import script, script_names
from marketswarm.servers import connect
from marketswarm.spot.redis_spots import Published, RedisSpots
from tests.lua.conftest import CHAIN, CURRENT, FEED, FULL, LOADING, META
from tests.support.applied import apply_changes
from tests.support.builders import EXPIRE_MS, SPX, contract, ladder, ticker
from tests.support.cutting_proxy import cutting_proxy

SLOT = 1_795_446_000_000
TUESDAY = ChainId("SPX", date(2026, 11, 24))
TRADE = Change(ticker(6800), "trade", 5, 7, '"price":1,"ts":5')


@pytest.fixture
def proxy(redis, any_server_url):
    """A proxy in front of a server that knows all scripts."""
    for name in script_names():
        redis.script_load(script(name).source)
    with cutting_proxy(any_server_url) as made:
        yield made
        assert made.cuts == 1


@pytest.fixture
def client(proxy):
    """The client that every process uses, on the proxy."""
    made = connect(proxy.url)
    yield made
    made.close()


@pytest.fixture
def far(client, clock):
    """The store behind the proxy."""
    return RedisChainStore(client, clock, "test")


def commit(store: RedisChainStore) -> Committed:
    """Commit what is staged."""
    window = Window(6801.5, 6800, 6780, 6820)
    origin = LoadOrigin(SLOT)
    return store.commit(
        SPX, "run", window, reason="startup", source="sim", expire_ms=EXPIRE_MS, origin=origin
    )


def test_a_commit_is_told_as_it_was(redis, proxy, far):
    """The chain is stored once, and the load hears what it did; the next commit of the run is another call."""
    redis.set(LOADING, "run")
    far.stage(SPX, "run", ladder())
    proxy.lose_answer(script("commit_chain").sha)

    done = commit(far)

    assert (done.seq, done.contracts, done.added, done.removed, done.changed) == (1, 18, 18, 0, 0)
    assert redis.hget(META, "epoch") == str(done.epoch).encode()
    assert (redis.hlen(CHAIN), redis.xlen(FEED), redis.xlen(FULL)) == (18, 1, 1)
    with pytest.raises(ScriptRefused, match="NOTSTAGED"):
        commit(far)


def test_a_commit_is_told_even_when_the_load_has_ended_meanwhile(redis, proxy, far):
    """What was done was done, whoever holds the symbol now."""
    redis.set(LOADING, "run", px=600_000)
    far.stage(SPX, "run", ladder())
    proxy.lose_answer(script("commit_chain").sha)
    commit(far)
    kept = redis.hget(META, "answer").decode().split()
    redis.set(LOADING, "another")

    keys = [f"staging:{SPX.symbol}", CHAIN, META, FEED, FULL, CURRENT, LOADING, "chainorder:SPX:2026-11-23"]
    arguments = ["SPX", "2026-11-23", "run", "replace", "startup", 1, EXPIRE_MS, 9, 9, 1, "loading", kept[0]]
    again = script("commit_chain").run(redis, keys, [*arguments, "spot", 1])

    assert again == [int(number) for number in kept[1:]]
    assert redis.hget(META, "spot") == b"6801.5"


def test_dropped_contracts_are_counted(redis, proxy, far, store):
    """The first try took them out; the second says how many."""
    redis.set(LOADING, "run")
    store.stage(SPX, "run", ladder())
    commit(store)
    proxy.lose_answer(script("drop_contracts").sha)

    gone = [ticker(6780), ticker(6780, "put")]
    assert far.drop(SPX, "run", gone, low=6785, high=6820, reason="drift") == 2

    assert (redis.hlen(CHAIN), redis.xlen(FEED), redis.xlen(FULL)) == (16, 2, 2)


def test_a_switch_is_told_as_done(redis, proxy, client, clock, commit):
    """Readers are told once, and the roll knows that it was itself."""
    commit(ladder())
    commit([contract()], chain=TUESDAY, in_force=False)
    redis.set(LOADING, "run")
    proxy.lose_answer(script("switch_chain").sha)

    assert ChainPointers(client, clock, "test").switch(SPX, TUESDAY.expiration, "run", [])

    assert redis.hget(CURRENT, "SPX") == b"2026-11-24"
    assert redis.xlen(FULL) == 3


def test_a_slot_is_not_refused_to_who_has_it(redis, proxy, client):
    """The slot is published once, and nothing is counted as refused."""
    spots = RedisSpots(client, "test")
    proxy.lose_answer(script("publish_spot").sha)

    readings = [SpotReading(symbol, 6801.25, None, "unified") for symbol in ("SPX", "SPY")]
    assert spots.publish(SLOT, "sim", readings) == Published(2, 0, 0)

    assert spots.heartbeat() == {"slot": str(SLOT), "published": "2", "refused": "0", "missed": "0"}
    assert redis.xlen("sse:timeseries") == 2
    assert spots.publish(SLOT, "sim", readings) == Published(0, 2, 0)


@pytest.fixture
def held(commit, redis):
    """A stored chain of one writer; its epoch."""
    redis.set("writertoken:SPX", 1)
    return commit(ladder()).epoch


def test_the_stream_asks_no_second_time_by_itself(redis, proxy, far, held):
    """A lost answer is a store that is away, after which all of it waits again; then the same is sent, and is the same."""
    writing = far.begin()
    proxy.lose_answer(script("apply_updates").sha)
    writing.send(ChainChanges(SPX, held, 1, [TRADE]))
    with pytest.raises(StoreUnavailable):
        writing.outcomes()

    assert apply_changes(far, SPX, held, 1, [TRADE]) == [Applied(2, 0, 1, 0, 0)]
    assert redis.hget(META, "seq") == b"2"
    assert redis.xlen(FEED) == 2
    assert b'"trade":{"price":1,"ts":5}' in redis.hget(CHAIN, TRADE.ticker)


def test_rights_are_taken_once(proxy, client, clock):
    """The token is the same, so that no gap is seen where there is none."""
    leases = WriterLeases(client, clock, "test", "a")
    proxy.lose_answer(script("take_writer").sha)

    first = leases.take([1], ["SPX"])

    assert first.slots == (1,)
    assert leases.take([1], ["SPX"]) == first


def test_a_load_is_recorded_once(redis, proxy, client):
    """The log of the loads does not tell of one twice."""
    proxy.lose_answer("refreshes")

    FlightControl(client, "test").record(LoadReport("SPX", "loaded", "manual", SLOT))

    assert redis.llen("refreshes") == 1
