"""Clients that come back: nothing is missing, nothing comes twice, and what is lost is said to be lost."""

import random
import threading
from typing import Self

import pytest
from redis import Redis

from marketswarm import keys
from marketswarm.outlets.gateway.cursor import parse_cursor
from marketswarm.outlets.gateway.limits import Limits
from marketswarm.outlets.gateway.readings import ask_top, told_top
from tests.support.event_streams import STREAMS, Listener, Writer, numbers, served_stream
from tests.support.free_ports import free_port
from tests.support.valkey import running_valkey, server_binaries

_QUICK = Limits(heartbeat_s=0.2)


@pytest.fixture
def served(redis, valkey_url):
    """The event stream on an empty store."""
    with served_stream(valkey_url, limits=_QUICK) as served:
        yield served


def resets(client: Listener) -> list[dict]:
    """What was said to be lost."""
    return [one.data for one in client.heard if one.event == "reset"]


def left_at(port: int) -> str:
    """The place of a client that came and went."""
    with Listener(port).joined() as client:
        return client.parser.last_id


def test_what_was_missed_is_told(redis, served):
    """A client that was away for 3,000 entries is told all of them, each once, those of a stream in order."""
    writer = Writer(redis)
    last_id = left_at(served.port)
    for stream in STREAMS:
        writer.write_many(stream, 600)
    with Listener(served.port, last_id=last_id) as client:
        client.until(lambda _: len(client.entries()) >= 3_000)
        writer.write(keys.TIMESERIES)
        client.until(lambda _: len(client.entries()) >= 3_001)
    for stream in STREAMS:
        assert numbers(client.entries(stream)) == list(range(1, 601 + (stream == keys.TIMESERIES)))
    assert not resets(client)


class Busy:
    """Writes into all streams from a thread of its own, in small bursts, until told to stop."""

    def __init__(self, redis: Redis) -> None:
        self.writer = Writer(redis)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._write)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _write(self) -> None:
        chance = random.Random(5)
        while not self._over.wait(0.003):
            self.writer.write_many(chance.choice(STREAMS), chance.randint(1, 6))


def test_reconnects_while_others_write(redis, served):
    """Over twenty reconnects under writes to all streams nothing is missing, nothing double, each stream in order."""
    told: dict[str, list[int]] = {stream: [] for stream in STREAMS}

    def keep(client: Listener) -> str:
        for stream in STREAMS:
            told[stream] += numbers(client.entries(stream))
        return client.parser.last_id

    with Busy(redis) as busy:
        with Listener(served.port).joined() as client:
            begun = parse_cursor(client.parser.last_id, "id")
            client.until(lambda _: len(client.entries()) >= 20)
            last_id = keep(client)
        for _ in range(20):
            with Listener(served.port, last_id=last_id) as client:
                client.until(lambda _, client=client: len(client.entries()) >= 137)
                last_id = keep(client)
    with Listener(served.port, last_id=last_id) as client:
        marks = {stream: len(busy.writer.written[stream]) for stream in STREAMS}
        client.until(
            lambda _: all(
                (told[stream] + numbers(client.entries(stream)))[-1] == marks[stream] for stream in STREAMS
            )
        )
        keep(client)
    for stream in STREAMS:
        assert told[stream] == list(range(told[stream][0], marks[stream] + 1))
        assert told[stream][0] == len(redis.xrange(stream, "-", str(begun.of(stream)))) + 1
    assert sum(map(len, told.values())) > 2_500


def test_what_is_read_and_what_is_told_fit_together(redis, served):
    """Who reads the store and the streams' tops in one step, and follows from there, is told exactly what comes behind it."""
    with Busy(redis):
        for _ in range(20):
            with redis.pipeline() as pipe:
                ask_top(pipe, "unused")
                top = told_top(pipe.execute())
            known = len(redis.xrange(keys.CHAIN_FEED, "-", str(top.of(keys.CHAIN_FEED))))
            with Listener(served.port, f"?streams=sse:chain-feed&since={top.text}") as client:
                assert client.wait_for(keys.CHAIN_FEED).data["seq"] == known + 1
                assert not resets(client)


def test_a_trimmed_place_is_reset_first(any_redis, any_server_url):
    """A stream that was trimmed beyond a client's place is reset before anything of it is told; the others go on."""
    writer = Writer(any_redis)
    for stream in STREAMS:
        writer.write(stream)
    with served_stream(any_server_url) as served:
        last_id = left_at(served.port)
        for stream in STREAMS:
            writer.write_many(stream, 50)
        any_redis.xtrim(keys.CHAIN_FEED, maxlen=10, approximate=False)
        with served_stream(any_server_url) as fresh, Listener(fresh.port, last_id=last_id) as client:
            client.until(lambda _: len(client.entries()) >= 200)
            writer.write(keys.CHAIN_FEED)
            assert client.wait_for(keys.CHAIN_FEED).data["seq"] == 52
            assert fresh.figures.resets == {"trimmed": 1}
    assert resets(client) == [{"reason": "trimmed", "streams": [keys.CHAIN_FEED]}]
    assert numbers(client.entries(keys.CHAIN_FEED)) == [52]
    assert numbers(client.entries(keys.VIGIL_EVENTS)) == list(range(2, 52))


