"""Chains as they are stored, read whole and put back."""

import pytest
from redis import Redis

from marketswarm import keys
from marketswarm.errors import RecordingError
from marketswarm.recorder.stored import Snapshots, StoredChains, read_snapshots, write_snapshots
from tests.support.builders import SPX, contract


def chains(redis: Redis) -> StoredChains:
    """Those of SPX."""
    return StoredChains(redis, lambda symbol: [SPX] if symbol == "SPX" else [])


def hashes(redis: Redis) -> dict[bytes, dict[bytes, bytes]]:
    """Every hash of the server."""
    return {name: redis.hgetall(name) for name in redis.keys("*") if redis.type(name) == b"hash"}


def test_a_chain_comes_back_as_it_was(redis, commit, tmp_path):
    """Its contracts, its order and what stands beside it, byte for byte; its meta but for the load that brought it."""
    commit([contract(6800), contract(6805, "put")])
    redis.hset(keys.chain_order("SPX", "2026-11-23"), "T/quote", "1:2")
    redis.hset(keys.spot("SPX"), mapping={"ts": 1, "spot": "6801.5"})
    before = hashes(redis)
    found = chains(redis).read(["SPX", "SPY"])
    assert (found.chains[0].epoch, found.chains[0].seq) == (int(found.chains[0].meta["epoch"]), 1)
    write_snapshots(tmp_path, "begin", found, lambda data: data)

    redis.flushall()
    chains(redis).put(read_snapshots(tmp_path, "begin"), "load-1")

    after = hashes(redis)
    meta = after[b"chainmeta:SPX:2026-11-23"]
    assert (meta.pop(b"request"), meta.pop(b"request_chains")) == (b"load-1", b"1")
    for gone in (b"request", b"request_chains"):
        before[b"chainmeta:SPX:2026-11-23"].pop(gone, None)
    assert after == before


def test_a_chain_that_is_not_stored_is_left_out(redis):
    """Nothing is made up."""
    assert chains(redis).read(["SPX"]) == Snapshots([], {})


def test_several_processes_write_files_of_their_own(tmp_path):
    """They are read as one; without any there is nothing."""
    assert read_snapshots(tmp_path, "end") is None
    for name in ("A", "B"):
        write_snapshots(tmp_path, "end", Snapshots([], {"chaincurrent": {name: "day"}}), lambda data: data)
    assert {path.name for path in tmp_path.iterdir()} == {"chains-end.json.zst", "chains-end-2.json.zst"}
    assert read_snapshots(tmp_path, "end") == Snapshots([], {"chaincurrent": {"A": "day", "B": "day"}})


def test_a_secret_is_hidden(tmp_path):
    """As in everything that is recorded."""
    made = Snapshots([], {"key": {"field": "secret"}})
    write_snapshots(tmp_path, "end", made, lambda data: data.replace(b"secret", b"******"))
    assert read_snapshots(tmp_path, "end").beside == {"key": {"field": "******"}}


def test_a_file_that_is_cut_off_is_named(tmp_path):
    """One clear line."""
    path = write_snapshots(tmp_path, "end", Snapshots([], {"a": {"b": "c" * 500}}), lambda data: data)
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(RecordingError, match=r"chains-end.json.zst: is damaged, or cut off"):
        read_snapshots(tmp_path, "end")
