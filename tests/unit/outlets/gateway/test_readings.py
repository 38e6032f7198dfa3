"""Reading the store: what is new, what was missed, and whether something is gone; on every kind of server."""

import pytest

from marketswarm import keys
from marketswarm.errors import StoreUnavailable
from marketswarm.outlets.gateway.cursor import BEGINNING, STREAMS, Cursor, Place
from marketswarm.outlets.gateway.readings import ask_top, told_top
from tests.support.event_streams import Writer
from tests.support.free_ports import free_port
from tests.support.stream_rig import rig, run


def test_the_top_of_an_empty_store(any_redis, any_server_url):
    """A store without a name is given one, once; streams that are not there are at their beginning."""

    async def work() -> None:
        async with rig(any_server_url) as parts:
            assert await parts.readings.top() == Cursor("run1")
            any_redis.set(keys.STREAMS_RUN, "other")
            assert (await parts.readings.top()).run == "other"

    run(work)


def test_the_top_in_one_step_with_other_things(any_redis):
    """A pipeline of whoever reads a chain gives the cursor that belongs to it."""
    Writer(any_redis).write(keys.VIGIL_EVENTS)
    with any_redis.pipeline() as pipe:
        pipe.hgetall("chain:SPX:2026-11-23")
        ask_top(pipe, "run2")
        cursor = told_top(pipe.execute())
    assert cursor.run == "run2"
    assert [cursor.of(stream) > BEGINNING for stream in STREAMS] == [False, False, False, True, False]


def test_news_come_in_order(any_redis, any_server_url):
    """Entries of all streams by their ids, with the store's name; nothing is lost, and more may follow."""

    async def work() -> None:
        async with rig(any_server_url) as parts:
            top, writer = await parts.readings.top(), Writer(any_redis)
            for stream in (*STREAMS, *STREAMS):
                writer.write(stream)
            news = await parts.readings.news(top, 100, 50)
            places = [entry.place for entry in news.entries]
            assert places == sorted(places)
            assert len(places) == 10
            assert (news.run, news.lost, news.more) == ("run1", frozenset(), False)
            assert (await parts.readings.news(top, 2, 50)).more
            reached = Cursor("run1", tuple(Place(2**60, 0) for _ in STREAMS))
            assert (await parts.readings.news(reached, 100, 20)).entries == []

    run(work)


def test_news_behind_a_place_that_is_gone(any_redis, any_server_url):
    """Of a stream whose entry at the cursor was trimmed away more may be lost; of the others nothing is."""

    async def work() -> None:
        async with rig(any_server_url) as parts:
            writer = Writer(any_redis)
            for stream in STREAMS:
                writer.write_many(stream, 5)
            top = await parts.readings.top()
            writer.write_many(keys.CHAIN_FEED, 5)
            any_redis.xtrim(keys.CHAIN_FEED, maxlen=2, approximate=False)
            any_redis.delete(keys.CHAIN_FULL)
            news = await parts.readings.news(top, 100, 50)
            assert news.lost == {keys.CHAIN_FEED, keys.CHAIN_FULL}
            assert len(news.entries) == 2
            any_redis.flushall()
            assert (await parts.readings.news(top, 100, 20)).run == ""

    run(work)


def test_pages_of_what_was_missed(any_redis, any_server_url):
    """Page after page up to a place, without the entry one comes from."""

    async def work() -> None:
        async with rig(any_server_url) as parts:
            Writer(any_redis).write_many(keys.TIMESERIES, 12)
            top = (await parts.readings.top()).of(keys.TIMESERIES)
            place, sizes = BEGINNING, []
            while place != top:
                page = await parts.readings.page(keys.TIMESERIES, place, top, 5)
                assert not page.lost
                sizes.append(len(page.entries))
                place = page.entries[-1].place
            assert sizes == [5, 5, 2]
            assert not page.more

    run(work)


def test_a_page_behind_a_place_that_is_gone(any_redis, any_server_url):
    """It says so and brings nothing: what it brought would hide what is missing."""

    async def work() -> None:
        async with rig(any_server_url) as parts:
            Writer(any_redis).write_many(keys.TIMESERIES, 12)
            place = (await parts.readings.top()).of(keys.TIMESERIES)
            Writer(any_redis).write_many(keys.TIMESERIES, 12)
            top = (await parts.readings.top()).of(keys.TIMESERIES)
            any_redis.xtrim(keys.TIMESERIES, maxlen=12, approximate=False)
            assert (await parts.readings.page(keys.TIMESERIES, place, top, 5)).lost
            never = Place(place.ms + 86_400_000, 0)
            assert (await parts.readings.page(keys.TIMESERIES, never, top, 5)).lost

    run(work)


def test_a_beginning_is_good_until_it_is_trimmed(any_redis, any_server_url):
    """From the beginning of a stream nothing is lost while the stream never was longer than it may be."""

    async def work() -> None:
        async with rig(any_server_url) as parts:
            bound = keys.CHAIN_FULL_MAXLEN
            Writer(any_redis).write_many(keys.CHAIN_FULL, bound - 1)
            top = (await parts.readings.top()).of(keys.CHAIN_FULL)
            assert not (await parts.readings.page(keys.CHAIN_FULL, BEGINNING, top, 5)).lost
            Writer(any_redis).write_many(keys.CHAIN_FULL, 2)
            any_redis.xtrim(keys.CHAIN_FULL, maxlen=bound, approximate=False)
            assert (await parts.readings.page(keys.CHAIN_FULL, BEGINNING, top, 5)).lost

    run(work)


def test_a_chain_with_its_numbers(any_redis, any_server_url):
    """Contracts, epoch and seq of one moment; none where a part is missing."""

    async def work() -> None:
        async with rig(any_server_url) as parts:
            assert await parts.readings.chain("SPX", "2026-11-23") is None
            any_redis.hset("chain:SPX:2026-11-23", "O:A", "{}")
            assert await parts.readings.chain("SPX", "2026-11-23") is None
            any_redis.hset("chainmeta:SPX:2026-11-23", mapping={"epoch": 1, "seq": 2})
            found = await parts.readings.chain("SPX", "2026-11-23")
            assert found == ({b"O:A": b"{}"}, {b"epoch": b"1", b"seq": b"2"})

    run(work)


def test_a_store_that_is_away():
    """It is the error that may be tried again, and names the store."""

    async def work() -> None:
        async with rig(f"redis://127.0.0.1:{free_port()}/0") as parts:
            with pytest.raises(StoreUnavailable, match="test"):
                await parts.readings.top()

    run(work)
