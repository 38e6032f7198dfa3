"""The server: requests know their connection, and the stream is closed before the server waits for its answers."""

import time

from marketswarm.outlets.gateway.serving import SeverableProtocol, gateway_config
from tests.support.event_streams import Listener, served_stream


def test_its_configuration():
    """Our protocol, and an end to waiting; uvicorn's own options go before ours."""
    config = gateway_config(lambda: None, port=0)
    assert config.http is SeverableProtocol
    assert config.timeout_graceful_shutdown == 3
    assert gateway_config(lambda: None, timeout_graceful_shutdown=9).timeout_graceful_shutdown == 9


def test_it_stops_with_clients_connected(redis, valkey_url):
    """A stop takes no longer for clients that would listen for ever, and none of them is cut without a word."""
    with served_stream(valkey_url) as served:
        clients = [Listener(served.port).joined() for _ in range(3)]
        began_s = time.monotonic()
        served.stop()
        assert time.monotonic() - began_s < 10
    for client in clients:
        client.until(lambda _: False)
        assert client.finished
