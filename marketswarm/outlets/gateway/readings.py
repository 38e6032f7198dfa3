"""How the event stream reads the store. Every reading can tell whether entries were lost behind the place it goes on from."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from marketswarm import keys
from marketswarm.outlets.gateway.cursor import BEGINNING, STREAMS, Cursor, Place, parse_place, run_named
from marketswarm.reachable import store_reachable

BOUNDS: Final[Mapping[str, int]] = {
    keys.TIMESERIES: keys.TIMESERIES_MAXLEN,
    keys.CHAIN_FEED: keys.CHAIN_FEED_MAXLEN,
    keys.CHAIN_FULL: keys.CHAIN_FULL_MAXLEN,
    keys.VIGIL_EVENTS: keys.VIGIL_EVENTS_MAXLEN,
    keys.VEXY_MESSAGES: keys.VEXY_MESSAGES_MAXLEN,
}
"""Stream → how many entries it holds before it is trimmed."""


class Entry(NamedTuple):
    """An entry of a stream, as the store gives it."""

    stream: str
    place: Place
    entry_id: bytes
    fields: dict[bytes, bytes]


class News(NamedTuple):
    """What stood behind a cursor.

    Attributes:
        run: of the store.
        lost: streams of which entries behind the cursor may be gone, because the entry it names is.
        entries: in the order of their ids, those of one stream in its own order.
        more: whether there are more of them.
    """

    run: str
    lost: frozenset[str]
    entries: list[Entry]
    more: bool


class Page(NamedTuple):
    """Entries of one stream behind a place; `lost` when the place is gone, `more` when there are further ones."""

    entries: list[Entry]
    lost: bool
    more: bool


class Readings:
    """Reads. All of it raises StoreUnavailable when the store is away.

    Args:
        new_run: names a store that has no name yet.
    """

    def __init__(self, redis: "Redis", address: str, new_run: str) -> None:
        self._redis = redis
        self._address = address
        self._new_run = new_run

    async def top(self) -> Cursor:
        """The newest entries of all streams, read in one step."""
        async with self._asked(transaction=True) as pipe:
            ask_top(pipe, self._new_run)
            return told_top(await pipe.execute())

    async def news(self, cursor: Cursor, count: int, block_ms: int) -> News:
        """What stands behind a cursor, waiting for the first of it.

        The run and the places are looked at after the entries are read, on the same connection: whatever was flushed or trimmed
        before that is noticed, and nothing that came after it is told as if nothing had happened.
        """
        places: dict[Any, Any] = {
            stream: str(place) for stream, place in zip(STREAMS, cursor.places, strict=True)
        }
        async with self._asked(transaction=False) as pipe:
            pipe.xread(places, count=count, block=block_ms)
            pipe.get(keys.STREAMS_RUN)
            for stream, place in zip(STREAMS, cursor.places, strict=True):
                _ask_place(pipe, stream, place)
            answer, run, *found = await pipe.execute(raise_on_error=False)
            _raise_first(answer, run)
            lost = _lost(cursor, found)
        rows = _rows(answer)
        entries = [_entry(stream, row) for stream, some in rows.items() for row in some]
        entries.sort(key=lambda entry: entry.place)
        return News(
            run_named(run) if run else "",
            lost,
            entries,
            any(len(some) >= count for some in rows.values()),
        )

    async def page(self, stream: str, after: Place, upto: Place, count: int) -> Page:
        """What a stream holds behind one place and up to another.

        The place's own entry is read, too: when it is gone, those behind it may be.
        """
        if after == BEGINNING:
            return await self._first_page(stream, upto, count)
        async with self._asked(transaction=False) as pipe:
            pipe.xrange(stream, str(after), str(upto), count=count + 1)
            (rows,) = await pipe.execute()
        entries = [_entry(stream, row) for row in rows]
        if not entries or entries[0].place != after:
            return Page([], lost=True, more=False)
        return Page(entries[1:], lost=False, more=len(entries) > count)

    async def chain(
        self, symbol: str, expiration: str
    ) -> tuple[dict[bytes, bytes], dict[bytes, bytes]] | None:
        """Contracts of a chain, and `epoch` and `seq` of the same moment; None where none is stored."""
        async with self._asked(transaction=True) as pipe:
            pipe.hgetall(keys.chain(symbol, expiration))
            pipe.hmget(keys.chain_meta(symbol, expiration), "epoch", "seq")
            contracts, (epoch, seq) = await pipe.execute()
        return (contracts, {b"epoch": epoch, b"seq": seq}) if contracts and epoch and seq else None

    # -- inside -------------------------------------------------------------

    async def _first_page(self, stream: str, upto: Place, count: int) -> Page:
        async with self._asked(transaction=True) as pipe:
            _ask_place(pipe, stream, BEGINNING)
            pipe.xrange(stream, "-", str(upto), count=count)
            about, rows = await pipe.execute(raise_on_error=False)
            _raise_first(rows)
            lost = _place_lost(stream, BEGINNING, about)
        entries = [] if lost else [_entry(stream, row) for row in rows]
        return Page(entries, lost, more=len(entries) >= count)

    @asynccontextmanager
    async def _asked(self, *, transaction: bool) -> AsyncIterator[Any]:
        with store_reachable(self._address):
            async with self._redis.pipeline(transaction=transaction) as pipe:
                yield pipe


def ask_top(pipe: Any, new_run: str) -> None:
    """Ask for the newest entries of all streams, at the end of a pipeline: the place from which a reader of it goes on.

    Args:
        pipe: of `redis` or of `redis.asyncio`; one step (MULTI) with whatever else is read there.
        new_run: names the store if it has no name yet.
    """
    pipe.set(keys.STREAMS_RUN, new_run, nx=True)
    pipe.get(keys.STREAMS_RUN)
    for stream in STREAMS:
        pipe.xrevrange(stream, count=1)


def told_top(answers: list[Any]) -> Cursor:
    """The cursor out of what the pipeline answered; what was asked before `ask_top` may stand before it."""
    run, *newest = answers[-1 - len(STREAMS) :]
    return Cursor(run_named(run), tuple(parse_place(rows[0][0]) if rows else BEGINNING for rows in newest))


def _ask_place(pipe: Any, stream: str, place: Place) -> None:
    if place == BEGINNING:
        pipe.xinfo_stream(stream)
    else:
        pipe.xrange(stream, str(place), str(place), count=1)


def _lost(cursor: Cursor, answers: list[Any]) -> frozenset[str]:
    asked = zip(STREAMS, cursor.places, answers, strict=True)
    return frozenset(stream for stream, place, answer in asked if _place_lost(stream, place, answer))


def _place_lost(stream: str, place: Place, answer: Any) -> bool:
    """Whether entries behind a place may be gone: its own entry is; or, of the beginning, the stream was ever trimmed.

    Redis 6.2 does not count what was ever added; but a stream below its bound was never trimmed to it.
    """
    if isinstance(answer, ResponseError):
        if place == BEGINNING and "no such key" in str(answer):
            return False
        raise answer
    if place != BEGINNING:
        return not answer
    added = answer.get("entries-added")
    length = int(answer["length"])
    return int(added) > length if added is not None else length >= BOUNDS[stream]


def _raise_first(*answers: Any) -> None:
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer


def _rows(answer: Any) -> dict[str, list[tuple[bytes, dict[bytes, bytes]]]]:
    """Stream → its rows; the two protocols of the server nest them differently."""
    if not answer:
        return {}
    if isinstance(answer, dict):
        return {name.decode(): parts[0] for name, parts in answer.items()}
    return {name.decode(): rows for name, rows in answer}


def _entry(stream: str, row: tuple[bytes, dict[bytes, bytes] | None]) -> Entry:
    entry_id, fields = row
    return Entry(stream, parse_place(entry_id), entry_id, fields or {})
