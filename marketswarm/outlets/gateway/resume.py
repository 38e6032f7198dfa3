"""How a client that was away gets what it has missed: from the store, up to the place where it joins the ring."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import NamedTuple

from marketswarm import keys
from marketswarm.outlets.gateway.cursor import STREAMS, Cursor
from marketswarm.outlets.gateway.figures import ClientCounts
from marketswarm.outlets.gateway.frames import Told, frame_text, place_text, reset_text, told
from marketswarm.outlets.gateway.hub import read_chain
from marketswarm.outlets.gateway.limits import Limits
from marketswarm.outlets.gateway.readings import Entry, Readings
from marketswarm.outlets.gateway.ring import Wanted


class Piece(NamedTuple):
    """Some of what was missed, how many frames that is, and the place behind it."""

    data: bytes
    frames: int
    cursor: Cursor


class Resume:
    """Reads for clients that come back, a few at a time."""

    def __init__(self, readings: Readings, limits: Limits, figures: ClientCounts) -> None:
        self._readings = readings
        self._limits = limits
        self._figures = figures
        self._turn = asyncio.Semaphore(limits.readings)

    async def missed(self, wanted: Wanted, since: Cursor, join: Cursor) -> AsyncGenerator[Piece, None]:
        """What stands between two cursors, stream after stream; a stream whose place is gone is reset first.

        It ends at `join`, where the ring goes on.

        Raises:
            StoreUnavailable: go on from the last piece's cursor when the store is back.
        """
        if since.run != join.run:
            yield self._reset("store", [one for one in STREAMS if one in wanted.streams], join)
            return
        told_to = since
        for stream in STREAMS:
            if stream in wanted.streams:
                async with aclosing(self._stream(wanted, stream, since, join)) as pieces:
                    async for piece in pieces:
                        yield piece
                        told_to = piece.cursor
            since = since.at(stream, join.of(stream))
        if told_to != join:
            yield Piece(place_text(join.text), 0, join)

    # -- inside -------------------------------------------------------------

    async def _stream(
        self, wanted: Wanted, stream: str, since: Cursor, join: Cursor
    ) -> AsyncGenerator[Piece, None]:
        count = self._limits.feed_page if stream == keys.CHAIN_FEED else self._limits.page
        while since.of(stream) != join.of(stream):
            async with self._turn:
                page = await self._readings.page(stream, since.of(stream), join.of(stream), count)
                words = await self._words(wanted, page.entries)
            if page.lost:
                yield self._reset("trimmed", [stream], since.at(stream, join.of(stream)))
                return
            for piece in self._pieces(words, since):
                yield piece
            since = since.at(stream, page.entries[-1].place if page.more else join.of(stream))

    async def _words(self, wanted: Wanted, entries: list[Entry]) -> list[tuple[Entry, Told]]:
        """What is wanted of them. Of several entries of one chain only the last brings the chain: it is read now, not then."""
        said = [
            (entry, words) for entry in entries if (words := told(entry.stream, entry.entry_id, entry.fields))
        ]
        said = [(entry, words) for entry, words in said if wanted.takes(words.stream, words.symbols)]
        if wanted.full:
            last = {
                entry.fields[b"key"]: at
                for at, (entry, _) in enumerate(said)
                if entry.stream == keys.CHAIN_FULL
            }
            for at in last.values():
                entry, words = said[at]
                said[at] = entry, await read_chain(self._readings, entry) or words
        return said

    def _pieces(self, said: list[tuple[Entry, Told]], since: Cursor) -> list[Piece]:
        pieces: list[Piece] = []
        parts: list[bytes] = []
        size = 0
        for entry, words in said:
            since = since.at(entry.stream, entry.place)
            parts.append(frame_text(words, since.text))
            size += len(parts[-1])
            if size >= self._limits.slice_bytes:
                pieces.append(Piece(b"".join(parts), len(parts), since))
                parts, size = [], 0
        if parts:
            pieces.append(Piece(b"".join(parts), len(parts), since))
        return pieces

    def _reset(self, reason: str, streams: list[str], cursor: Cursor) -> Piece:
        self._figures.resets[reason] += 1
        return Piece(reset_text(reason, streams) + place_text(cursor.text), 1, cursor)
