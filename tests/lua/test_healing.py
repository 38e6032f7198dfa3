"""A server that forgets the scripts, or is started anew, in the middle of a stream loses no last value."""

import json
from pathlib import Path

import pytest
from redis import Redis

from marketswarm.chain.batches import BATCH
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.stored import ChainChanges, Change
from marketswarm.clock import ManualClock
from marketswarm.errors import StoreUnavailable
from tests.lua.conftest import CHAIN, FEED, META, TOKEN
from tests.support.applied import apply_all
from tests.support.builders import SPX, ladder
from tests.support.free_ports import free_port
from tests.support.valkey import server_binaries, start_server

ROWS = ladder(6600, 7000)
NAMES = [row.ticker for row in ROWS]


def work_at(ts: int) -> list[ChainChanges]:
    """A new trade of every contract: two batches."""
    return [
        ChainChanges(SPX, 7, 3, [Change(name, "trade", ts, ts, f'"price":{ts},"ts":{ts}') for name in NAMES])
    ]


def prices(redis: Redis) -> set[int]:
    """The last trades that are stored."""
    return {json.loads(text)["trade"]["price"] for text in redis.hvals(CHAIN)}


def test_forgotten_scripts_are_sent_again_in_the_middle_of_a_stream(
    redis: Redis, store: RedisChainStore, put
):
    """Whenever the scripts are flushed, the next round trip brings everything, and no batch is applied twice."""
    put(*ROWS)
    for ts in range(1, 101):
        if ts % 7 == 0:
            redis.script_flush()
        (batches,) = apply_all(store, work_at(ts))
        assert [batch.applied for batch in batches] == [BATCH, BATCH, 42]

    assert prices(redis) == {100}
    assert int(redis.hget(META, "seq")) == 40 + 300 == 40 + redis.xlen(FEED)


def test_a_server_started_anew_takes_up_where_it_was(
    any_server_name: str, tmp_path: Path, clock: ManualClock
):
    """While it is away the store says so; then what waited is sent again, and what had arrived before is the same."""
    binary, port = server_binaries()[any_server_name], free_port()
    server = start_server(binary, port, "--dir", str(tmp_path))
    try:
        with Redis(port=port, retry=None) as redis:
            store = RedisChainStore(redis, clock, "here")
            redis.hset(CHAIN, mapping={row.ticker: row.canonical_json() for row in ROWS})
            redis.hset(META, mapping={"epoch": 7, "seq": 40})
            redis.set(TOKEN, 3)
            apply_all(store, work_at(1))
            redis.shutdown(save=True)
            server.wait()
            with pytest.raises(StoreUnavailable):
                apply_all(store, work_at(2))

            server = start_server(binary, port, "--dir", str(tmp_path))
            (again,) = apply_all(store, work_at(1))
            (after,) = apply_all(store, work_at(2))

            assert [(batch.applied, batch.same) for batch in again] == [(0, BATCH), (0, BATCH), (0, 42)]
            assert [batch.applied for batch in after] == [BATCH, BATCH, 42]
            assert prices(redis) == {2}
    finally:
        server.kill()
        server.wait()
