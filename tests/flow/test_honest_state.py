"""The spine as real processes with a vendor that says less than it should: what is not known is not called live."""

import json
import os
import signal
import time
from collections.abc import Iterable, Iterator

import pytest

from marketswarm.simulator.connection import Connection
from marketswarm.simulator.gate import OpenGate
from tests.support.simulator import RunningSimulator, running_simulator
from tests.support.spine import STREAM, Spine, spine

pytestmark = pytest.mark.processes

SYMBOLS = ("SPX", "SPY")
PATIENCE_S = 8  # these machines are shared; tests/faults/test_silence.py holds the five seconds exactly


class ForgetfulGate(OpenGate):
    """Swallows the events of contracts whose ticker it is told to, and lets statuses through."""

    def __init__(self) -> None:
        self.swallows = self.nothing

    @staticmethod
    def nothing(_ticker: str) -> bool:
        return False

    def pass_frame(self, connection: Connection, frame: str) -> Iterable[str]:
        if self.swallows is self.nothing:
            return (frame,)
        events = [event for event in json.loads(frame) if not self.swallows(event.get("sym", ""))]
        return (json.dumps(events),) if events else ()


@pytest.fixture(scope="module")
def gate() -> ForgetfulGate:
    """What the vendor's frames pass."""
    return ForgetfulGate()


@pytest.fixture(scope="module")
def vendor(gate: ForgetfulGate) -> Iterator[RunningSimulator]:
    """A market of two symbols behind that gate."""
    with running_simulator(gate=gate, seed=5, symbols=SYMBOLS, events_per_second=2000) as made:
        yield made


@pytest.fixture(scope="module")
def running(vendor: RunningSimulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spine]:
    """The whole spine, live."""
    settings = {
        "MASSIVE_API_KEY": "key",
        "MARKETSWARM_SYMBOLS": ",".join(SYMBOLS),
        "MARKETSWARM_SESSION": "always",
    }
    with spine(tmp_path_factory.mktemp("honest"), vendor.rest, vendor.ws, **settings) as made:
        made.start_all()
        made.wait_live(*SYMBOLS)
        yield made


@pytest.fixture
def live(running: Spine, gate: ForgetfulGate) -> Iterator[Spine]:
    """The spine with a pace that is known: it has streamed for some seconds."""
    gate.swallows = gate.nothing
    running.wait_live(*SYMBOLS)
    time.sleep(3)
    yield running
    gate.swallows = gate.nothing


def state(spine: Spine, symbol: str) -> str:
    """What the store says of a symbol's chain."""
    return spine.meta(symbol)["state"]


def audit(spine: Spine, symbol: str) -> dict:
    """What the audits of a symbol have found."""
    return {name: json.loads(value) for name, value in spine.redis.hgetall(f"audit:{symbol}").items()}


def test_a_mute_feed_is_stale_within_seconds_and_a_talking_one_live_again(live: Spine, gate: ForgetfulGate):
    """Connected, acknowledged, and silent: every chain is stored as stale, until something comes."""
    gate.swallows = lambda ticker: ticker != ""

    for symbol in SYMBOLS:
        live.wait_for("a stale chain", lambda name=symbol: state(live, name) == "stale", PATIENCE_S)

    gate.swallows = gate.nothing
    live.wait_live(*SYMBOLS, timeout_s=PATIENCE_S)


def test_a_symbol_that_fell_silent_is_stale_while_the_other_streams(live: Spine, gate: ForgetfulGate):
    """Its channels bring nothing any more: its chain is stale, and only its."""
    gate.swallows = lambda ticker: ticker.startswith("O:SPY")

    live.wait_for("a stale chain", lambda: state(live, "SPY") == "stale", PATIENCE_S)
    assert state(live, "SPX") == "live"


def test_a_short_pause_of_the_stream_loses_nothing(live: Spine):
    """Stopped for a second: it keeps its right to write, the chains stay live, and no gap is counted."""
    fence, gaps = live.redis.get("writertoken:SPX"), live.redis.hget("stream:SPX", "gaps")
    live.processes["stream"].send_signal(signal.SIGSTOP)
    seen = []
    until_s = time.monotonic() + 1.0
    while time.monotonic() < until_s:
        seen.append(state(live, "SPX"))
        time.sleep(0.05)
    live.processes["stream"].send_signal(signal.SIGCONT)
    time.sleep(2)

    assert set(seen) == {"live"}
    assert state(live, "SPX") == "live"
    assert live.redis.get("writertoken:SPX") == fence
    assert live.redis.hget("stream:SPX", "gaps") == gaps


def test_updates_that_the_vendor_dropped_are_found_and_repaired(live: Spine, gate: ForgetfulGate):
    """Half of the contracts are silently left out: within half a minute that is a gap, told with its cause, and repaired."""
    losses = audit(live, "SPX").get("losses", 0)
    gate.swallows = lambda ticker: ticker.startswith("O:SPX") and ticker.endswith("0000") and "P0" in ticker

    live.wait_for("a gap", lambda: state(live, "SPX") == "gap", 40)
    gate.swallows = gate.nothing

    live.wait_live("SPX")
    assert audit(live, "SPX")["losses"] > losses
    assert audit(live, "SPX")["rate"] > 0
    assert json.loads(live.redis.hget("stream:SPX", "gap_causes"))["audit"] >= 1
    assert live.loads("SPX").count("gap") >= 2, "the announcement and the repair"


def test_an_audit_that_finds_nothing_says_so(live: Spine):
    """With nothing lost, later audits of both symbols compare and agree; `status` tells it."""
    since_ms = {symbol: audit(live, symbol).get("ts", 0) for symbol in SYMBOLS}
    for symbol in SYMBOLS:
        live.wait_for(
            "an audit", lambda name=symbol: audit(live, name).get("ts", 0) > since_ms[name] + 6000, 40
        )
        assert audit(live, symbol)["last"] == "same"

    told = json.loads(live.run("-m", "marketswarm", "status", "--json").stdout)["symbols"]["SPX"]["audit"]
    assert told["last"] == "same"
    assert told["checked"] > 0


def test_the_chains_of_a_killed_stream_are_stale_within_seconds(live: Spine):
    """The dead cannot say so: its right to write runs out, and the look for dead streams finds it; then it lives again."""
    live.wait_live(*SYMBOLS)
    ticks = len(live.ticks("SPX"))
    began_s = time.monotonic()
    os.killpg(live.processes["stream"].pid, signal.SIGKILL)
    live.processes.pop("stream").wait()

    for symbol in SYMBOLS:
        live.wait_for("a stale chain", lambda name=symbol: state(live, name) == "stale", PATIENCE_S)

    live.start("stream", *STREAM)
    live.wait_live(*SYMBOLS)
    beats = (time.monotonic() - began_s) / 10
    live.wait_for("the heartbeat", lambda: len(live.ticks("SPX")) - ticks >= int(beats))
