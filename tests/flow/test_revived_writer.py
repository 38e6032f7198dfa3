"""A writer that was paused for longer than its right lasts, and goes on writing as if nothing had happened."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from marketswarm.chain.lease import WriterLeases
from marketswarm.clock import SystemClock
from tests.support.builders import SPX, ladder

pytestmark = pytest.mark.processes

ROOT = Path(__file__).parents[2]
LEASE_MS = 300


@pytest.fixture
def careless(valkey_url, commit):
    """A process that writes SPX for ever and never looks at its right again."""
    commit(ladder())
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.careless_writer", valkey_url, str(LEASE_MS)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    yield process
    process.kill()
    process.wait()


def next_words(process, count):
    """The outcomes of its next attempts."""
    return [process.stdout.readline().strip() for _ in range(count)]


def wait_for_right(redis, clock, name):
    """Take SPX over as soon as it can be had."""
    leases = WriterLeases(redis, clock, "test", name, lease_ms=60_000)
    for _ in range(500):
        held = leases.take([1], ["SPX"])
        if held.fences:
            return held.fences["SPX"]
        time.sleep(0.01)
    raise AssertionError("the right never ran out")


def test_none_of_its_writes_is_accepted(careless, redis, store):
    """It wrote before; once another has taken over, each of its attempts is refused and no byte changes."""
    assert next_words(careless, 50) == ["written"] * 50

    careless.send_signal(signal.SIGSTOP)
    fence = wait_for_right(redis, SystemClock(), "heir")
    before = redis.dump("chain:SPX:2026-11-23"), redis.xlen("sse:chain-feed"), store.meta(SPX).seq
    careless.send_signal(signal.SIGCONT)
    words = next_words(careless, 300)

    # What it had said before it was stopped may still be in the pipe; the first refusal ends that.
    assert words.count("refused") >= 200
    assert "written" not in words[words.index("refused") :]
    after = redis.dump("chain:SPX:2026-11-23"), redis.xlen("sse:chain-feed"), store.meta(SPX).seq
    assert after == before
    assert redis.get("writertoken:SPX") == str(fence).encode()
    assert int(redis.info("errorstats")["errorstat_FENCED"]["count"]) >= 200
