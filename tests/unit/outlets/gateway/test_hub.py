"""The hub: one reading for all, which no failure ends."""

import json

from marketswarm import keys
from marketswarm.outlets.gateway.cursor import STREAMS, parse_place
from marketswarm.outlets.gateway.ring import EVERYBODY, Wanted
from tests.support.event_streams import Parser, Writer, numbers
from tests.support.stream_rig import Rig, rig, run, running_rig, until

EVERYTHING = Wanted(frozenset(STREAMS))
BEATS_NEVER = {"heartbeat_s": 600.0}


def ring_of(parts: Rig) -> list:
    """All events that stand in the ring."""
    return Parser().feed(parts.ring.join(EVERYTHING, parts.ring.tail).data)


def test_an_entry_stands_in_the_ring_once(redis, valkey_url):
    """Each entry is one frame, in the order of its stream, and the cursor of the last is the place behind all."""

    async def work() -> None:
        async with running_rig(valkey_url, **BEATS_NEVER) as parts:
            writer = Writer(redis)
            writer.write_many(keys.CHAIN_FEED, 30)
            last = writer.write(keys.VIGIL_EVENTS)
            await until(lambda: parts.ring.head == 31)
            told = ring_of(parts)
            assert numbers([one for one in told if one.event == keys.CHAIN_FEED]) == [*range(1, 31)]
            assert numbers([one for one in told if one.event == keys.VIGIL_EVENTS]) == [1]
            assert parts.hub.cursor.of(keys.VIGIL_EVENTS) == parse_place(last)
            assert parts.ring.position_of(parts.hub.cursor.text) == 31
            assert parts.figures.entries == {keys.CHAIN_FEED: 30, keys.VIGIL_EVENTS: 1}

    run(work)


def test_it_begins_at_the_top(redis, valkey_url):
    """What stood in the store before it came is not told to those who come without a place."""

    async def work() -> None:
        Writer(redis).write_many(keys.CHAIN_FEED, 30)
        async with running_rig(valkey_url, **BEATS_NEVER) as parts:
            assert parts.ring.head == 0
            assert parts.hub.cursor == await parts.readings.top()

    run(work)


def test_trimmed_behind_it(redis, valkey_url):
    """When a stream was cut off behind its place all are told that it is lost, and then what is left of it."""

    async def work() -> None:
        async with rig(valkey_url) as parts:
            writer = Writer(redis)
            for stream in (keys.CHAIN_FEED, keys.VIGIL_EVENTS, keys.CHAIN_FULL):
                writer.write(stream)
            await parts.hub._step()
            writer.write_many(keys.CHAIN_FEED, 30)
            writer.write_many(keys.VIGIL_EVENTS, 3)
            redis.xtrim(keys.CHAIN_FEED, maxlen=4, approximate=False)
            redis.delete(keys.CHAIN_FULL)
            await parts.hub._step()
            heard = ring_of(parts)
            lost = [one.data for one in heard if one.event == "reset"]
            assert lost == [
                {"reason": "trimmed", "streams": [stream]} for stream in (keys.CHAIN_FEED, keys.CHAIN_FULL)
            ]
            assert [one.event for one in heard[:2]] == ["reset", "reset"]
            assert numbers([one for one in heard if one.event == keys.CHAIN_FEED]) == [28, 29, 30, 31]
            assert numbers([one for one in heard if one.event == keys.VIGIL_EVENTS]) == [2, 3, 4]
            writer.write(keys.CHAIN_FULL)
            await parts.hub._step()
            assert len([one for one in ring_of(parts) if one.event == "reset"]) == 2
            assert ring_of(parts)[-1].event == keys.CHAIN_FULL

    run(work)


def test_more_than_one_reading_brings(redis, valkey_url):
    """A long backlog is read without a pause, and those who wait for all of it wait for the last reading."""

    async def work() -> None:
        async with running_rig(valkey_url, **BEATS_NEVER) as parts:
            Writer(redis).write_many(keys.VIGIL_EVENTS, 1_500)
            await parts.hub.caught_up()
            assert parts.ring.head == 1_500

    run(work)


def test_a_key_of_another_type_ends_nothing(redis, valkey_url):
    """While a stream's key is something else nothing is told; when it is gone, all goes on."""

    async def work() -> None:
        async with running_rig(valkey_url, **BEATS_NEVER) as parts:
            redis.set(keys.VIGIL_EVENTS, "no stream")
            await until(lambda: parts.figures.store_away)
            redis.delete(keys.VIGIL_EVENTS)
            Writer(redis).write(keys.VIGIL_EVENTS)
            await until(lambda: parts.ring.head)
            assert numbers(ring_of(parts)) == [1]

    run(work)


def test_chains_are_read_only_for_those_who_want_them(redis, valkey_url):
    """Without such a client no chain is read; with one it is read once for all of them."""

    async def work() -> None:
        redis.hset("chain:SPX:2026-11-23", "O:A", '{"v":1}')
        redis.hset("chainmeta:SPX:2026-11-23", mapping={"epoch": 1, "seq": 2})
        async with rig(valkey_url) as parts:
            writer = Writer(redis)
            await parts.hub._step()
            for wanted in (0, 2):
                parts.hub.full_wanted = wanted
                writer.write(keys.CHAIN_FULL)
                await parts.hub._step()
            first, second = (parts.ring._frames[at] for at in (0, 1))
            assert first.full is None
            assert json.loads(second.full.split(b"data: ")[1])["chain"] == {"O:A": {"v": 1}}
            assert redis.info("commandstats")["cmdstat_hgetall"]["calls"] == 1

    redis.config_resetstat()
    run(work)


def test_its_heart_beats(redis, valkey_url):
    """Heartbeats stand in the ring for everybody, and tell the place."""

    async def work() -> None:
        async with running_rig(valkey_url, heartbeat_s=0.02) as parts:
            known = parts.ring.head
            await until(lambda: parts.ring.head >= known + 3)
            beat = parts.ring._frames[parts.ring.head - 1]
            assert beat.stream == EVERYBODY
            (heard,) = Parser().feed(beat.text)
            assert (heard.event, heard.last_id) == ("heartbeat", parts.hub.cursor.text)

    run(work)
