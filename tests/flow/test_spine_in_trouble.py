"""The spine as real processes when something beneath it fails: a broker that hangs, a worker killed in the middle of a load."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from marketswarm.simulator.config import SimulatorConfig
from tests.support.free_ports import free_port
from tests.support.simulator import RunningSimulator
from tests.support.spine import STREAM, WORKER, Spine, spine
from tests.support.valkey import server_binaries, start_server

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    """A market of one symbol."""
    made = RunningSimulator(SimulatorConfig(port=0, seed=3, symbols=("SPX",)))
    yield made
    made.stop()


@pytest.fixture
def broker() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A broker of its own, apart from the data store."""
    port = free_port()
    process = start_server(server_binaries()["valkey"], port)
    yield process, port
    process.send_signal(signal.SIGCONT)
    process.kill()
    process.wait()


@pytest.fixture
def running(simulator: RunningSimulator, tmp_path: Path, broker) -> Iterator[Spine]:
    """Worker and stream worker, live, with data store and broker apart."""
    settings = {
        "MASSIVE_API_KEY": "key",
        "MARKETSWARM_SYMBOLS": "SPX",
        "MARKETSWARM_BROKER_URL": f"redis://127.0.0.1:{broker[1]}/0",
    }
    with spine(tmp_path, simulator.rest, simulator.ws, **settings) as made:
        made.start("worker", *WORKER)
        made.start("stream", *STREAM)
        made.wait_live("SPX")
        yield made


def hang_up(simulator: RunningSimulator) -> None:
    """The vendor drops every connection without a word."""
    simulator.call(lambda: [peer.transport.abort() for peer in list(simulator.server._connections)])


def test_a_broker_that_hangs_does_not_stop_the_stream(running: Spine, simulator: RunningSimulator, broker):
    """With a hanging broker and a gap to repair, quotes go on being stored and the lease is kept; then the repair comes."""
    process, _ = broker
    process.send_signal(signal.SIGSTOP)
    hang_up(simulator)
    running.wait_for("a gap", lambda: running.meta("SPX")["state"] == "gap")
    seq = int(running.meta("SPX")["seq"])

    running.wait_for("a moving chain", lambda: int(running.meta("SPX")["seq"]) > seq + 60, 20)
    assert running.redis.exists("writer:SPX", "stream:SPX") == 2
    assert running.meta("SPX")["state"] == "gap"

    process.send_signal(signal.SIGCONT)
    running.wait_live("SPX")


def test_a_worker_killed_during_a_load_holds_its_symbol_for_seconds_only(
    running: Spine, simulator: RunningSimulator
):
    """The next worker loads the symbol as soon as the dead one's hold has run out."""
    running.processes["worker"].send_signal(signal.SIGSTOP)
    running.redis.set("loading:SPX", "a run that died", px=6000)
    os.killpg(running.processes["worker"].pid, signal.SIGKILL)
    running.processes.pop("worker").wait()
    hang_up(simulator)

    running.start("worker", *WORKER)
    running.wait_for("a gap", lambda: running.meta("SPX")["state"] == "gap")

    running.wait_live("SPX")
    assert json.loads(running.redis.hget("stream:SPX", "gaps")) == 1


def test_a_paused_stream_comes_back_to_a_chain_that_is_repaired(running: Spine):
    """Stopped for longer than its right to write, then continued: the chain is live again, after a repair."""
    loads = len(running.loads("SPX"))
    running.processes["stream"].send_signal(signal.SIGSTOP)
    running.wait_for("the right to write run out", lambda: not running.redis.exists("writer:SPX"), 15)
    running.processes["stream"].send_signal(signal.SIGCONT)

    running.wait_for("a repair", lambda: len(running.loads("SPX")) > loads, 20)
    running.wait_live("SPX")
