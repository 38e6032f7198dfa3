"""`marketswarm gateway` as a process: its start, what it refuses, reloads through a real worker, its end, and its silence."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from tests.flow.test_refresh_command import worker
from tests.support.free_ports import free_port
from tests.support.gateway import STRANGER, Gateway
from tests.support.simulator import running_simulator
from tests.support.valkey import running_valkey

pytestmark = pytest.mark.processes
KEY, TOKEN, PASSWORD = "vendor-key-that-is-secret", "token-that-is-secret-too", "password-that-is-secret"
READY_S, GRACE_S = 30.0, 6.0


def surroundings(tmp_path: Path, **given: str) -> dict[str, str]:
    """An environment with our settings and no others."""
    ours = ("MARKETSWARM_", "MASSIVE_")
    plain = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return plain | {"MARKETSWARM_STATE_DIR": str(tmp_path / "state"), **given}


@contextmanager
def gateway_process(
    environment: dict[str, str], log: Path, *options: str
) -> Iterator[tuple[Gateway, "subprocess.Popen[str]"]]:
    """The command on a free port, serving."""
    command = [sys.executable, "-m", "marketswarm", "gateway", "--port", "0", *options]
    with (
        log.open("w") as told,
        subprocess.Popen(
            command, env=environment, cwd=log.parent, stdout=subprocess.PIPE, stderr=told, text=True
        ) as process,
    ):
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+", address), log.read_text()
            yield Gateway(address), process
        finally:
            process.kill()


def run(environment: dict[str, str], *options: str) -> tuple[int, str]:
    """Exit code and standard error of a command that is expected to end by itself."""
    command = [sys.executable, "-m", "marketswarm", "gateway", *options]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    return ended.returncode, ended.stderr


@pytest.fixture
def plain(valkey_url: str, redis: Redis, tmp_path: Path) -> dict[str, str]:
    """Settings of an empty store with SPX alone."""
    return surroundings(
        tmp_path,
        MARKETSWARM_REDIS_URL=valkey_url,
        MARKETSWARM_SYMBOLS="SPX",
        MARKETSWARM_SESSION="always",
        MARKETSWARM_SOURCE="sim",
    )


def test_a_taken_port_is_refused(plain: dict[str, str]) -> None:
    """One line names the variable and the port; exit code 2."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for given, options in (({"MARKETSWARM_HTTP_PORT": port}, ()), ({}, ("--port", port))):
            code, said = run(plain | given, *options)
            assert (code, said.count("\n")) == (2, 1)
            assert f"MARKETSWARM_HTTP_PORT is '{port}'" in said


@pytest.mark.parametrize(
    ("given", "options", "words"),
    [
        ({}, ("--host", "0.0.0.0"), "with MARKETSWARM_API_TOKEN set"),
        ({"MARKETSWARM_HTTP_HOST": "::"}, (), "with MARKETSWARM_API_TOKEN set"),
        ({"MARKETSWARM_API_TOKEN": "short"}, (), "MARKETSWARM_API_TOKEN is '********'; allowed: at least 16"),
        (
            {"MARKETSWARM_API_TOKEN": TOKEN},
            ("--host", "203.0.113.9"),
            "MARKETSWARM_HTTP_HOST is '203.0.113.9'",
        ),
        ({"MARKETSWARM_REDIS_URL": ""}, (), "MARKETSWARM_REDIS_URL is ''"),
        ({}, ("--port", "70000"), "--port is '70000'; allowed: a whole number from 0 to 65535"),
    ],
)
def test_what_cannot_work_is_refused(
    plain: dict[str, str], given: dict[str, str], options: tuple[str, ...], words: str
) -> None:
    """A gateway for others without a token, an address that is not ours, a store that nobody knows; exit code 2."""
    code, said = run(plain | given, *options)
    assert code == 2
    assert words in " ".join(said.split())


def read_until(stream: socket.socket, words: bytes) -> bytes:
    """What comes, until those words have."""
    told = b""
    while words not in told:
        piece = stream.recv(65_536)
        assert piece, told
        told += piece
    return told


def test_it_ends_with_streams_open(plain: dict[str, str], tmp_path: Path) -> None:
    """On SIGTERM the streams hear why, and the process ends within its grace, with exit code 0."""
    log = tmp_path / "gateway.log"
    with gateway_process(plain, log) as (gateway, process):
        host, _, port = gateway.host.partition(":")
        streams = [socket.create_connection((host, int(port)), 20) for _ in range(5)]
        for stream in streams:
            stream.sendall(f"GET /sse HTTP/1.1\r\nHost: {gateway.host}\r\n\r\n".encode())
            assert b"200 OK" in read_until(stream, b"retry: ")
        process.send_signal(signal.SIGTERM)
        begun_s = time.monotonic()
        for stream in streams:
            assert b'event: bye\ndata: {"reason":"shutdown"}' in read_until(stream, b'"shutdown"')
        assert process.wait(20) == 0
        assert time.monotonic() - begun_s < GRACE_S
        for stream in streams:
            stream.close()
    assert "Traceback" not in log.read_text()


def test_its_log_is_ours(plain: dict[str, str], tmp_path: Path) -> None:
    """One JSON object a line, and none for requests."""
    log = tmp_path / "gateway.log"
    with gateway_process(plain, log) as (gateway, process):
        assert gateway.get("/healthz?what=is-asked").status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert {"event", "level", "timestamp"} <= set(lines[0])
    assert "is-asked" not in log.read_text()


