"""Each fault of connections and conversations on the wire, as a bare client meets it."""

import json
import ssl

import pytest
import requests
import websocket

from tests.support.faulty_wire import CHAIN, ask, begin, end, ending, fault, raw_connection, subscribed
from tests.support.raw_talk import RawTalk
from tests.support.simulator import running_simulator

# -- connections --------------------------------------------------------------------


@pytest.mark.parametrize("code", [1000, 1001, 1008, 1009, 1011])
def test_close_codes(simulator, code):
    """A close frame with that code, and no word before it."""
    with RawTalk(simulator.ws + "/options", f"close-{code}") as talk:
        begin(simulator, f"close-{code}")
        assert ending(talk) == ([], code)


@pytest.mark.parametrize("name", ["cut", "close-1006"])
def test_ends_without_a_close_frame(simulator, name):
    """TCP ends, and no close frame was sent."""
    with RawTalk(simulator.ws + "/options", name) as talk:
        begin(simulator, name)
        assert ending(talk) == ([], None)


@pytest.mark.parametrize(("name", "word"), [("evict", "max_connections"), ("slow-consumer", "slow_consumer")])
def test_ends_with_a_word(simulator, name, word):
    """The last status says why, then 1008."""
    with RawTalk(simulator.ws + "/options", name) as talk:
        begin(simulator, name)
        (said,), code = ending(talk)
    assert json.loads(said)[0]["status"] == word
    assert code == 1008


# -- the port --------------------------------------------------------------------------


def test_refused_handshakes(simulator):
    """What stands is hung up, new handshakes get the error, REST goes on."""
    with RawTalk(simulator.ws + "/options", "refuse") as talk, fault(simulator, "refuse:status=502"):
        assert ending(talk) == ([], None)
        with pytest.raises(websocket.WebSocketBadStatusException, match="502"):
            RawTalk(simulator.ws + "/options")
        assert ask(simulator, CHAIN).status_code == 200
    RawTalk(simulator.ws + "/options", "refuse").socket.close()


def test_a_shut_port(simulator):
    """Nobody listens: TCP is refused, for REST as well; afterwards the same port answers."""
    with RawTalk(simulator.ws + "/options", "shut") as talk, fault(simulator, "refuse:how=tcp"):
        assert ending(talk) == ([], None)
        with pytest.raises(ConnectionRefusedError):
            RawTalk(simulator.ws + "/options")
        with pytest.raises(requests.ConnectionError):
            ask(simulator, CHAIN)
    assert ask(simulator, CHAIN).status_code == 200
    RawTalk(simulator.ws + "/options", "shut").socket.close()


def test_half_open(simulator, contracts):
    """A connection stands and says nothing, not even to a ping; a new one is taken and not answered; later both go on."""
    with subscribed(simulator, contracts, "half-open") as talk:
        with fault(simulator, "half-open"):
            talk.events(0.3)
            talk.socket.ping()
            assert talk.events(0.5) == []
            with raw_connection(simulator) as fresh:
                fresh.sendall(
                    b"GET /options HTTP/1.1\r\nHost: s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                )
                fresh.sendall(
                    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
                )
                fresh.settimeout(0.5)
                with pytest.raises(TimeoutError):
                    fresh.recv(1)
                end(simulator, "half-open")
                fresh.settimeout(5)
                assert fresh.recv(12) == b"HTTP/1.1 101"
        assert talk.events(5, enough=10)


def test_tls_failure(simulator):
    """Plain text is answered with a TLS alert, TLS with plain text."""
    with fault(simulator, "tls-failure"):
        with raw_connection(simulator) as plain:
            plain.sendall(b"GET /options HTTP/1.1\r\n\r\n")
            assert plain.recv(100) == bytes((0x15, 3, 1, 0, 2, 2, 70))
        with pytest.raises(ssl.SSLError), raw_connection(simulator) as secure:
            ssl.create_default_context().wrap_socket(secure, server_hostname="localhost")
        with pytest.raises((requests.ConnectionError, requests.exceptions.InvalidHeader)):
            ask(simulator, CHAIN)
    assert ask(simulator, CHAIN).status_code == 200


# -- conversations ----------------------------------------------------------------------


def test_every_key_is_refused(simulator):
    """auth_failed, and TCP ends without a close frame."""
    with fault(simulator, "auth-refused"):
        talk = RawTalk(simulator.ws + "/options", key=None)
        talk.say("auth", "any")
        said, code = ending(talk)
    assert [json.loads(frame)[0]["status"] for frame in said] == ["connected", "auth_failed"]
    assert code is None


def test_a_key_is_not_answered(simulator):
    """auth_timeout after the time that was set, closed with 1008."""
    with fault(simulator, "auth-timeout:after=200ms"):
        talk = RawTalk(simulator.ws + "/options", key=None)
        talk.say("auth", "any")
        said, code = ending(talk)
    assert [json.loads(frame)[0]["status"] for frame in said] == ["connected", "auth_timeout"]
    assert code == 1008


def test_a_key_of_a_delayed_plan(simulator, contracts):
    """The key is welcome, subscriptions bring neither confirmation nor data; later they do."""
    with fault(simulator, "delayed-silent"):
        talk = RawTalk(simulator.ws + "/options", "delayed")
        talk.say("subscribe", f"Q.{contracts[0]}")
        assert talk.events(0.5) == []
    with talk:
        talk.say("subscribe", f"Q.{contracts[0]}")
        assert talk.statuses(1) == [f"success: subscribed to: Q.{contracts[0]}"]


def test_missing_confirmations(simulator):
    """The same channels stay out however often they are asked for, and come once the fault has ended."""
    channels = [f"T.O:X{number}" for number in range(100)]
    with fault(simulator, "missing-acks:share=0.4"):
        talk = RawTalk(simulator.ws + "/options", "missing")
        talk.say("subscribe", ",".join(channels))
        confirmed = {event["message"].split()[-1] for event in talk.frame()}
        assert 30 < len(confirmed) < 90
        talk.say("subscribe", ",".join(channels))
        assert talk.events(0.3) == []
    with talk:
        talk.say("subscribe", ",".join(channels))
        assert {event["message"].split()[-1] for event in talk.frame()} == set(channels) - confirmed


def test_late_confirmations(simulator, contracts):
    """Data come before the confirmation of their channel, and the confirmation comes."""
    with fault(simulator, "late-acks:ms=1000"), RawTalk(simulator.ws + "/options", "late") as talk:
        talk.say("subscribe", ",".join(f"Q.{ticker}" for ticker in contracts))
        events = talk.events(3)
    kinds = [event["ev"] for event in events]
    assert kinds[0] == "Q"
    assert kinds.count("status") == len(contracts)


def test_mute(simulator, contracts):
    """Subscribed, and pings are answered, but no data come; afterwards they do."""
    with subscribed(simulator, contracts, "mute") as talk:
        with fault(simulator, "mute"):
            talk.events(0.2)
            assert talk.events(0.5) == []
            talk.socket.ping()
            assert talk.raw()[0] == websocket.ABNF.OPCODE_PONG
        assert talk.events(5, enough=10)


def test_a_stop_amid_a_dead_connection():
    """A connection that a fault has stalled still hears the farewell when the simulator stops."""
    with running_simulator(symbols=("SPY",)) as simulator:
        talk = RawTalk(simulator.ws + "/options")
        begin(simulator, "half-open")
    assert ending(talk) == ([], 1001)
