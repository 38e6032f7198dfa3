"""Coming back: what stands between a client's place and the ring."""

from marketswarm import keys
from marketswarm.outlets.gateway.cursor import STREAMS, Cursor
from marketswarm.outlets.gateway.ring import Wanted
from tests.support.event_streams import Heard, Parser, Writer, numbers
from tests.support.stream_rig import Rig, rig, run

EVERYTHING = Wanted(frozenset(STREAMS))


async def missed(parts: Rig, wanted: Wanted, since: Cursor, join: Cursor) -> tuple[list[Heard], str, int]:
    """All events, the last id, and how many frames were counted."""
    parser, heard, frames = Parser(), [], 0
    async for piece in parts.resume.missed(wanted, since, join):
        heard += parser.feed(piece.data)
        frames += piece.frames
        assert parser.last_id == piece.cursor.text
    return heard, parser.last_id, frames


def test_everything_between_two_places(redis, valkey_url):
    """Page after page of every stream, each entry once and in order; the place behind it is where the ring goes on."""

    async def work() -> None:
        async with rig(valkey_url, page=7, feed_page=3, slice_bytes=500) as parts:
            writer = Writer(redis)
            for stream in STREAMS:
                writer.write_many(stream, 4)
            since = await parts.readings.top()
            for stream in STREAMS:
                writer.write_many(stream, 20)
            join = await parts.readings.top()
            for stream in STREAMS:
                writer.write_many(stream, 5)
            heard, last_id, frames = await missed(parts, EVERYTHING, since, join)
            for stream in STREAMS:
                assert numbers([one for one in heard if one.event == stream]) == list(range(5, 25))
            assert last_id == join.text
            assert frames == len(heard) == 100

    run(work)


def test_any_place_on_the_way_is_one_to_come_back_to(redis, valkey_url):
    """Whoever is cut off in the middle goes on from the last id that it heard, and misses nothing."""

    async def work() -> None:
        async with rig(valkey_url, page=7, feed_page=3, slice_bytes=300) as parts:
            writer = Writer(redis)
            since = await parts.readings.top()
            for stream in STREAMS:
                writer.write_many(stream, 11)
            join = await parts.readings.top()
            told: list[Heard] = []
            while since != join:
                async for piece in parts.resume.missed(EVERYTHING, since, join):
                    told += Parser().feed(piece.data)
                    since = piece.cursor
                    break
            for stream in STREAMS:
                assert numbers([one for one in told if one.event == stream]) == list(range(1, 12))

    run(work)


def test_only_what_is_wanted(redis, valkey_url):
    """Other streams and symbols are passed over, and the place moves beyond them."""

    async def work() -> None:
        async with rig(valkey_url) as parts:
            writer = Writer(redis)
            since = await parts.readings.top()
            for symbol in ("SPX", "SPY", "SPX"):
                for stream in STREAMS:
                    writer.write(stream, symbol)
            join = await parts.readings.top()
            wanted = Wanted(frozenset({keys.VIGIL_EVENTS}), frozenset({"SPY"}))
            heard, last_id, _ = await missed(parts, wanted, since, join)
            assert [(one.event, one.data["number"]) for one in heard] == [(keys.VIGIL_EVENTS, 2)]
            assert last_id == join.text

    run(work)


def test_another_store(redis, valkey_url):
    """A place in another store is good for nothing: one reset of all that is wanted, and the place of the ring."""

    async def work() -> None:
        async with rig(valkey_url) as parts:
            Writer(redis).write_many(keys.VIGIL_EVENTS, 3)
            join = await parts.readings.top()
            wanted = Wanted(frozenset({keys.VIGIL_EVENTS, keys.TIMESERIES}))
            heard, last_id, _ = await missed(parts, wanted, Cursor("other"), join)
            assert [one.data for one in heard] == [
                {"reason": "store", "streams": [keys.TIMESERIES, keys.VIGIL_EVENTS]}
            ]
            assert last_id == join.text
            assert parts.figures.resets == {"store": 1}

    run(work)


def test_trimmed_while_it_is_read(redis, valkey_url):
    """A stream that is cut off between two pages is reset where it breaks."""

    async def work() -> None:
        async with rig(valkey_url, page=5) as parts:
            writer = Writer(redis)
            since = await parts.readings.top()
            writer.write_many(keys.VIGIL_EVENTS, 20)
            join = await parts.readings.top()
            heard = []
            async for piece in parts.resume.missed(EVERYTHING, since, join):
                heard += Parser().feed(piece.data)
                redis.xtrim(keys.VIGIL_EVENTS, maxlen=8, approximate=False)
            assert [one.event for one in heard] == [keys.VIGIL_EVENTS] * 5 + ["reset"]

    run(work)
