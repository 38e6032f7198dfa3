"""HTTP matters of the simulator: keys, compression, addresses, ports, gates."""

import json
import re
import signal
import subprocess
import sys
import time

import pytest
import requests
from aiohttp import web

from marketswarm.errors import SupervisorError
from marketswarm.simulator.answers import Answer
from marketswarm.simulator.gate import OpenGate
from tests.support.raw_talk import RawTalk
from tests.support.simulator import running_simulator

CHAIN = "/v3/snapshot/options/SPY"


@pytest.fixture(scope="module")
def simulator():
    """SPY alone, any key."""
    with running_simulator(symbols=("SPY", "SPX")) as running:
        yield running


def test_keys(simulator):
    """The key comes as Bearer or as `apiKey`; without one the answer is 401."""
    url = simulator.rest + CHAIN
    assert requests.get(url, headers={"Authorization": "Bearer k"}, timeout=5).status_code == 200
    assert requests.get(url, params={"apiKey": "k"}, timeout=5).status_code == 200
    refused = requests.get(url, timeout=5)
    assert refused.status_code == 401
    assert refused.json()["error"] == "API Key was not provided"
    assert re.fullmatch(r"[0-9a-f]{32}", refused.json()["request_id"])


def test_gzip_when_asked(simulator):
    """Large answers are compressed for those who ask for it, and only for them."""
    url, key = simulator.rest + CHAIN + "?limit=100", {"Authorization": "Bearer k"}
    packed = requests.get(url, headers=key | {"Accept-Encoding": "gzip"}, timeout=5)
    plain = requests.get(url, headers=key | {"Accept-Encoding": "identity"}, timeout=5)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert len(packed.json()["results"]) == len(plain.json()["results"]) == 100


def test_index_prefix_raw_and_encoded(simulator):
    """`I:SPX` and `I%3ASPX` are the same underlying."""
    for name in ("I:SPX", "I%3ASPX"):
        url = f"{simulator.rest}/v3/snapshot/options/{name}"
        body = requests.get(url, headers={"Authorization": "Bearer k"}, timeout=5).json()
        assert body["results"][0]["underlying_asset"]["ticker"] == "I:SPX"


def test_next_url(simulator):
    """`next_url` is absolute, on the address that was asked, with a cursor and no key."""
    body = requests.get(f"{simulator.rest}{CHAIN}?limit=1&apiKey=secret", timeout=5).json()
    assert re.fullmatch(re.escape(simulator.rest + CHAIN) + r"\?cursor=[A-Za-z0-9_-]+", body["next_url"])


def test_public_base():
    """`next_url` is built on the public base where one is given."""
    with running_simulator(symbols=("SPY",), public_base="https://api.example.com/") as running:
        body = requests.get(f"{running.rest}{CHAIN}?limit=1&apiKey=k", timeout=5).json()
    assert body["next_url"].startswith(f"https://api.example.com{CHAIN}?cursor=")


def test_a_taken_port(simulator):
    """A port in use is one line that names it."""
    port = simulator.server.port
    taken = running_simulator(symbols=("SPY",), port=port)
    with pytest.raises(SupervisorError, match=rf"port {port} on 127\.0\.0\.1 is in use"), taken:
        pass


class Grumpy(OpenGate):
    """A gate that answers 503 in place of every answer, and swallows frames that hold quotes."""

    async def pass_answer(self, request: web.Request, answer: Answer) -> Answer:
        return Answer(503, b"<html>busy</html>", "text/html")

    def pass_frame(self, connection, frame: str) -> tuple[str, ...]:
        return () if '"ev":"Q"' in frame else (frame,)


def test_gates_see_everything():
    """Every answer and every frame passes the gate, which may change or swallow it."""
    with running_simulator(symbols=("SPY",), gate=Grumpy()) as running:
        answer = requests.get(running.rest + "/v1/marketstatus/now?apiKey=k", timeout=5)
        assert (answer.status_code, answer.text) == (503, "<html>busy</html>")
        with RawTalk(running.ws + "/stocks") as talk:
            talk.say("subscribe", "Q.SPY")
            talk.statuses(1)
            assert talk.events(0.5) == []


@pytest.mark.processes
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_command_stops_cleanly(end):
    """`marketswarm simulator --json` says where it listens in one line, and a signal ends it with 0."""
    command = [sys.executable, "-m", "marketswarm", "simulator", "--port", "0", "--symbols", "spy", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        bases = json.loads(process.stdout.readline())
        assert requests.get(bases["rest"] + CHAIN + "?apiKey=k", timeout=5).status_code == 200
        with RawTalk(bases["ws"] + "/options"):
            started = time.monotonic()
            process.send_signal(end)
            assert process.wait(20) == 0
            assert time.monotonic() - started < 15
