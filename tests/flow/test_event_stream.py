"""The event stream with a real store, a real server and bare sockets: what is told, to whom, and in what form."""

import json

import pytest

from marketswarm import keys
from marketswarm.outlets.gateway.limits import Limits
from tests.support.event_streams import STREAMS, Listener, Writer, numbers, served_stream
from tests.support.raw_requests import ask


@pytest.fixture
def served(redis, valkey_url):
    """The event stream on an empty store; its heart beats fast."""
    with served_stream(valkey_url, limits=Limits(heartbeat_s=0.1)) as served:
        yield served


def test_what_is_written_is_told(redis, served):
    """An entry of any stream becomes one event with the stream's name, its id and its fields."""
    writer = Writer(redis)
    with Listener(served.port).joined() as client:
        for stream in STREAMS:
            writer.write(stream)
        client.until(lambda _: len(client.entries()) >= 5)
        told = {one.event: one.data for one in client.entries()}
    assert set(told) == set(STREAMS)
    assert told[keys.TIMESERIES] == {
        "id": writer.written[keys.TIMESERIES][0],
        "ts": 10_000,
        "symbol": "SPX",
        "spot": 6801.5,
        "source": "sim",
        "seq": 1,
    }
    assert told[keys.CHAIN_FEED]["updates"] == {"O:X": {"quote": {"bid": 1.5}}}
    assert told[keys.CHAIN_FULL]["key"] == "chain:SPX:2026-11-23"
    assert told[keys.VIGIL_EVENTS] == {"number": 1, "symbol": "SPX"}
    assert told[keys.VEXY_MESSAGES] == {"number": 1, "symbols": ["SPX"]}


def test_it_is_an_event_stream(served):
    """The answer is of the type that browsers know, is kept by no cache, and says when to come back."""
    with Listener(served.port).joined() as client:
        assert client.status == 200
        assert client.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert client.headers["cache-control"] == "no-cache, no-transform"
        assert client.parser.retry_ms == 1_500


def test_only_what_is_wanted_is_told(redis, served):
    """A client is told of the streams and symbols that it names; what speaks of no symbol is told to all."""
    writer = Writer(redis)
    of_both = json.dumps({"number": 7, "symbols": ["SPX", "SPY"]})
    of_none = json.dumps({"number": 8, "symbols": []})
    with (
        Listener(served.port, "?streams=sse:timeseries,vexy:messages&symbols=spy").joined() as narrow,
        Listener(served.port).joined() as wide,
    ):
        for symbol in ("SPX", "SPY"):
            for stream in STREAMS:
                writer.write(stream, symbol)
        writer.write(keys.VEXY_MESSAGES, message=of_both)
        writer.write(keys.VEXY_MESSAGES, message=of_none)
        wide.until(lambda _: len(wide.entries()) >= 12)
        narrow.until(lambda _: len(narrow.entries()) >= 4)
    assert numbers(narrow.entries(keys.TIMESERIES)) == [2]
    assert numbers(narrow.entries(keys.VEXY_MESSAGES)) == [2, 7, 8]
    assert len(narrow.entries()) == 4


def test_what_cannot_be_read_is_passed_over(redis, served):
    """An entry that is not in its stream's shape is counted and not told; lines within stored JSON are joined."""
    writer = Writer(redis)
    with Listener(served.port).joined() as client:
        redis.xadd(keys.TIMESERIES, {"symbol": "SPX", "ts": 1, "spot": "much", "seq": 1})
        redis.xadd(keys.CHAIN_FEED, {"symbol": "SPX"})
        redis.xadd(keys.VIGIL_EVENTS, {"event": "{"})
        writer.write(keys.VIGIL_EVENTS, event='{\r\n "number": 3,\n "symbol": "SPX"}')
        client.until(lambda _: client.entries())
    assert [one.data for one in client.entries()] == [{"number": 3, "symbol": "SPX"}]
    assert served.figures.unreadable == {keys.TIMESERIES: 1, keys.CHAIN_FEED: 1, keys.VIGIL_EVENTS: 1}


