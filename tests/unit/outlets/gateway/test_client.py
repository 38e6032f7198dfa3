"""One client: it is served, behind, blocked, dropped, and leaves."""

import asyncio

from marketswarm import keys
from marketswarm.outlets.gateway.client import LEFT
from tests.support.event_streams import Parser, Writer, numbers
from tests.support.stream_rig import Receiver, run, running_rig, until

LARGE = '{"O:X":{"text":"' + "x" * 900 + '"}}'


def test_it_is_told_where_it_stands_first(redis, valkey_url):
    """The time to come back and its place, before anything happens."""

    async def work() -> None:
        async with running_rig(valkey_url, retry_ms=700) as parts:
            client, receiver, task = await parts.client()
            await until(lambda: b"id: " in receiver.body)
            parser = Parser()
            assert parser.feed(receiver.body) == []
            assert (parser.retry_ms, parser.last_id) == (700, parts.hub.cursor.text)
            client.drop(LEFT)
            assert await task

    run(work)


def test_who_left_is_told_nothing(redis, valkey_url):
    """A client whose connection is gone gets no last words, and is not counted as dropped."""

    async def work() -> None:
        async with running_rig(valkey_url) as parts:
            client, receiver, task = await parts.client()
            await until(lambda: receiver.body)
            receiver.close()
            client.drop(LEFT)
            client.drop("slow")
            assert await task
            assert not receiver.ended
            assert not parts.figures.dropped

    run(work)


def test_last_words(redis, valkey_url):
    """A client that is dropped hears why, and when to come back; its answer is ended."""

    async def work() -> None:
        async with running_rig(valkey_url, retry_ms=1_000) as parts:
            client, receiver, task = await parts.client()
            await until(lambda: receiver.body)
            client.drop("shutdown")
            assert await task
            parser = Parser()
            assert [one.data for one in parser.feed(receiver.body)] == [{"reason": "shutdown"}]
            assert parser.retry_ms == 1_750
            assert receiver.ended
            assert parts.figures.dropped == {"shutdown": 1}

    run(work)


def test_last_words_that_nobody_takes(redis, valkey_url):
    """A client that takes nothing is given up in time, and that is said."""

    async def work() -> None:
        async with running_rig(valkey_url, goodbye_s=0.05) as parts:
            client, receiver, task = await parts.client()
            await until(lambda: receiver.body)
            receiver.close()
            client.drop("slow")
            assert not await task

    run(work)


def test_it_is_blocked_while_it_takes_nothing(redis, valkey_url):
    """How long nothing was taken can be seen; when it is, the client is no longer blocked, and has missed nothing."""

    async def work() -> None:
        async with running_rig(valkey_url) as parts:
            client, receiver, _ = await parts.client()
            await until(lambda: receiver.body)
            receiver.close()
            Writer(redis).write_many(keys.CHAIN_FEED, 3)
            await until(lambda: client.blocked_since_s)
            receiver.open()
            await until(lambda: client.blocked_since_s is None)
            await until(lambda: numbers(receiver.heard) == [1, 2, 3])
            await until(lambda: parts.figures.frames == 3)

    run(work)


def test_it_is_reset_when_the_ring_has_gone_on(redis, valkey_url):
    """Further behind than the ring reaches, it hears that it lost something, and goes on at the ring's head without a gap."""

    async def work() -> None:
        async with running_rig(valkey_url, ring_frames=10) as parts:
            _, receiver, _ = await parts.client("streams=vigil:events,sse:chain-feed")
            await until(lambda: receiver.body)
            receiver.close()
            writer = Writer(redis)
            writer.write(keys.VIGIL_EVENTS)
            await until(lambda: parts.ring.head == 1)
            writer.write_many(keys.VIGIL_EVENTS, 30)
            await until(lambda: parts.ring.head == 31)
            receiver.open()
            await until(lambda: len(receiver.heard) == 2)
            writer.write(keys.VIGIL_EVENTS)
            await until(lambda: len(receiver.heard) == 3)
            first, reset, last = receiver.heard
            assert (first.data["number"], last.data["number"]) == (1, 32)
            assert reset.data == {"reason": "behind", "streams": [keys.CHAIN_FEED, keys.VIGIL_EVENTS]}
            assert parts.figures.resets == {"behind": 1}

    run(work)


def test_no_last_words_amid_a_frame(redis, valkey_url):
    """A frame that goes out in parts is not followed by words that would become part of it."""

    async def work() -> None:
        async with running_rig(valkey_url, slice_bytes=200, goodbye_s=5.0) as parts:
            receiver = Receiver()
            client, _, task = await parts.client("", receiver)
            await until(lambda: b"id: " in receiver.body)
            take = receiver.send

            async def send_first_part(message: dict) -> None:
                await take(message)
                if b"xxx" in message["body"]:
                    receiver.close()

            client._send = send_first_part
            Writer(redis).write(keys.CHAIN_FEED, updates=LARGE)
            await until(lambda: b"xxx" in receiver.body)
            await asyncio.sleep(0)
            client.drop("slow")
            receiver.open()
            assert await task
            assert b"bye" not in receiver.body
            assert receiver.heard == []

    run(work)


def test_a_place_that_is_newer_than_what_is_read(redis, valkey_url):
    """A client that comes with the place of an entry that the hub has not read yet is told what comes behind it, and not that."""

    async def work() -> None:
        async with running_rig(valkey_url, tick_s=0.2) as parts:
            writer = Writer(redis)
            for _ in range(5):
                writer.write_many(keys.VIGIL_EVENTS, 3)
                top = await parts.readings.top()
                _, receiver, _ = await parts.client(f"since={top.text}")
                number = len(writer.written[keys.VIGIL_EVENTS])
                writer.write(keys.VIGIL_EVENTS)
                await until(lambda receiver=receiver: receiver.heard)
                assert receiver.heard[0].data["number"] == number + 1

    run(work)


def test_a_place_that_never_was(redis, valkey_url):
    """A cursor of this store whose entries nobody wrote is reset, not waited for."""

    async def work() -> None:
        async with running_rig(valkey_url) as parts:
            Writer(redis).write(keys.VIGIL_EVENTS)
            future = parts.hub.cursor.at(keys.VIGIL_EVENTS, (2**50, 0))
            text = f"1.{future.run}....{2**50:x}."
            _, receiver, _ = await parts.client(f"streams=vigil:events&since={text}")
            await until(lambda: receiver.heard)
            assert receiver.heard[0].data == {"reason": "trimmed", "streams": [keys.VIGIL_EVENTS]}

    run(work)
