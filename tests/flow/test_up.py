"""`marketswarm up` as a whole: embedded server, simulator, workers, beat and Flower, started and stopped by one command."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from marketswarm.announcement import read_announcement
from marketswarm.maths.calendar import NEW_YORK
from marketswarm.settings import Settings
from tests.support.free_ports import free_port

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]

PARTS = ("server", "simulator", "gateway", "flower", "worker", "stream", "beat")
KEY, TOKEN = "real-key-of-the-vendor", "token-of-the-gateway"
PATIENT_S = 90.0


class Up:
    """A `marketswarm up` on the simulator, with a vendor's key that it must not use."""

    def __init__(self, tmp_path: Path, *options: str) -> None:
        self.options = options
        self.state_dir = tmp_path / "state"
        self.flower_port, self.http_port = free_port(), free_port()
        ours = {str(field.alias) for field in Settings.model_fields.values()}
        self.environment = {name: value for name, value in os.environ.items() if name not in ours} | {
            "MARKETSWARM_STATE_DIR": str(self.state_dir),
            "MARKETSWARM_FLOWER_PORT": str(self.flower_port),
            "MARKETSWARM_HTTP_PORT": str(self.http_port),
            "MARKETSWARM_API_TOKEN": TOKEN,
            "MASSIVE_API_KEY": KEY,
        }
        self.said = tmp_path / "said"
        with self.said.open("w") as said:
            self.process = subprocess.Popen(
                self.command(),
                env=self.environment,
                cwd=tmp_path,
                stdout=subprocess.PIPE,
                stderr=said,
                start_new_session=True,
            )

    def command(self) -> list[str]:
        """The command under test."""
        return [sys.executable, "-m", "marketswarm", "up", "--sim", "--symbols", "SPY", *self.options]

    def wait_for(self, text: str, times: int = 1) -> None:
        """Wait until it has said this."""
        give_up = time.monotonic() + PATIENT_S
        while self.said.read_text().count(text) < times:
            assert self.process.poll() is None, self.said.read_text()
            assert time.monotonic() < give_up, self.said.read_text()
            time.sleep(0.05)

    def status(self) -> dict[str, Any]:
        """What `status --json` says of the symbol; nothing before it says anything."""
        command = [sys.executable, "-m", "marketswarm", "status", "--json"]
        said = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        return dict(json.loads(said.stdout)["symbols"].get("SPY", {}))

    def tree(self) -> list[psutil.Process]:
        """Every process that it has started."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def part(self, word: str) -> psutil.Process:
        """The part with this word on its command line."""
        return next(process for process in self.tree() if word in process.cmdline())


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    """A running `up`; killed, should a failed test leave it."""
    running = Up(tmp_path)
    running.wait_for("Ctrl-C")
    yield running
    running.process.kill()
    running.process.communicate()


def wait_until_gone(tree: list[psutil.Process]) -> None:
    """Wait until none of the processes runs."""
    _, alive = psutil.wait_procs(tree, timeout=20)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


def test_one_command_brings_all_up_and_takes_all_down(up: Up) -> None:
    """All parts run, are announced and protected; a killed one comes back; SIGINT ends all with exit code 0."""
    said = up.said.read_text()
    assert [line.split()[0] for line in said.splitlines() if " ready " in line][:2] == ["server", "simulator"]
    assert all(f"{name:<10}ready" in said for name in PARTS)

    announced = read_announcement(up.state_dir)
    assert announced["MARKETSWARM_SOURCE"] == "sim"
    assert announced["MARKETSWARM_SYMBOLS"] == "SPY"
    assert announced["MASSIVE_API_KEY"] == "simulator"
    assert announced["MARKETSWARM_HTTP_PORT"] == str(up.http_port)

    web = f"http://127.0.0.1:{up.http_port}"
    assert f"open: {web}" in said
    give_up = time.monotonic() + PATIENT_S
    while (ready := requests.get(f"{web}/readyz", timeout=10)).status_code != 200:
        assert time.monotonic() < give_up, ready.text
        time.sleep(0.2)
    assert requests.get(f"{web}/api/v1/chain/spy", timeout=10).json()["state"] == "live"

    password = (up.state_dir / "flower-password").read_text().strip()
    flower = f"http://127.0.0.1:{up.flower_port}/"
    assert requests.get(flower, timeout=10).status_code == 401
    assert requests.get(flower, auth=("marketswarm", password), timeout=10).status_code == 200

    tree = up.tree()
    for process in tree:
        assert password not in " ".join(process.cmdline())
        assert KEY not in " ".join([*process.cmdline(), *process.environ().values()])

    again = subprocess.run(
        up.command(), env=up.environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert again.returncode == 1
    assert f"already running here (process {up.process.pid}" in again.stderr

    up.part("--streams").kill()
    up.wait_for("stream    ready", times=2)

    tree = up.tree()
    up.process.send_signal(signal.SIGINT)
    stdout, _ = up.process.communicate(timeout=60)
    assert (up.process.returncode, stdout) == (0, b"")
    stopped = [line.split()[0] for line in up.said.read_text().splitlines() if " stopped" in line]
    assert stopped == ["beat", "stream", "worker", "flower", "gateway", "simulator", "server"]
    assert read_announcement(up.state_dir) == {}
    wait_until_gone(tree)
    for file in (up.said, *(up.state_dir / "logs").iterdir()):
        assert password not in file.read_text()
        assert KEY not in file.read_text()
        assert TOKEN not in file.read_text()


def test_a_simulator_that_was_told_something(tmp_path: Path) -> None:
    """A half day at twice the pace, on a plan of delayed data and with a cut: live by the simulator's clock, marked delayed."""
    told = ("--scenario", "half-day", "--speed", "2", "--plan", "developer", "--faults", "cut@12s")
    running = Up(tmp_path, "--no-flower", *told)
    try:
        running.wait_for("Ctrl-C")
        give_up, seen = time.monotonic() + PATIENT_S, {}
        while seen.get("state") != "live" or not seen.get("delayed"):
            assert time.monotonic() < give_up, seen
            time.sleep(0.5)
            seen = running.status()
        log = running.state_dir / "logs" / "simulator.log"
        while '"fault": "cut"' not in log.read_text():
            assert time.monotonic() < give_up
            time.sleep(0.2)
        announced = read_announcement(running.state_dir)
        start_ms, since_ms, speed = announced["MARKETSWARM_REPLAY_CLOCK"].split(",")
        begins = datetime.fromtimestamp(int(start_ms) / 1000, NEW_YORK)
        assert (f"{begins:%H:%M:%S}", speed) == ("12:55:00", "2")
        assert f"{begins:%Y-%m-%d}" == seen["expiration"]
        assert abs(int(since_ms) - 1000 * time.time()) < PATIENT_S * 1000
        assert announced["MASSIVE_WS_DELAYED_URL"] == f"{announced['MASSIVE_WS_URL']}/delayed"
        running.process.send_signal(signal.SIGINT)
        running.process.communicate(timeout=60)
        assert running.process.returncode == 0
    finally:
        running.process.kill()
        running.process.communicate()


def test_a_killed_up_leaves_nothing_behind(up: Up) -> None:
    """After SIGKILL every process is gone within seconds, and what was announced is not believed any more."""
    tree = up.tree()
    assert len(tree) >= len(PARTS) + 1
    up.process.kill()
    wait_until_gone(tree)
    assert read_announcement(up.state_dir) == {}
