"""Checks of this machine."""

import socket
from pathlib import Path

import pytest

from marketswarm.cli.checks import machine
from marketswarm.settings import Settings


def test_old_pythons_fail() -> None:
    """Python 3.10 is too old, 3.11 is not."""
    assert machine.check_python((3, 10, 9)).verdict == "fail"
    assert machine.check_python((3, 11, 0)).verdict == "ok"


@pytest.mark.parametrize(("up_runs", "verdict"), [(False, "warn"), (True, "ok")])
def test_a_taken_port(cli, environment, up_runs: bool, verdict: str) -> None:
    """Flower's port in use is fine while `up` runs, else a warning."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        environment.setenv("MARKETSWARM_FLOWER_PORT", str(taken.getsockname()[1]))
        assert machine.check_flower_port(Settings.load(), up_runs=up_runs).verdict == verdict


def test_a_state_directory_that_is_a_file(tmp_path: Path) -> None:
    """A directory that does not exist can be made; below a file it cannot."""
    assert machine.check_state_dir(tmp_path / "new" / "deep").verdict == "ok"
    (tmp_path / "file").write_text("")
    assert machine.check_state_dir(tmp_path / "file" / "deep").verdict == "fail"


def test_the_embedded_server_is_found(environment) -> None:
    """The installed binary is named."""
    found = machine.check_embedded_server(Settings.load())
    assert found.verdict == "ok"
    assert found.detail.endswith("-server")


@pytest.mark.parametrize(("up_runs", "verdict"), [(False, "warn"), (True, "ok")])
def test_a_taken_port_of_the_gateway(cli, environment, up_runs: bool, verdict: str) -> None:
    """So is the gateway's; the fix names its variable and the option that leaves it out."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        environment.setenv("MARKETSWARM_HTTP_PORT", str(taken.getsockname()[1]))
        found = machine.check_web_port(Settings.load(), up_runs=up_runs)
    assert found.verdict == verdict
    assert up_runs or ("MARKETSWARM_HTTP_PORT" in found.fix and "up --no-web" in found.fix)
