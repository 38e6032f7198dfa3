"""The spine as real processes: server, worker, stream worker, beat, through the standard Celery doors."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from redis import Redis

from tests.support.valkey import running_valkey

WORKER = ("worker", "-n", "work@%h", "-Q", "default")
STREAM = ("worker", "-n", "stream@%h", "-Q", "stream", "--streams")
BEAT = ("beat", "--pidfile=")


class Spine:
    """Processes by name, and the data store that they share. They work in a folder of their own, whose `.env` they read."""

    def __init__(self, env: dict[str, str], folder: Path) -> None:
        self.env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MASSIVE_", "MARKETSWARM_"))
        }
        self.env |= env | {"MARKETSWARM_STATE_DIR": str(folder / "state"), "C_FORCE_ROOT": "1"}
        self.folder = folder
        self.redis = Redis.from_url(env["MARKETSWARM_REDIS_URL"], decode_responses=True)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *door: str) -> None:
        """Start `celery -A marketswarm DOOR`."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "marketswarm", *door],
                env=self.env,
                cwd=self.folder,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def start_all(self) -> None:
        """Start worker, stream worker and beat."""
        self.start("worker", *WORKER)
        self.start("stream", *STREAM)
        self.start("beat", *BEAT)

    def end(self, name: str, how: signal.Signals = signal.SIGTERM) -> int:
        """End a process; its exit code."""
        process = self.processes.pop(name)
        process.send_signal(how)
        return process.wait(20)

    def end_all(self) -> None:
        """Kill what still runs."""
        for name in list(self.processes):
            self.end(name, signal.SIGKILL)

    def log(self, name: str) -> str:
        """What a process said so far."""
        return (self.folder / f"{name}.log").read_text()

    def run(self, *command: str, timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
        """Run a command in the spine's environment."""
        return subprocess.run(
            [sys.executable, *command],
            env=self.env,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def chain_key(self, symbol: str) -> str:
        """The hash of the chain in force."""
        return f"chain:{symbol}:{self.redis.hget('chaincurrent', symbol)}"

    def meta(self, symbol: str) -> dict[str, str]:
        """The meta of the chain in force; empty before the first load."""
        return self.redis.hgetall(self.chain_key(symbol).replace("chain:", "chainmeta:", 1))

    def chain(self, symbol: str) -> dict[str, Any]:
        """The contracts of the chain in force."""
        return {name: json.loads(text) for name, text in self.redis.hgetall(self.chain_key(symbol)).items()}

    def loads(self, symbol: str) -> list[str]:
        """The reasons of the complete chains of a symbol so far."""
        entries = [fields for _, fields in self.redis.xrange("sse:chain-full")]
        return [entry["reason"] for entry in entries if entry["symbol"] == symbol]

    def ticks(self, symbol: str) -> list[int]:
        """The slots that a symbol has in the series."""
        entries = [fields for _, fields in self.redis.xrange("sse:timeseries")]
        return [int(entry["ts"]) for entry in entries if entry["symbol"] == symbol]

    def wait_for(self, what: str, holds: Callable[[], Any], timeout_s: float = 60) -> Any:
        """Wait until something holds; with the ends of all logs when it never does."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            if found := holds():
                return found
            time.sleep(0.02)
        logs = "\n".join(
            f"== {path.name}\n{path.read_text()[-3000:]}" for path in sorted(self.folder.glob("*.log"))
        )
        raise AssertionError(f"{what} did not come about\n{logs}")

    def wait_live(self, *symbols: str, timeout_s: float = 60) -> None:
        """Wait until the chains are live."""
        for symbol in symbols:
            self.wait_for(
                f"live {symbol}", lambda name=symbol: self.meta(name).get("state") == "live", timeout_s
            )


@contextmanager
def spine(folder: Path, rest: str, ws: str, **settings: str) -> Iterator[Spine]:
    """A server of its own and, once started, the processes on it; nothing is left behind."""
    with ExitStack() as stack:
        url = stack.enter_context(running_valkey())
        env = {"MARKETSWARM_REDIS_URL": url, "MASSIVE_REST_URL": rest, "MASSIVE_WS_URL": ws} | settings
        made = Spine(env, folder)
        stack.callback(made.end_all)
        yield made
