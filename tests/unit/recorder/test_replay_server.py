"""A recording on the vendor's wire; the official client tries it in tests/wire/test_replay_official_client.py."""

import json
from contextlib import contextmanager

import pytest
import requests
from websockets.sync.client import connect

from marketswarm.errors import SupervisorError
from marketswarm.recorder.replay_server import ReplayConfig
from tests.support.recordings import exchange, frame, frames, make_recording, quote
from tests.support.replay import running_replay


def ask(socket, action: str, parameters: str) -> list[dict]:
    """Send a message, and read the answer."""
    socket.send(json.dumps({"action": action, "params": parameters}))
    return json.loads(socket.recv(10))


@pytest.fixture
def folder(tmp_path):
    """Two quotes a tenth of a second apart, and two answers."""
    entries = [exchange(0, "/v3/a?x=1", {"n": 1}), frames(10, frame(quote(1.5, 10)))]
    entries += [exchange(60, "/v3/a?x=1", {"n": 2}), frames(110, frame(quote(2.5, 110)))]
    return make_recording(tmp_path / "recording", entries)


@contextmanager
def subscribed(base: str):
    """A client that holds the quotes of the contract."""
    with connect(f"{base}/options", proxy=None) as socket:
        assert json.loads(socket.recv(10))[0]["status"] == "connected"
        assert ask(socket, "auth", "any")[0]["status"] == "auth_success"
        assert ask(socket, "subscribe", "Q.O:SPXW261123C06800000")[0]["status"] == "success"
        yield socket


def test_frames_and_answers_come_at_their_pace(folder):
    """It begins with the first subscription, and the answers are those of the present moment."""
    with running_replay(folder, speed=1.0) as (server, ended):
        key = {"Authorization": "Bearer k"}
        assert requests.get(f"{server.rest}/v3/a?x=1", headers=key, timeout=10).json() == {"n": 1}
        with subscribed(server.ws) as socket:
            assert [json.loads(socket.recv(10))[0]["bp"] for _ in range(2)] == [1.5, 2.5]
        assert requests.get(f"{server.rest}/v3/a?x=1&apiKey=k", timeout=10).json() == {"n": 2}
        assert ended.wait(10)


def test_as_fast_as_it_is_read_nothing_is_left_out(tmp_path):
    """However many frames there are."""
    many = [frames(at, frame(quote(1 + at, at))) for at in range(3000)]
    folder = make_recording(tmp_path, many)
    with running_replay(folder, speed=None) as (server, _), subscribed(server.ws) as socket:
        assert [json.loads(socket.recv(10))[0]["bp"] for _ in range(3000)] == [1 + at for at in range(3000)]


def test_a_loop_begins_again(folder):
    """With the same frames."""
    with running_replay(folder, speed=50.0, loop=True) as (server, _), subscribed(server.ws) as socket:
        assert [json.loads(socket.recv(10))[0]["bp"] for _ in range(4)] == [1.5, 2.5, 1.5, 2.5]


def test_what_was_not_recorded_is_not_found(folder):
    """And without any key nothing is given."""
    with running_replay(folder, speed=1.0) as (server, _):
        assert requests.get(f"{server.rest}/v3/b?apiKey=k", timeout=10).status_code == 404
        assert requests.get(f"{server.rest}/options?apiKey=k", timeout=10).status_code == 404
        assert requests.get(f"{server.rest}/v3/a?x=1", timeout=10).status_code == 401


def test_a_port_that_is_taken_is_named(folder):
    """One clear line."""
    with running_replay(folder, speed=1.0) as (server, _):
        second = running_replay(folder, config=ReplayConfig(port=server.port))
        with pytest.raises(SupervisorError, match=f"cannot listen on 127.0.0.1:{server.port}"), second:
            pass