def test_it_says_that_it_is_alive(redis, served):
    """Heartbeats come by themselves, bear no data of a stream, and move the place of a client to whom nothing else is told."""
    with Listener(served.port, "?streams=vigil:events").joined() as client:
        first = client.wait_for("heartbeat")
        Writer(redis).write(keys.TIMESERIES)
        client.until(lambda heard: heard[-1].last_id != first.last_id)
    assert set(first.data) == {"ts"}
    assert {one.event for one in client.heard} == {"heartbeat"}


def test_a_whole_chain_comes_to_those_who_ask(redis, served):
    """With `full=1` the entry of a complete chain brings the contracts, with the epoch and seq of the same moment."""
    redis.hset("chain:SPX:2026-11-23", mapping={"O:A": '{"v":1}', "O:B": '{"v":2}'})
    redis.hset("chainmeta:SPX:2026-11-23", mapping={"epoch": 4, "seq": 99})
    writer = Writer(redis)
    with (
        Listener(served.port, "?full=1").joined() as whole,
        Listener(served.port).joined() as plain,
    ):
        writer.write(keys.CHAIN_FULL)
        told = whole.wait_for(keys.CHAIN_FULL).data
        assert "chain" not in plain.wait_for(keys.CHAIN_FULL).data
    assert (told["epoch"], told["seq"]) == (4, 99)
    assert told["chain"] == {"O:A": {"v": 1}, "O:B": {"v": 2}}


def test_a_whole_chain_comes_to_those_who_come_back(redis, served):
    """Of several entries of one chain that were missed, the last brings it."""
    redis.hset("chain:SPX:2026-11-23", mapping={"O:A": '{"v":1}'})
    redis.hset("chainmeta:SPX:2026-11-23", mapping={"epoch": 4, "seq": 99})
    with Listener(served.port).joined() as client:
        last_id = client.parser.last_id
        Writer(redis).write_many(keys.CHAIN_FULL, 3)
        client.until(lambda _: len(client.entries()) >= 3)
    with Listener(served.port, f"?full=1&since={last_id}") as client:
        client.until(lambda _: len(client.entries()) >= 3)
    assert ["chain" in one.data for one in client.entries()] == [False, False, True]


def test_a_chain_that_is_gone_comes_without(redis, served):
    """An entry whose chain is stored no more is told as it is."""
    with Listener(served.port, "?full=1").joined() as client:
        Writer(redis).write(keys.CHAIN_FULL)
        assert "chain" not in client.wait_for(keys.CHAIN_FULL).data


@pytest.mark.parametrize(
    ("query", "kind", "named"),
    [
        ("?streams=sse:none", "bad-argument", "sse:timeseries"),
        ("?streams=", "bad-argument", "streams"),
        ("?symbols=ABC", "unknown-symbol", "SPX, SPY"),
        ("?full=yes", "bad-argument", "0, 1"),
        ("?since=yesterday", "bad-argument", "since is 'yesterday'"),
        ("?sybmols=SPX", "bad-argument", "sybmols"),
    ],
)
def test_what_cannot_be_is_refused(served, query, kind, named):
    """A wrong query is answered with 400 and a line that names it and what is allowed."""
    with Listener(served.port, query) as client:
        assert client.status == 400
        assert client.refusal["error"] == kind
        assert named in client.refusal["reason"]


def test_a_wrong_last_id_is_refused(served):
    """A `Last-Event-ID` that is no cursor is an error, not a fresh start."""
    with Listener(served.port, last_id="17-0") as client:
        assert client.status == 400
        assert "Last-Event-ID is '17-0'" in client.refusal["reason"]


def test_it_is_only_read(served):
    """Another method than GET is refused."""
    status, answer = ask(served.port, "POST", "/sse")
    assert (status, answer["error"]) == (405, "method-not-allowed")
