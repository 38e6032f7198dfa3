"""Connections: which servers will do, and what is said of those that will not."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from marketswarm.errors import ForeignServer, StoreUnavailable
from marketswarm.servers import check_server, connect, connect_async
from tests.support.free_ports import free_port


@contextmanager
def foreign_server(answer: bytes) -> Iterator[str]:
    """A server that gives every visitor the same answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    peer, _ = server.accept()
                except OSError:
                    return
                with peer:
                    peer.recv(1000)
                    peer.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        server.shutdown(socket.SHUT_RDWR)


def test_a_usable_server_is_named(redis):
    """The embedded server is Valkey and says its version."""
    assert check_server(redis, "here").startswith("Valkey ")


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"-NOAUTH Authentication required.\r\n" * 4,
        b"-ERR unknown command\r\n" * 4,
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"$5\r\nhello\r\n" * 4,
        b"+OK\r\n" * 4,
    ],
)
def test_a_foreign_server_is_refused(answer):
    """What is no Redis, or does not let us in, is named as such with its address."""
    with (
        foreign_server(answer) as url,
        pytest.raises(ForeignServer, match="the server at here cannot be used"),
    ):
        check_server(connect(url, timeout_s=0.5), "here")


def test_nobody_there_is_retryable():
    """An address where nobody listens is unavailable, not foreign."""
    with pytest.raises(StoreUnavailable, match="Redis at here is not reachable"):
        check_server(connect(f"redis://127.0.0.1:{free_port()}/0"), "here")


def test_a_server_that_hangs_is_waited_for_once():
    """A time-out is final: tried again for the command and for each connection in it, five seconds would be forty-six."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = connect(f"redis://127.0.0.1:{server.getsockname()[1]}/0", timeout_s=0.2)
        with pytest.raises(StoreUnavailable):
            check_server(client, "here")
        server.settimeout(0.5)
        tried = 0
        with suppress(TimeoutError):
            while server.accept():
                tried += 1
    assert tried == 1


def test_a_connection_for_an_event_loop(redis, valkey_url):
    """It gives bytes, as the other does, and waits for a call that blocks for less than its timeout."""

    async def read() -> object:
        client = connect_async(valkey_url, timeout_s=2.0)
        try:
            await client.set("a", "b")
            return await client.get("a"), await client.blpop(["none"], timeout=0.1)
        finally:
            await client.aclose()

    assert asyncio.run(read()) == (b"b", None)
