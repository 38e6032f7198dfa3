"""The gateway as a process of its own, on a fixed port, so that it can be killed and started again."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

import requests

from tests.support.free_ports import free_port

_PATIENCE_S = 30.0


class GatewayProcess:
    """`marketswarm gateway` on a store, for the time of a block.

    Args:
        folder: where it works, and keeps its log.
        variables: settings, by their names.
    """

    def __init__(self, folder: Path, redis_url: str, **variables: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MARKETSWARM_", "MASSIVE_"))
        }
        self.environment = kept | {
            "MARKETSWARM_REDIS_URL": redis_url,
            "MARKETSWARM_SYMBOLS": "SPX,SPY",
            "MARKETSWARM_SESSION": "always",
            "MARKETSWARM_STATE_DIR": str(folder / "state"),
            **variables,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with (self._folder / "gateway.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "marketswarm", "gateway", "--port", str(self.port)],
                env=self.environment,
                cwd=self._folder,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        end_s = time.monotonic() + _PATIENCE_S
        while not self._answers():
            assert time.monotonic() < end_s, (self._folder / "gateway.log").read_text()
            time.sleep(0.05)

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it; its exit code."""
        assert self._process is not None
        self._process.send_signal(how)
        return self._process.wait(_PATIENCE_S)

    def kill(self) -> None:
        """End it without a word."""
        self.end(signal.SIGKILL)

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=5).ok
        except requests.RequestException:
            return False
