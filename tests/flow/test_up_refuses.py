"""`marketswarm up` refuses what cannot work with one line, before anything is started."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from marketswarm.announcement import RunningLock
from marketswarm.settings import Settings
from marketswarm.supervisor.embedded import find_server, server_command
from marketswarm.supervisor.readiness import is_listening
from tests.support.free_ports import free_port

pytestmark = pytest.mark.processes


def run_up(tmp_path: Path, *options: str, **said: str) -> tuple[int, str]:
    """Exit code and standard error of `marketswarm up`, which is expected to end by itself."""
    ours = {str(field.alias) for field in Settings.model_fields.values()}
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    ports = {f"MARKETSWARM_{name}_PORT": str(free_port()) for name in ("FLOWER", "HTTP")}
    state = {"MARKETSWARM_STATE_DIR": str(tmp_path / "state"), **ports}
    ended = subprocess.run(
        [sys.executable, "-m", "marketswarm", "up", *options],
        env=environment | state | said,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.stdout == ""
    return ended.returncode, ended.stderr


def assert_nothing_started(tmp_path: Path) -> None:
    """No part has left a log, and no address was announced."""
    state = tmp_path / "state"
    assert not (state / "logs").exists()
    assert not (state / "running.json").exists()


@contextmanager
def answering(otherwise: bytes, to_info: bytes) -> Iterator[int]:
    """A port where somebody answers the command INFO with one thing and every other with another."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve(connection: socket.socket) -> None:
            with connection:
                while said := connection.recv(4096):
                    commands = said.split(b"*")[1:] or [said]
                    connection.sendall(
                        b"".join(to_info if b"INFO" in each else otherwise for each in commands)
                    )

        def accept() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]


