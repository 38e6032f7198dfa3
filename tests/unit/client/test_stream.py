"""The event stream over connections that break."""

import threading
from itertools import islice

import pytest

from marketswarm.client import Broken, Heartbeat, Patience, Reset, Tick, Untyped
from marketswarm.errors import AnswerNotUnderstood, BadArgument, GatewayRefused, GatewayUnavailable
from tests.support.gateway_documents import CURSOR, event_document, tick_document
from tests.support.page_site import wait_until
from tests.support.scripted_gateway import CUT, HOLD, Answer, frame
from tests.unit.client.conftest import QUICK


def tick(number):
    """A tick with the cursor behind it."""
    return frame("sse:timeseries", tick_document(number), f"c{number}")


def event(name, cursor):
    """An event by its id."""
    return frame("vigil:events", event_document(id=name), cursor)


def numbers(items):
    """Which ticks those are."""
    return [item.value.seq for item in items]


def test_it_begins_now(gateway, client):
    """Without a cursor it asks where the streams end, so that a first connection that breaks at once loses nothing."""
    gateway.script(CUT)
    gateway.script(tick(1), HOLD)
    with client.stream(patience=QUICK) as stream:
        assert numbers(islice(stream, 1)) == [1]
    assert [one.query["since"] for one in gateway.streams()] == [CURSOR, CURSOR]


def test_what_is_wanted_is_asked(gateway, client):
    """Streams, symbols in capitals, place, whole chains."""
    gateway.script(HOLD)
    client.stream(["vigil:events"], ["spx", "SPY"], "c9", full=True).close()
    assert gateway.streams()[0].query == {
        "streams": "vigil:events",
        "symbols": "SPX,SPY",
        "since": "c9",
        "full": "1",
    }


@pytest.mark.parametrize("end", [CUT, HOLD, b"0\r\n\r\n"], ids=["cut", "silent", "ended"])
def test_a_broken_connection_goes_on_where_it_was(gateway, client, end):
    """Cut, silent or ended: the next one begins behind what was given last."""
    gateway.script(tick(1), tick(2), end if isinstance(end, str) else CUT)
    gateway.script(tick(3), HOLD)
    with client.stream(since="c0", patience=Patience(silent_s=0.3, random=lambda: 0.01)) as stream:
        assert numbers(islice(stream, 3)) == [1, 2, 3]
        assert (stream.cursor, stream.reconnects) == ("c3", 1)
    assert [one.query["since"] for one in gateway.streams()] == ["c0", "c2"]


def test_half_a_frame_is_nothing(gateway, client):
    """What broke off within a frame comes again whole, and is given once."""
    gateway.script(tick(1), tick(2)[:40], CUT)
    gateway.script(tick(2), HOLD)
    with client.stream(since="c0", patience=QUICK) as stream:
        assert numbers(islice(stream, 2)) == [1, 2]
    assert gateway.streams()[1].query["since"] == "c1"


def test_nothing_is_given_twice(gateway, client):
    """Entries and events that a gateway repeats are passed over; the place goes on."""
    gateway.script(tick(1), event("a", "c2"), CUT)
    gateway.script(tick(1), event("a", "c2"), event("b", "c3"), HOLD)
    with client.stream(since="c0", patience=QUICK) as stream:
        given = [item.cursor for item in islice(stream, 3)]
    assert given == ["c1", "c2", "c3"]


def test_a_reset_is_an_item(gateway, client):
    """What was given before may come again from a stream that begins anew."""
    gateway.script(tick(1), frame("reset", {"reason": "store", "streams": ["sse:timeseries"]}), tick(1), HOLD)
    with client.stream(since="c0") as stream:
        values = [item.value for item in islice(stream, 3)]
    assert values[1] == Reset("store", ("sse:timeseries",))
    assert [type(value) for value in values] == [Tick, Reset, Tick]


def test_a_place_may_come_alone(gateway, client):
    """An id without data moves the place and is no item."""
    gateway.script(b"id: c5\n\n", tick(6), CUT)
    gateway.script(b"id: c7\n\n", CUT)
    gateway.script(tick(8), HOLD)
    with client.stream(since="c0", patience=QUICK) as stream:
        assert numbers(islice(stream, 2)) == [6, 8]
    assert [one.query["since"] for one in gateway.streams()] == ["c0", "c6", "c7"]


def test_signs_are_told_when_asked_for(gateway, client):
    """Heartbeats, and breaks with their reason and the wait."""
    gateway.script(
        frame("heartbeat", {"ts": 5}), b"retry: 40\n\n", frame("bye", {"reason": "shutdown"}), HOLD
    )
    gateway.script(tick(1), HOLD)
    with client.stream(since="c0", signs=True, patience=Patience(random=lambda: 1)) as stream:
        beat, broken, _ = (item.value for item in islice(stream, 3))
    assert beat == Heartbeat(5)
    assert isinstance(broken, Broken)
    assert "shutdown" in broken.error.reason
    assert broken.wait_s == 0.04


