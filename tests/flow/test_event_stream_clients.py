"""Clients that cannot be served, or take nothing: they are told why, cost little, and hold nobody else up."""

import time

from marketswarm import keys
from marketswarm.outlets.gateway.limits import Limits
from tests.support.event_streams import Listener, Writer, numbers, served_stream

_LARGE = '{"O:X":{"text":"' + "x" * 20_000 + '"}}'
_SMALL_BUFFER = 4_096


def write_large(writer: Writer, count: int) -> None:
    """Entries that soon fill what the system keeps for a client that does not read."""
    for _ in range(count):
        writer.write(keys.CHAIN_FEED, updates=_LARGE)


def test_a_slow_client_is_told_to_go(redis, valkey_url):
    """A client that takes nothing for too long gets its last words when it reads again; others miss nothing meanwhile."""
    limits = Limits(blocked_s=0.5, goodbye_s=15.0)
    with (
        served_stream(valkey_url, limits=limits) as served,
        Listener(served.port, receive_bytes=_SMALL_BUFFER).joined() as slow,
        Listener(served.port).joined() as quick,
    ):
        writer = Writer(redis)
        for _ in range(25):
            write_large(writer, 20)
            quick.until(lambda _: len(quick.entries()) >= len(writer.written[keys.CHAIN_FEED]))
        wait_until(lambda: served.figures.dropped["slow"])
        slow.until(lambda _: False)
        assert slow.heard[-1].event == "bye"
        assert slow.heard[-1].data == {"reason": "slow"}
        assert numbers(quick.entries()) == list(range(1, 501))
        assert 0 < len(slow.entries()) < 500
        assert numbers(slow.entries()) == list(range(1, len(slow.entries()) + 1))


def test_a_client_that_never_reads_is_cut(redis, valkey_url):
    """A client that does not even take its last words is cut off; nothing of it is left."""
    limits = Limits(blocked_s=0.3, goodbye_s=0.3)
    with (
        served_stream(valkey_url, limits=limits) as served,
        Listener(served.port, receive_bytes=_SMALL_BUFFER).joined() as silent,
    ):
        writer = Writer(redis)
        for _ in range(25):
            write_large(writer, 20)
            time.sleep(0.02)
        wait_until(lambda: served.figures.dropped["slow"] and not served.figures.clients)
        silent.until(lambda _: False)
        assert not silent.finished
        assert silent.entries()
        assert silent.heard[-1].event == keys.CHAIN_FEED


def test_a_client_that_is_too_far_behind_is_reset(redis, valkey_url):
    """A client that reads again after the ring has gone on is reset, and goes on from there."""
    limits = Limits(ring_frames=40, blocked_s=60.0)
    with (
        served_stream(valkey_url, limits=limits) as served,
        Listener(served.port, receive_bytes=_SMALL_BUFFER).joined() as client,
        Listener(served.port).joined() as quick,
    ):
        writer = Writer(redis)
        for _ in range(25):
            write_large(writer, 20)
            quick.until(lambda _: len(quick.entries()) >= len(writer.written[keys.CHAIN_FEED]))
        lost = client.wait_for("reset").data
        assert lost["reason"] == "behind"
        assert keys.CHAIN_FEED in lost["streams"]
        before = len(client.entries())
        writer.write(keys.CHAIN_FEED)
        client.until(lambda _: client.entries()[-1].data["seq"] == 501)
        told = numbers(client.entries())
        assert told[:before] == list(range(1, before + 1))
        assert told[before:] == sorted(told[before:])
        assert not [one for one in quick.heard if one.event == "reset"]


def test_there_is_a_limit(valkey_url, redis):
    """One client more than there may be of one address, or in all, is told so and when to come back."""
    limits = Limits(clients=3, clients_per_address=2)
    with (
        served_stream(valkey_url, limits=limits) as served,
        Listener(served.port).joined() as first,
        Listener(served.port).joined(),
    ):
        with Listener(served.port) as third:
            third.until(lambda _: False)
        assert third.heard[-1].data == {"reason": "too-many-of-address"}
        assert third.parser.retry_ms >= 1_500
        first.close()
        wait_until(lambda: served.figures.clients == 1)
        Listener(served.port).joined().close()
        assert served.figures.dropped == {"too-many-of-address": 1}
    with served_stream(valkey_url, limits=Limits(clients=1)) as served, Listener(served.port).joined():
        with Listener(served.port) as second:
            second.until(lambda _: False)
        assert second.heard[-1].data == {"reason": "too-many"}


def test_a_server_that_stops_says_goodbye(redis, valkey_url):
    """Told to stop, the server ends every answer with a `bye`, and spreads the times at which clients come back."""
    with served_stream(valkey_url) as served:
        clients = [Listener(served.port).joined() for _ in range(8)]
    for client in clients:
        client.until(lambda _: False)
        assert client.heard[-1].event == "bye"
        assert client.heard[-1].data == {"reason": "shutdown"}
    waits = {client.parser.retry_ms for client in clients}
    assert len(waits) > 1
    assert all(1_500 <= wait <= 3_750 for wait in waits)


def test_who_leaves_is_counted_out(redis, valkey_url):
    """A client that goes away frees its place at once, whether anything is told or not."""
    with served_stream(valkey_url, limits=Limits(heartbeat_s=60.0)) as served:
        clients = [Listener(served.port).joined() for _ in range(5)]
        assert served.figures.clients == 5
        for client in clients:
            client.close()
        wait_until(lambda: served.figures.clients == 0)
        assert served.figures.entered == 5
        assert not served.figures.dropped


def wait_until(holds, timeout_s: float = 20.0) -> None:
    """Look until something is so."""
    until_s = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < until_s
        time.sleep(0.02)