@contextmanager
def redis_with_password(tmp_path: Path) -> Iterator[int]:
    """A real server that wants a password."""
    port = free_port()
    command = [*server_command(find_server(), port, tmp_path), "--requirepass", "a-secret-of-redis"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        while not is_listening("127.0.0.1", port):
            assert server.poll() is None
        yield port
        server.terminate()


def test_a_second_up_is_refused(tmp_path: Path) -> None:
    """A second `up` on the same state directory ends with one line that names the first one's process."""
    with RunningLock(tmp_path / "state"):
        code, said = run_up(tmp_path)
    assert code == 1
    assert said.count("\n") == 1
    assert f"already running here (process {os.getpid()}" in said
    assert "set MARKETSWARM_STATE_DIR to another folder" in said
    assert_nothing_started(tmp_path)


@pytest.mark.parametrize(("part", "variable"), [("flower", "FLOWER_PORT"), ("gateway", "HTTP_PORT")])
def test_a_port_in_use_is_refused(tmp_path: Path, part: str, variable: str) -> None:
    """When Flower's port or the gateway's is taken, one line names the port and the variable."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = run_up(tmp_path, **{f"MARKETSWARM_{variable}": str(port)})
    assert (code, said) == (
        1,
        f"marketswarm: {part}: port {port} is in use; set MARKETSWARM_{variable} to a free one\n",
    )
    assert_nothing_started(tmp_path)


@pytest.mark.parametrize("variable", ["MARKETSWARM_REDIS_URL", "MARKETSWARM_BROKER_URL"])
def test_a_redis_that_is_not_there_is_refused(tmp_path: Path, variable: str) -> None:
    """When nobody listens at the address of data store or broker, one line says so."""
    port = free_port()
    code, said = run_up(tmp_path, **{variable: f"redis://:pass-word@127.0.0.1:{port}/0"})
    assert code == 4
    assert said.count("\n") == 1
    assert said.startswith(f"marketswarm: Redis at redis://:********@127.0.0.1:{port}/0 is not reachable: ")
    assert "pass-word" not in said
    assert_nothing_started(tmp_path)


@pytest.mark.parametrize(
    ("otherwise", "to_info"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        (b"-ERR unknown command\r\n", b"$30\r\n# Server\r\nredis_version:5.0.14\r\n"),
    ],
    ids=["something else", "too old"],
)
def test_a_server_that_cannot_be_used_is_refused(tmp_path: Path, otherwise: bytes, to_info: bytes) -> None:
    """A server that is no Redis, or too old a one, ends the start with one line that says what is needed."""
    with answering(otherwise, to_info) as port:
        code, said = run_up(tmp_path, MARKETSWARM_REDIS_URL=f"redis://127.0.0.1:{port}/0")
    assert code == 1
    assert said.count("\n") == 1
    assert "needed: Redis 6.2 or newer, or Valkey" in said
    assert_nothing_started(tmp_path)


def test_a_redis_that_wants_a_password_is_refused(tmp_path: Path) -> None:
    """Without the password, or with a wrong one, one line says that the server does not let us in."""
    with redis_with_password(tmp_path) as port:
        for login in ("", ":wrong-one@"):
            code, said = run_up(tmp_path, MARKETSWARM_REDIS_URL=f"redis://{login}127.0.0.1:{port}/0")
            assert code == 1
            assert said.count("\n") == 1
            assert "cannot be used" in said
            assert "auth" in said.lower() or "password" in said.lower()
            assert "wrong-one" not in said
    assert_nothing_started(tmp_path)


def test_live_without_a_key_is_wrong_use(tmp_path: Path) -> None:
    """`--live` without MASSIVE_API_KEY ends with exit code 2 and names the variable."""
    code, said = run_up(tmp_path, "--live")
    assert code == 2
    assert said.startswith("marketswarm: MASSIVE_API_KEY is ''")
    assert_nothing_started(tmp_path)


@pytest.mark.parametrize(
    ("options", "said_of"),
    [
        (("--sim", "--live"), "exclude each other"),
        (("--symbols", "SPX,,SPY"), "MARKETSWARM_SYMBOLS is 'SPX,,SPY'"),
        (
            ("--live", "--scenario", "crash", "--speed", "2"),
            "--scenario, --speed: for the simulator, not with --live",
        ),
        (("--replay", "none", "--faults", "cut@3s"), "--faults: for the simulator, not with --replay"),
        (("--speed", "fast"), "--speed is 'fast'; allowed: a number"),
        (("--scenario", "crush"), "scenario is 'crush'; allowed: usual, calm,"),
        (("--faults", "cut"), "faults is 'cut'; allowed: a moment for it, such as cut@30s"),
    ],
)
def test_wrong_options_are_wrong_use(tmp_path: Path, options: tuple[str, ...], said_of: str) -> None:
    """Options that contradict each other, or hold no symbols, end with exit code 2."""
    code, said = run_up(tmp_path, *options)
    assert code == 2
    assert said_of in said
    assert_nothing_started(tmp_path)


def test_a_key_means_live(tmp_path: Path) -> None:
    """With a key set, what is for the simulator is refused rather than left out; `--sim` is named."""
    code, said = run_up(tmp_path, "--faults", "cut@3s", MASSIVE_API_KEY="vendor-key")
    assert code == 2
    assert "--faults: for the simulator, add --sim, because MASSIVE_API_KEY is set" in said
    assert_nothing_started(tmp_path)


def test_thresholds_that_cannot_be_used_are_wrong_use(tmp_path: Path) -> None:
    """What is wrong in the file of thresholds is one line, before anything is started; exit code 2."""
    (tmp_path / "mine.toml").write_text("[drift]\nmakro = 1\n")
    code, said = run_up(tmp_path, MARKETSWARM_VIGIL_THRESHOLDS="mine.toml")
    assert (code, said.count("\n")) == (2, 1)
    assert said.startswith(
        "marketswarm: MARKETSWARM_VIGIL_THRESHOLDS is 'mine.toml'; allowed: a file in which"
    )
    assert_nothing_started(tmp_path)


def test_a_state_directory_that_cannot_be_made_is_wrong_use(tmp_path: Path) -> None:
    """Where the state directory cannot be made, one line names the variable; exit code 2."""
    (tmp_path / "file").write_text("")
    code, said = run_up(tmp_path, MARKETSWARM_STATE_DIR=str(tmp_path / "file" / "state"))
    assert (code, said.count("\n")) == (2, 1)
    assert said.startswith("marketswarm: MARKETSWARM_STATE_DIR is ")


def test_logs_that_cannot_be_written_are_wrong_use(tmp_path: Path) -> None:
    """Where the folder of the logs cannot be made, the last line names the variable; exit code 2."""
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "logs").write_text("")
    code, said = run_up(tmp_path, "--no-flower")
    assert code == 2
    assert said.startswith("marketswarm: MARKETSWARM_STATE_DIR is ")