def test_a_gateway_that_is_away_is_waited_for(gateway, client):
    """5xx and 429 are tried again, with waits that grow."""
    gateway.script(tick(1), CUT)
    with client.stream(since="c0", signs=True, patience=QUICK) as stream:
        assert numbers(islice(stream, 1)) == [1]
        gateway.answer("/sse", Answer(503, {"error": "store", "reason": "away"}), Answer(429, {}))
        waits = [item.value.wait_s for item in islice(stream, 4)]
    assert waits == sorted(waits)
    assert len(set(waits)) == 4


def test_patience_ends(gateway, client):
    """When the gateway has been away for so long, that is raised."""
    gateway.script(tick(1), CUT)
    patience = Patience(away_s=0.1, random=lambda: 0.01)
    with client.stream(since="c0", patience=patience) as stream:
        gateway.answer("/sse", Answer(503, {"reason": "the store is away"}))
        with pytest.raises(GatewayUnavailable, match="the store is away"):
            list(stream)


def test_a_refusal_is_raised(gateway, client):
    """Also later: a gateway that does not know the symbol any more would say so again."""
    gateway.script(tick(1), CUT)
    gateway.answer("/sse")
    with client.stream(since="c0", patience=QUICK) as stream:
        gateway.answer("/sse", Answer(400, {"error": "bad-argument", "reason": "symbols is 'X'"}))
        with pytest.raises(GatewayRefused, match="symbols is 'X'"):
            list(stream)


def test_the_first_connection_must_succeed(gateway, client):
    """A wrong address is told at once, not waited for."""
    gateway.answer("/sse", Answer(503, {"reason": "away"}))
    with pytest.raises(GatewayUnavailable, match="away"):
        client.stream(since="c0")


def test_it_ends_after_so_long(gateway, client):
    """With the first thing that comes then."""
    gateway.script(tick(1), *[frame("heartbeat", {"ts": 5})] * 3)
    assert list(client.stream(since="c0", for_s=0)) == []


@pytest.mark.parametrize("data", ["5", "{", "[]"])
def test_what_is_no_object_is_named(gateway, client, data):
    """It is no answer of the gateway."""
    gateway.script(f"event: vigil:events\ndata: {data}\n\n".encode(), HOLD)
    with client.stream(since="c0") as stream, pytest.raises(AnswerNotUnderstood, match="vigil:events"):
        next(stream)


def test_what_is_not_known_does_not_end_it(gateway, client):
    """An event of a newer gateway is given as it came."""
    gateway.script(frame("vigil:events", {"id": "x", "type": "rumour"}, "c1"), tick(2), HOLD)
    with client.stream(since="c0") as stream:
        assert [type(item.value) for item in islice(stream, 2)] == [Untyped, Tick]


@pytest.mark.parametrize("wrong", [{"streams": ["events"]}, {"streams": "vigil:events"}, {"symbols": "SPX"}])
def test_wrong_use_is_told_at_once(client, wrong):
    """Before anything is asked, with what is allowed."""
    with pytest.raises(BadArgument, match="allowed"):
        client.stream(**wrong)


def test_closing_ends_it(gateway, client):
    """A stream that was closed gives nothing more."""
    gateway.script(tick(1), tick(2), HOLD)
    stream = client.stream(since="c0")
    next(stream)
    stream.close()
    assert list(stream) == []


def test_closing_in_another_thread_ends_who_waits(gateway, client):
    """It need not wait for the next heartbeat, and no thread and no connection is left."""
    gateway.script(tick(1), HOLD)
    stream, seen = client.stream(since="c0"), []
    reader = threading.Thread(target=lambda: seen.extend(stream))
    reader.start()
    wait_until("a reader", lambda: gateway.holding == 1)
    stream.close()
    reader.join(5)
    assert not reader.is_alive()
    assert len(seen) <= 1
    wait_until("a hang-up", lambda: gateway.holding == 0)


def test_a_stream_that_nobody_holds_any_more_hangs_up(gateway, client):
    """Also one that was left half way, or never begun: a notebook would use up the connections that an address may have."""
    gateway.script(tick(1), tick(2), HOLD)

    def first():
        for item in client.stream(since="c0"):
            wait_until("a connection", lambda: gateway.holding == 1)
            return item.value.seq
        return None

    assert first() == 1
    wait_until("a hang-up", lambda: gateway.holding == 0)
    gateway.script(tick(1), HOLD)
    stream = client.stream(since="c0")
    wait_until("a connection", lambda: gateway.holding == 1)
    del stream
    wait_until("a hang-up", lambda: gateway.holding == 0)