def test_a_broker_that_is_away(plain: dict[str, str], tmp_path: Path) -> None:
    """An order is answered with 503 and the reason; what only reads goes on."""
    broker = f"redis://:{PASSWORD}@127.0.0.1:{free_port()}/0"
    log = tmp_path / "gateway.log"
    with gateway_process(plain | {"MARKETSWARM_BROKER_URL": broker}, log) as (gateway, _):
        answer = gateway.post("/api/v1/refresh/SPX", {})
        assert (answer.status_code, answer.json()["error"]) == (503, "store-unavailable")
        assert "is not reachable" in answer.json()["reason"]
        assert gateway.refused("/api/v1/tasks/some-id")[:2] == (503, "store-unavailable")
        assert gateway.get("/api/v1/events").status_code == 200
        assert PASSWORD not in answer.text + log.read_text()


def follow(gateway: Gateway, task_id: str) -> list[dict[str, Any]]:
    """What is told of a task, until it is over."""
    told: list[dict[str, Any]] = []
    end_s = time.monotonic() + READY_S
    while not told or not told[-1]["over"]:
        assert time.monotonic() < end_s, told
        seen = gateway.json(f"/api/v1/tasks/{task_id}")
        if not told or told[-1] != seen:
            told.append(seen)
        time.sleep(0.005)
    return told


@pytest.fixture(scope="module")
def spine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, str], Path]]:
    """Settings of a server and a simulator of their own, with a vendor's key, and a worker on them."""
    folder = tmp_path_factory.mktemp("spine")
    with running_valkey() as url, running_simulator(symbols=("SPX", "SPY")) as simulator:
        environment = surroundings(
            folder,
            MARKETSWARM_REDIS_URL=url,
            MARKETSWARM_SYMBOLS="SPX,SPY",
            MARKETSWARM_API_TOKEN=TOKEN,
            MASSIVE_API_KEY=KEY,
            MASSIVE_REST_URL=simulator.rest,
            MASSIVE_WS_URL=simulator.ws,
        )
        with worker(environment, folder / "worker.log"):
            yield environment, folder


def test_a_refresh_through_a_worker(spine: tuple[dict[str, str], Path]) -> None:
    """An order is sent, its progress seen, and its result is the chain that can be read then."""
    environment, folder = spine
    with gateway_process(environment, folder / "refresh.log") as (gateway, _):
        assert gateway.refused("/api/v1/chain/SPX")[1] == "no-such-chain"
        sent = gateway.post("/api/v1/refresh/spx", {"strikes_each_side": 7})
        assert sent.status_code == 202
        assert sent.json()["symbol"] == "SPX"
        told = follow(gateway, sent.json()["task_id"])
        assert told[-1]["state"] == "SUCCESS"
        assert told[-1]["result"]["contracts"] == 30
        for seen in told:
            assert seen["task_id"] == sent.json()["task_id"]
            if "progress" in seen:
                assert 0 <= seen["progress"]["percent"] <= 100
                assert seen["progress"]["done"] <= seen["progress"]["total"]
        assert len(gateway.json("/api/v1/chain/SPX")["contracts"]) == 30
        unknown = gateway.json("/api/v1/tasks/never-seen")
        assert unknown == {"task_id": "never-seen", "state": "PENDING", "over": False}


def test_a_refresh_that_fails(spine: tuple[dict[str, str], Path]) -> None:
    """The task's own words say why."""
    environment, folder = spine
    with gateway_process(environment, folder / "failed.log") as (gateway, _):
        sent = gateway.post("/api/v1/refresh/SPX", {"expiration": "2027-01-02"})
        told = follow(gateway, sent.json()["task_id"])[-1]
        assert told["state"] == "FAILURE"
        assert "2027-01-02" in told["error"]


def test_orders_leave_nothing_listening(spine: tuple[dict[str, str], Path]) -> None:
    """The results of what was sent are not subscribed to: nobody would take them."""
    environment, folder = spine
    redis = Redis.from_url(environment["MARKETSWARM_REDIS_URL"])
    with gateway_process(environment, folder / "orders.log") as (gateway, _):
        for _ in range(4):
            task_id = gateway.post("/api/v1/refresh/SPY").json()["task_id"]
            follow(gateway, task_id)
        channels = redis.execute_command("PUBSUB", "CHANNELS", "celery-task-meta-*")
        assert channels == []


def test_no_secret_is_told(spine: tuple[dict[str, str], Path], tmp_path: Path) -> None:
    """Neither key nor token nor a password is in any answer, header or log line, whatever is asked and whoever asks."""
    environment, _ = spine
    log = tmp_path / "gateway.log"
    port = free_port()
    secretive = environment | {"MARKETSWARM_BROKER_URL": f"redis://:{PASSWORD}@127.0.0.1:{port}/0"}
    login = {"Authorization": f"Bearer {TOKEN}"}
    said: list[str] = []
    with gateway_process(secretive, log, "--host", "127.0.0.1") as (gateway, process):
        paths = ["/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/static/none", "/api/v1/tasks/x"]
        paths += [f"/api/v1/{name}" for name in ("status", "events", "messages", "nothing")]
        paths += [
            f"/api/v1/{name}/{symbol}" for name in ("chain", "spot", "levels") for symbol in ("SPX", KEY)
        ]
        for path in paths:
            for headers in ({}, STRANGER, STRANGER | login, {"Host": "evil.example"}):
                answer = gateway.get(path, **headers)
                said += [
                    answer.text.replace(KEY.upper(), KEY) if KEY not in path else "",
                    str(answer.headers),
                ]
        for body in ({}, {"token": "wrong"}, {"token": TOKEN}, {"strikes_each_side": 0}):
            for path in ("/api/v1/refresh/SPX", "/api/v1/session"):
                answer = gateway.post(path, body)
                said += [answer.text, str(answer.headers)]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    everything = "\n".join([*said, log.read_text()])
    assert len(said) > 100
    for secret in (KEY, TOKEN, PASSWORD):
        assert secret not in everything