def test_a_beginning_that_was_trimmed_is_reset(any_redis, any_server_url):
    """A client that came before a stream's first entry is reset when that one is gone; Redis 6.2 knows by the stream's bound."""
    with served_stream(any_server_url) as served:
        last_id = left_at(served.port)
    writer = Writer(any_redis)
    bound = keys.CHAIN_FULL_MAXLEN
    writer.write_many(keys.CHAIN_FULL, bound + 20)
    writer.write_many(keys.TIMESERIES, 20)
    any_redis.xtrim(keys.CHAIN_FULL, maxlen=bound, approximate=False)
    with served_stream(any_server_url) as served, Listener(served.port, last_id=last_id) as client:
        client.until(lambda _: len(client.entries()) >= 20 and resets(client))
    assert resets(client) == [{"reason": "trimmed", "streams": [keys.CHAIN_FULL]}]
    assert numbers(client.entries()) == list(range(1, 21))


def test_a_flushed_store_is_told(redis, served):
    """When the store is flushed, connected clients are reset, and then told what is written anew."""
    writer = Writer(redis)
    with Listener(served.port).joined() as client:
        writer.write(keys.TIMESERIES)
        client.wait_for(keys.TIMESERIES)
        redis.flushall()
        assert client.wait_for("reset").data == {"reason": "store", "streams": list(STREAMS)}
        writer.write(keys.TIMESERIES)
        assert client.wait_for(keys.TIMESERIES).data["seq"] == 2
    assert len(resets(client)) == 1


def test_a_flush_between_two_entries_is_told_between_them(redis, served):
    """What is written right behind a flush is never told before the reset."""
    writer = Writer(redis)
    with Listener(served.port).joined() as client:
        for _ in range(5):
            known = len(resets(client))
            with redis.pipeline() as pipe:
                pipe.flushall()
                pipe.xadd(keys.VIGIL_EVENTS, {"event": '{"symbol":"SPX","number":-1}'})
                pipe.execute()
            client.until(lambda _, known=known: len(resets(client)) > known)
            before = client.heard[
                : client.heard.index(next(one for one in reversed(client.heard) if one.event == "reset"))
            ]
            assert len([one for one in before if one.event == "reset"]) == known
            writer.write(keys.VIGIL_EVENTS)
            client.wait_for(keys.VIGIL_EVENTS)
    assert all(number > 0 for number in numbers(client.entries()))


def test_a_place_in_another_store_is_reset(redis, valkey_url):
    """A client that was away while the store was flushed is reset, though its streams have entries again."""
    writer = Writer(redis)
    writer.write(keys.TIMESERIES)
    with served_stream(valkey_url) as served:
        last_id = left_at(served.port)
    redis.flushall()
    writer.write_many(keys.TIMESERIES, 5)
    query = f"?streams=sse:timeseries&since={last_id}"
    with served_stream(valkey_url) as served, Listener(served.port, query) as client:
        assert client.wait_for("reset").data == {"reason": "store", "streams": [keys.TIMESERIES]}
        writer.write(keys.TIMESERIES)
        assert client.wait_for(keys.TIMESERIES).data["seq"] == 7


def test_a_restarted_gateway_goes_on(redis, valkey_url):
    """A client that comes back to a gateway that was started anew misses nothing."""
    writer, port = Writer(redis), free_port()
    with served_stream(valkey_url, port), Listener(port).joined() as client:
        writer.write_many(keys.VIGIL_EVENTS, 10)
        client.until(lambda _: len(client.entries()) >= 10)
    writer.write_many(keys.VIGIL_EVENTS, 300)
    with served_stream(valkey_url, port), Listener(port, last_id=client.parser.last_id) as again:
        again.until(lambda _: len(again.entries()) >= 300)
    assert numbers(client.entries()) + numbers(again.entries()) == list(range(1, 311))


def test_a_lost_connection_to_the_store_loses_nothing(redis, served):
    """When the gateway's connections to the store are cut, clients stay and are told everything, once."""
    writer = Writer(redis)
    with Listener(served.port).joined() as client:
        for _ in range(5):
            writer.write_many(keys.CHAIN_FEED, 20)
            redis.client_kill_filter(_type="normal", skipme=True)
            writer.write_many(keys.CHAIN_FEED, 20)
        client.until(lambda _: len(client.entries()) >= 200)
    assert numbers(client.entries()) == list(range(1, 201))
    assert not resets(client)


def test_a_store_that_comes_back_empty_is_told():
    """While the store is away clients hear heartbeats; when it is back without its streams they are reset and go on."""
    port = free_port()
    with served_on_restarting(port) as (served, restart), Listener(served.port).joined() as client:
        Writer(Redis(port=port)).write(keys.TIMESERIES)
        client.wait_for(keys.TIMESERIES)
        restart()
        client.wait_for("heartbeat")
        assert client.wait_for("reset").data["reason"] == "store"
        Writer(Redis(port=port)).write(keys.TIMESERIES)
        client.wait_for(keys.TIMESERIES)


def served_on_restarting(port: int):
    """The event stream, and a store that can be restarted."""
    from contextlib import ExitStack, contextmanager

    @contextmanager
    def made():
        with ExitStack() as outer:
            store = outer.enter_context(ExitStack())
            url = store.enter_context(running_valkey(server_binaries()["valkey"], port))
            served = outer.enter_context(served_stream(url, limits=_QUICK))

            def restart() -> None:
                store.pop_all().close()
                store.enter_context(running_valkey(server_binaries()["valkey"], port))

            yield served, restart

    return made()


def test_a_client_waits_for_a_store_that_is_not_there_yet():
    """A gateway that starts before its store holds its clients, with heartbeats, until it is there."""
    port = free_port()
    url = f"redis://127.0.0.1:{port}/0"
    with served_stream(url, limits=_QUICK) as served, Listener(served.port) as client:
        client.wait_for("heartbeat")
        with running_valkey(port=port):
            client.joined()
            Writer(Redis(port=port)).write(keys.VIGIL_EVENTS)
            assert client.wait_for(keys.VIGIL_EVENTS).data["number"] == 1
