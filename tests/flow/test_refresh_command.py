"""`marketswarm refresh` through a real worker: loaded, failed, and nobody there."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.simulator import running_simulator
from tests.support.valkey import running_valkey

pytestmark = pytest.mark.processes
READY_S = 30.0


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Settings of a server and a simulator of their own."""
    plain = {
        name: value for name, value in os.environ.items() if not name.startswith(("MARKETSWARM_", "MASSIVE_"))
    }
    with running_valkey() as url, running_simulator(symbols=("SPX", "SPY")) as simulator:
        yield plain | {
            "MARKETSWARM_STATE_DIR": str(tmp_path_factory.mktemp("state")),
            "MARKETSWARM_REDIS_URL": url,
            "MARKETSWARM_SYMBOLS": "SPX,SPY",
            "MARKETSWARM_STRIKES_EACH_SIDE": "5",
            "MASSIVE_API_KEY": "simulator",
            "MASSIVE_REST_URL": simulator.rest,
            "MASSIVE_WS_URL": simulator.ws,
        }


@contextmanager
def worker(environment: dict[str, str], log: Path) -> Iterator[None]:
    """A worker of the default queue, ready."""
    command = (sys.executable, "-m", "celery", "-A", "marketswarm", "worker", "-Q", "default", "-l", "INFO")
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        end_s = time.monotonic() + READY_S
        while b" ready" not in log.read_bytes():
            assert time.monotonic() < end_s, log.read_text()
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(15)


def refresh(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """The command with --json."""
    command = (sys.executable, "-m", "marketswarm", "refresh", *words, "--json")
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_all_symbols_are_loaded_and_a_failure_is_told(environment: dict[str, str], tmp_path: Path) -> None:
    """With a worker: 0 and every symbol's report; 1 and the task's own words when the vendor lists no such day."""
    with worker(environment, tmp_path / "worker.log"):
        done = refresh(environment)
        assert done.returncode == 0, done.stderr
        reloads = json.loads(done.stdout)["reloads"]
        assert [(one["symbol"], one["state"], one["contracts"]) for one in reloads] == [
            ("SPX", "loaded", 22),
            ("SPY", "loaded", 22),
        ]
        wider = json.loads(refresh(environment, "spx", "SPX", "--strikes", "7").stdout)["reloads"]
        assert [(one["symbol"], one["contracts"], one["added"]) for one in wider] == [("SPX", 30, 8)]
        failed = refresh(environment, "SPY", "--expiration", "2030-01-05")
        assert failed.returncode == 1
        [told] = json.loads(failed.stdout)["reloads"]
        assert told["state"] == "failed"
        assert "SPY" in told["error"]
        assert "2030-01-05" in told["error"]


def test_without_a_worker_it_does_not_wait(environment: dict[str, str]) -> None:
    """Without a worker: 124 at once, what would start one and that the reload is queued; --no-wait only sends."""
    done = refresh(environment, "SPX", "--timeout", "600")
    assert done.returncode == 124
    [told] = json.loads(done.stdout)["reloads"]
    assert (told["state"], told["error"]) == ("timeout", "no worker answers")
    assert "marketswarm up" in done.stderr
    assert "stays queued for 59" in done.stderr
    sent = refresh(environment, "SPX", "--no-wait")
    assert sent.returncode == 0
    assert json.loads(sent.stdout)["reloads"][0]["state"] == "sent"
