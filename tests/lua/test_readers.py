"""Readers that take the chain once and follow the feed hold exactly the hash, whatever is going on meanwhile."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import date
from random import Random
from typing import Any, Self

from redis import Redis

from marketswarm import keys
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.stored import ChainChanges, Change, LoadOrigin, Window
from marketswarm.clock import ManualClock, SystemClock
from marketswarm.outlets.follow import ChainFollower, Gap
from tests.lua.conftest import CHAIN, LOADING, META, TOKEN
from tests.support.applied import apply_all
from tests.support.builders import EXPIRE_MS, SPX, contract, ladder
from tests.support.merge import merge_patch

MOMENTS = 1_000
KINDS = ("call", "put")


class Bustle:
    """A stream and a load at work on one chain, each with its own connection, until told to stop."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._done = threading.Event()
        self.failures: list[BaseException] = []
        self.counts = {"changes": 0, "loads": 0, "drops": 0}
        self._threads = [
            threading.Thread(target=self._keep, args=(act,)) for act in (self._stream, self._load)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()

    def _keep(self, act: Callable[[RedisChainStore, Redis, Random], None]) -> None:
        dice = Random(7)
        with Redis.from_url(self._url) as own:
            store = RedisChainStore(own, SystemClock(), "test")
            while not self._done.is_set():
                try:
                    act(store, own, dice)
                except BaseException as error:
                    self.failures.append(error)
                    raise

    def _stream(self, store: RedisChainStore, own: Redis, dice: Random) -> None:
        names = store.tickers(SPX)
        epoch = int(own.hget(META, "epoch") or 0)
        changes = []
        for name in dice.choices(names, k=dice.randint(1, 30)):
            ts, price = dice.randint(1_000, 9_000), dice.randint(1, 999)
            mid = dice.choice((price, "null"))
            patch = f'"bid":{price},"ask":{price + 1},"mid":{mid},"bid_size":1,"ask_size":null,"ts":{ts}'
            changes.append(Change(name, "quote", ts, dice.choice((None, price)), patch))
            if dice.random() < 0.3:
                changes.append(Change(name, "trade", ts, None, f'"price":{price},"ts":{ts}'))
        apply_all(store, [ChainChanges(SPX, epoch, 1, changes)])
        self.counts["changes"] += len(changes)

    def _load(self, store: RedisChainStore, own: Redis, dice: Random) -> None:
        low, ts = 6700 + 5 * dice.randrange(20), dice.randint(1_000, 9_000)
        rows = ladder(low, low + 100, bid=dice.randint(1, 999), ask=1_000, ts=ts)
        whole = dice.random() < 0.5
        own.set(LOADING, "run")
        store.stage(SPX, "run", rows)
        commit(store, LoadOrigin(ts) if whole else None)
        self.counts["loads"] += 1
        if dice.random() < 0.5:
            gone = dice.sample(store.tickers(SPX), 10)
            self.counts["drops"] += store.drop(SPX, "run", gone, low=low, high=low + 100, reason="drift")
        self._done.wait(0.01)


def commit(store: RedisChainStore, origin: LoadOrigin | None) -> None:
    """Make what is staged the chain, or a part of it."""
    window = Window(6800, 6800, 6700, 6900)
    store.commit(SPX, "run", window, reason="manual", source="sim", expire_ms=EXPIRE_MS, origin=origin)


class BareReader:
    """A reader as anybody would write one from the reference: snapshot, then each entry merged in."""

    def __init__(self, fields: dict[bytes, bytes], rows: dict[str, Any]) -> None:
        self.seq = int(fields[b"seq"])
        self.rows = rows

    def take(self, entry: dict[str, str]) -> None:
        """One entry of the feed."""
        if int(entry["seq"]) <= self.seq:
            return
        assert int(entry["prev_seq"]) == self.seq
        for name in json.loads(entry.get("removed", "[]")):
            self.rows.pop(name, None)
        self.rows = merge_patch(self.rows, json.loads(entry["updates"]))
        self.seq = int(entry["seq"])


def snapshot(redis: Redis) -> tuple[dict[bytes, bytes], dict[str, Any]]:
    """Meta and contracts in one step."""
    with redis.pipeline(transaction=True) as pipe:
        fields, rows = pipe.hgetall(META).hgetall(CHAIN).execute()
    return fields, {name.decode(): json.loads(text) for name, text in rows.items()}


def entries_up_to(redis: Redis, after: str, seq: int) -> Iterator[tuple[str, dict[str, str]]]:
    """Entries of the feed behind an id, as far as that seq."""
    while True:
        for entry_id, fields in redis.xrange(keys.CHAIN_FEED, f"({after}", count=200):
            entry = {name.decode(): value.decode() for name, value in fields.items()}
            yield entry_id.decode(), entry
            if int(entry["seq"]) == seq:
                return
            after = entry_id.decode()


def test_a_reader_holds_the_hash_at_any_moment(redis: Redis, any_server_url: str, clock: ManualClock):
    """A thousand random moments under changes, loads, extensions and drops: feed merged over a snapshot is the hash."""
    store, dice = RedisChainStore(redis, clock, "test"), Random(1)
    redis.mset({LOADING: "run", TOKEN: 1})
    store.stage(SPX, "run", [contract(strike, kind) for strike in (6795, 6800, 6805) for kind in KINDS])
    commit(store, LoadOrigin(1))
    fields, rows = snapshot(redis)
    follower = ChainFollower("SPX", date(2026, 11, 23), int(fields[b"epoch"]), int(fields[b"seq"]), rows)
    bare, after, equal = BareReader(fields, dict(rows)), "0-0", 0

    with Bustle(any_server_url) as bustle:
        while equal < MOMENTS and not bustle.failures:
            threading.Event().wait(dice.random() * 0.004)
            fields, rows = snapshot(redis)
            epoch, seq = int(fields[b"epoch"]), int(fields[b"seq"])
            missed = list(entries_up_to(redis, after, seq)) if seq > bare.seq else []
            for entry_id, entry in missed:
                assert not isinstance(follower.apply(entry), Gap)
                bare.take(entry)
                after = entry_id
            assert (bare.seq, follower.seq, follower.epoch) == (seq, seq, epoch)
            assert follower.contracts == rows
            assert bare.rows == rows
            equal += 1

    assert bustle.failures == []
    assert min(bustle.counts.values()) > 0
    print(f"{equal:,} moments, {bare.seq:,} entries, {bustle.counts}")
