"""The simulator with TLS: whom it serves, and connections of TLS that are gone."""

import json
import signal
import subprocess
import sys

import pytest
import requests
import websocket

from tests.support.faulty_wire import CHAIN
from tests.support.simulator import running_simulator


@pytest.mark.processes
def test_the_command_with_tls(tmp_path):
    """The bases are those of TLS; who trusts the file's authority is served, pages and all, and nobody else is."""
    trusted = {"verify": str(tmp_path / "authority.pem"), "timeout": 5}
    command = [sys.executable, "-m", "marketswarm", "simulator", "--port", "0", "--json"]
    command += ["--tls", trusted["verify"]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            bases = json.loads(process.stdout.readline())
            page = requests.get(f"{bases['rest']}{CHAIN}?apiKey=k&limit=1", **trusted).json()
            with pytest.raises(requests.exceptions.SSLError):
                requests.get(bases["rest"] + CHAIN, timeout=5)
            secure = websocket.create_connection(
                f"{bases['ws']}/options", timeout=5, sslopt={"ca_certs": trusted["verify"]}
            )
            assert "connected" in secure.recv()
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=20)
    assert page["next_url"].startswith(f"{bases['rest']}/")
    assert bases["ws"].startswith("wss://127.0.0.1:")
    assert process.returncode == 0


def test_a_connection_of_tls_that_is_gone(tmp_path):
    """What is sent to it, and what a fault does to it, before its end is noticed stops nobody else's data."""
    authority = tmp_path / "authority.pem"
    with running_simulator(symbols=("SPY",), tls=authority) as simulator:
        secure = websocket.create_connection(
            simulator.ws + "/options", timeout=5, sslopt={"ca_certs": str(authority)}
        )
        assert "connected" in secure.recv()

        def lose() -> bool:
            (connection,) = simulator.server.connections()
            connection.transport.abort()
            connection.transport.close()
            connection.deliver(["[]"])
            connection.stall()
            connection.reset()
            return connection.transport.is_closing()

        assert simulator.call(lose)
        with pytest.raises((websocket.WebSocketConnectionClosedException, OSError)):
            secure.recv()
