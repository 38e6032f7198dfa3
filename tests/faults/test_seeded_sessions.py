"""The whole feed on a virtual clock, with faults drawn by a seed: in the end the chain is the vendor's own truth."""

import json
import os

import pytest
from redis import Redis

from tests.support.virtual_session import VirtualSession, faults_of
from tests.support.virtual_vendor import Fault

SEEDS = range(int(os.environ.get("SEEDED_SESSIONS", "40")))
KEPT: list[int] = []  # seeds that failed once
_LAST_FAULT_S = 24.0
_LONGEST_S = 180.0  # an eviction costs a minute, and so may a seam that is mended for the second time


@pytest.fixture
def text_redis(valkey_url: str):
    """The server, answering in text."""
    client = Redis.from_url(valkey_url, decode_responses=True)
    yield client
    client.close()


def played(redis: Redis, url: str, seed: int, faults: list[Fault]) -> VirtualSession:
    """A session that has come to its end."""
    session = VirtualSession(redis, url, seed, faults)
    session.run(_LAST_FAULT_S)
    session.settle(_LONGEST_S)
    return session


@pytest.mark.parametrize("seed", [*SEEDS, *KEPT])
def test_a_session_with_random_faults_ends_with_the_vendors_truth(text_redis, valkey_url, seed):
    """Every quote and trade is what the market says, the feed comes to the same, and no moment called live was wrong."""
    faults = faults_of(seed)

    session = played(text_redis, valkey_url, seed, faults)

    for symbol in session.symbols:
        assert session.wrong(symbol, session.world.now_ms() + 1) == [], faults
        assert session.feed_without_the_hash(symbol) == session.chain(symbol), faults
    assert [moment for moment in session.live_moments if moment[2]] == [], faults


def test_the_same_seed_is_the_same_session(text_redis, valkey_url):
    """Twice the same faults, the same market and the same moments: the same chain, to the byte, and the same entries."""
    ends = []
    for _ in range(2):
        session = played(text_redis, valkey_url, 4, faults_of(4))
        entries = [entry for _, entry in text_redis.xrange("sse:chain-feed")]
        ends.append((json.dumps(session.chain("SPY")), entries, session.live_moments))
    assert ends[0] == ends[1]
