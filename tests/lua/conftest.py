"""One script at a time, on every kind of server that is installed."""

import json

import pytest
from redis import Redis

from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.clock import ManualClock
from marketswarm.scripts import script
from tests.support.builders import contract

CHAIN, META, ORDER = "chain:SPX:2026-11-23", "chainmeta:SPX:2026-11-23", "chainorder:SPX:2026-11-23"
FEED, FULL, CURRENT, LOADING, TOKEN = (
    "sse:chain-feed",
    "sse:chain-full",
    "chaincurrent",
    "loading:SPX",
    "writertoken:SPX",
)


def without_about(orders: dict[bytes, bytes]) -> dict[bytes, bytes]:
    """The hash of orders without the field that says what it is."""
    assert not orders or len(orders.pop(b"about")) > 64
    return orders


@pytest.fixture
def redis(any_redis: Redis) -> Redis:
    """Every kind of server in turn."""
    return any_redis


@pytest.fixture
def store(redis: Redis, clock: ManualClock) -> RedisChainStore:
    """The store on it."""
    return RedisChainStore(redis, clock, "test")


@pytest.fixture
def put(redis: Redis):
    """Put contract JSON (or builders' contracts) into the chain as it stands, at epoch 7 and seq 40, writer 3."""

    def put(*rows, epoch=7, seq=40, state="live"):
        for row in rows or (contract(),):
            text = row if isinstance(row, str) else row.canonical_json()
            redis.hset(CHAIN, json.loads(text)["ticker"], text)
        redis.hset(META, mapping={"epoch": epoch, "seq": seq, "state": state, "contracts": redis.hlen(CHAIN)})
        redis.set(TOKEN, 3)

    return put


@pytest.fixture
def apply(redis: Redis):
    """Call apply_updates with changes (ticker, section, order, patch)."""

    def apply(*changes, epoch=7, fence=3, now_ms=5000):
        arguments = ["SPX", "2026-11-23", epoch, fence, now_ms, 5000]
        keys = [CHAIN, META, FEED, TOKEN, ORDER]
        return script("apply_updates").run(
            redis, keys, arguments + [part for change in changes for part in change]
        )

    return apply


@pytest.fixture
def stored(redis: Redis):
    """A contract's stored text."""
    return lambda name: redis.hget(CHAIN, name).decode()


@pytest.fixture
def entries(redis: Redis):
    """The entries of a stream as text, `updates` and `removed` parsed."""

    def entries(stream):
        found = []
        for _, fields in redis.xrange(stream):
            entry = {name.decode(): value.decode() for name, value in fields.items()}
            for name in ("updates", "removed"):
                if name in entry:
                    entry[name] = json.loads(entry[name])
            found.append(entry)
        return found

    return entries
