"""Two stream workers and one connection: the second stands by, and takes over from a first that is frozen."""

import itertools
import json
import signal
import time

import pytest

from tests.support.simulator import running_simulator
from tests.support.spine import STREAM, WORKER, spine

pytestmark = pytest.mark.processes

SYMBOLS = ("SPX", "SPY")
FROZEN_S = 30
TAKE_OVER_S = 10


@pytest.fixture
def pair(tmp_path):
    """A stream worker that writes, and one that stands by."""
    settings = {
        "MASSIVE_API_KEY": "pair-key",
        "MARKETSWARM_SYMBOLS": ",".join(SYMBOLS),
        "MARKETSWARM_STRIKES_EACH_SIDE": "8",
    }
    with (
        running_simulator(symbols=SYMBOLS, seed=7, events_per_second=2000) as vendor,
        spine(tmp_path, vendor.rest, vendor.ws, **settings) as made,
    ):
        made.start("worker", *WORKER)
        made.start("first", *STREAM, "--loglevel", "INFO")
        made.wait_live(*SYMBOLS)
        second = [part.replace("stream@", "second@") for part in STREAM]
        made.start("second", *second, "--loglevel", "INFO")
        made.wait_for("a stander-by", lambda: "standing by" in made.log("second"))
        yield made


def test_a_frozen_writer_is_replaced_and_stays_out(pair):
    """Live with the second within ten seconds; the first wakes after thirty, writes nothing and stands by."""
    owner = pair.redis.get("writer:SPX")
    pair.processes["first"].send_signal(signal.SIGSTOP)
    frozen = time.monotonic()

    pair.wait_for(
        "a new writer",
        lambda: pair.redis.get("writer:SPX") not in (None, owner),
        TAKE_OVER_S,
    )
    pair.wait_for(
        "its live chains",
        lambda: all(
            json.loads(pair.redis.hget(f"stream:{symbol}", "owner")) != owner
            and pair.meta(symbol)["state"] == "live"
            for symbol in SYMBOLS
        ),
        TAKE_OVER_S - (time.monotonic() - frozen),
    )
    heir, token = pair.redis.get("writer:SPX"), pair.redis.get("writertoken:SPX")
    time.sleep(max(0.0, FROZEN_S - (time.monotonic() - frozen)))

    pair.processes["first"].send_signal(signal.SIGCONT)
    pair.wait_for("its stepping back", lambda: "standing by" in pair.log("first"))
    time.sleep(3)

    assert pair.redis.get("writer:SPX") == heir
    assert pair.redis.get("writertoken:SPX") == token
    assert [pair.meta(symbol)["state"] for symbol in SYMBOLS] == ["live", "live"]
    assert json.loads(pair.redis.hget("stream:SPX", "reconnects")) == 0
    steps = [
        (int(entry["prev_seq"]), int(entry["seq"]))
        for _, entry in pair.redis.xrange("sse:chain-feed")
        if (entry["symbol"], entry["expiration"]) == ("SPX", pair.redis.hget("chaincurrent", "SPX"))
    ]
    assert steps
    assert all(before == last for (_, last), (before, _) in itertools.pairwise(steps))
