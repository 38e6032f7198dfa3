"""The command line as a user calls it, on a store of its own."""

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis import Redis

from marketswarm import keys
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.reports import StreamReports
from marketswarm.cli import main
from marketswarm.clock import SystemClock
from marketswarm.model.spot import SpotReading
from marketswarm.spot.redis_spots import RedisSpots
from tests.support.builders import SPX

REPORT = {
    "state": "live",
    "updates_per_s": 812.5,
    "lag_ms": {"p50": 31, "p99": 66},
    "gaps": 1,
    "reconnects": 2,
}


@dataclass(frozen=True)
class Outcome:
    """What one command did."""

    code: int
    out: str
    err: str


@pytest.fixture
def environment(
    valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[pytest.MonkeyPatch]:
    """Settings of a store with SPX alone, and none from outside."""
    for name in [name for name in os.environ if name.startswith(("MARKETSWARM_", "MASSIVE_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MARKETSWARM_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("MARKETSWARM_REDIS_URL", valkey_url)
    monkeypatch.setenv("MARKETSWARM_SYMBOLS", "SPX")
    monkeypatch.setenv("MARKETSWARM_SESSION", "always")
    return monkeypatch


@pytest.fixture
def cli(environment, redis: Redis, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Run `marketswarm` with those words, on an empty store."""

    def run(*words: str) -> Outcome:
        environment.setattr(sys, "argv", ["marketswarm", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), told.out, told.err)

    return run


@pytest.fixture
def live_chain(redis: Redis, store: RedisChainStore, commit) -> Callable[..., None]:
    """Store contracts as the live chain of SPX, with a tick of now and a stream that attends."""

    def make(contracts) -> None:
        commit(contracts)
        redis.set("writertoken:SPX", 1)
        store.mark_state(SPX, store.meta(SPX).epoch, 1, "live")
        StreamReports(redis, "test").write("SPX", REPORT)
        now_ms = SystemClock().now_ms()
        redis.hset(
            keys.chain_meta("SPX", "2026-11-23"), "loaded_ms", now_ms - 60_000
        )  # before the tick, whatever day it is
        reading = SpotReading("SPX", 6801.5, now_ms, "indices")
        RedisSpots(redis, "test").publish(now_ms // 10_000 * 10_000, "sim", [reading])

    return make
