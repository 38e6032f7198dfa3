"""Fixtures of the gateway's tests: a small page, a gateway, and a store that is full."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from marketswarm import keys
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.reports import StreamReports
from marketswarm.clock import SystemClock
from marketswarm.model.spot import SpotReading
from marketswarm.spot.redis_spots import RedisSpots
from tests.support.builders import SPX, ladder
from tests.support.full_store import MESSAGE, NOTE, REPORT, Full
from tests.support.gateway import Gateway, running_gateway
from tests.support.vigil_documents import publish, tell


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small page."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "index.html").write_text("<!doctype html><title>x</title>")
    (folder / "js").mkdir()
    (folder / "js" / "main.js").write_text("export const one = 1\n")
    (folder.parent / "secret.txt").write_text("not for you")
    return folder


@pytest.fixture(scope="module")
def gateway(valkey_url: str, page: Path) -> Iterator[Gateway]:
    """One gateway for all tests of this file; what it reads is made anew for each."""
    with running_gateway(valkey_url, page=page) as running:
        yield running


@pytest.fixture
def full(redis: Redis, store: RedisChainStore, commit) -> Full:
    """A server with a live chain of SPX, ticks, levels, events, messages and annotations; nothing of SPY."""
    now = SystemClock().now_ms() // 10_000 * 10_000
    commit(ladder())
    redis.hset(keys.chain_meta("SPX", "2026-11-23"), "loaded_ms", now - 60_000)
    redis.set("writertoken:SPX", 1)
    store.mark_state(SPX, store.meta(SPX).epoch, 1, "live")
    StreamReports(redis, "test").write("SPX", REPORT)
    for slot in (now - 20_000, now - 10_000, now):
        RedisSpots(redis, "test").publish(slot, "sim", [SpotReading("SPX", 6802.25, slot - 5, "indices")])
    publish(redis)
    tell(redis, id="e1", type="drift")
    tell(redis, id="e2")
    tell(redis, id="e3", symbol="SPY")
    redis.xadd(keys.VEXY_MESSAGES, {"message": json.dumps(MESSAGE)})
    redis.hset(keys.vexy_widgets("SPX"), "n1", json.dumps(NOTE))
    return Full(redis, now)
