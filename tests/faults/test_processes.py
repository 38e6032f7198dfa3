"""Faults against the spine as real processes: the standard Celery doors, the feed's own waits."""

import json
import os
import time
from collections.abc import Iterator

import pytest

from tests.support.faulty_wire import begin, end
from tests.support.simulator import RunningSimulator, running_simulator
from tests.support.spine import STREAM, WORKER, Spine, spine

pytestmark = pytest.mark.processes

SYMBOLS = ("SPX", "SPY")
SEEDS = [int(seed) for seed in os.environ.get("FAULT_STORM_SEEDS", "4").split(",")]
# Not `mute`: what a short silence has swallowed is for the audits, which these processes do not run.
DRAWN = (
    "cut|close-1000|close-1001|close-1006|close-1008|close-1011|slow-consumer|refuse|half-open|late-acks|missing-acks|"
    "http-429|http-5xx|cut-page|duplicate-rows|latency|duplicates|reorder|crossed|wrong-types|garbage|giant-frame"
)
SETTINGS = {
    "MASSIVE_API_KEY": "key",
    "MARKETSWARM_SYMBOLS": ",".join(SYMBOLS),
    "MARKETSWARM_STRIKES_EACH_SIDE": "10",
    "MARKETSWARM_SESSION": "always",
}


@pytest.fixture(scope="module")
def vendor() -> Iterator[RunningSimulator]:
    """A market of two symbols."""
    with running_simulator(
        symbols=SYMBOLS, events_per_second=1000, switches=("page-rows=30",), seed=9
    ) as made:
        yield made


@pytest.fixture(scope="module")
def running(vendor: RunningSimulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spine]:
    """Worker and stream worker, started into a storm: no call is answered, and no key."""
    with spine(tmp_path_factory.mktemp("faults"), vendor.rest, vendor.ws, **SETTINGS) as made:
        begin(vendor, "http-429:retry_after=1")
        made.start("worker", *WORKER)
        made.start("stream", *STREAM)
        yield made


def report(running: Spine, symbol: str) -> dict:
    """What the stream says of a symbol."""
    return {name: json.loads(value) for name, value in running.redis.hgetall(f"stream:{symbol}").items()}


def assert_true(running: Spine, vendor: RunningSimulator) -> None:
    """Every stored quote is the book's once the market stands still."""

    def differ() -> list[str]:
        book = vendor.server.market.book
        wrong: list[str] = []
        for symbol in SYMBOLS:
            for ticker, row in running.chain(symbol).items():
                true = book.contracts[book.row_of[ticker]]
                quote = row["quote"]
                if (quote["bid"], quote["ask"]) != (float(true["bid"]), float(true["ask"])):
                    wrong.append(ticker)
        return wrong

    vendor.call(lambda: setattr(vendor.server.feed, "is_held", True))
    try:
        running.wait_for("the truth", lambda: differ() == [], 5)
    finally:
        vendor.call(lambda: setattr(vendor.server.feed, "is_held", False))


def test_a_start_into_a_storm(running: Spine, vendor: RunningSimulator) -> None:
    """While every call is answered 429 there is no chain; once it is over, both are live."""
    running.wait_for("the streams", lambda: all(running.redis.exists(f"stream:{name}") for name in SYMBOLS))
    time.sleep(2)
    assert not running.redis.exists("chaincurrent")

    end(vendor, "http-429")
    running.wait_live(*SYMBOLS)
    assert_true(running, vendor)


@pytest.mark.parametrize(
    ("text", "lasts_s"), [("close-1008", 0), ("refuse:how=tcp", 2), ("auth-timeout:after=1s", 2)]
)
def test_a_loss_is_repaired(running: Spine, vendor: RunningSimulator, text: str, lasts_s: float) -> None:
    """The gap is counted, and both chains are live and true again by themselves."""
    running.wait_live(*SYMBOLS)
    gaps = {symbol: report(running, symbol)["gaps"] for symbol in SYMBOLS}
    begin(vendor, text)
    for symbol in SYMBOLS:
        running.wait_for(f"a gap of {symbol}", lambda name=symbol: report(running, name)["gaps"] > gaps[name])
    if lasts_s:
        time.sleep(lasts_s)
        end(vendor, text.partition(":")[0])

    running.wait_live(*SYMBOLS)
    assert_true(running, vendor)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_storm_by_seed(tmp_path, seed: int) -> None:
    """Whatever a seed draws in ten seconds, both chains end live and true; FAULT_STORM_SEEDS names other seeds."""
    plan = (f"random:rate=1/s,lasting=1s,only={DRAWN}@8s+10s",)
    market = {
        "symbols": SYMBOLS,
        "events_per_second": 1000,
        "switches": ("page-rows=30",),
        "seed": seed,
        "faults": plan,
    }
    with (
        running_simulator(**market) as vendor,
        spine(tmp_path, vendor.rest, vendor.ws, **SETTINGS) as running,
    ):
        running.start("worker", *WORKER)
        running.start("stream", *STREAM)
        running.wait_live(*SYMBOLS)
        running.wait_for("the storm's end", vendor.server._misbehaving.done, 40)
        running.wait_live(*SYMBOLS)
        assert_true(running, vendor)
        assert all(process.poll() is None for process in running.processes.values())
