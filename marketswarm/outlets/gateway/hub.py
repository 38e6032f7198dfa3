"""Reads all streams for all clients, once, and puts what they say into the ring."""

import asyncio
from collections.abc import Iterable
from typing import Final

import structlog

from marketswarm import keys
from marketswarm.clock import Clock
from marketswarm.outlets.gateway.bell import Bell
from marketswarm.outlets.gateway.cursor import BEGINNING, STREAMS, Cursor
from marketswarm.outlets.gateway.figures import ClientCounts
from marketswarm.outlets.gateway.frames import (
    Told,
    control_text,
    frame_text,
    place_text,
    reset_text,
    told,
    told_with_chain,
)
from marketswarm.outlets.gateway.limits import Limits
from marketswarm.outlets.gateway.readings import Entry, News, Readings
from marketswarm.outlets.gateway.ring import EVERYBODY, Frame, Ring

log = structlog.get_logger("marketswarm.gateway")

_COUNT: Final = 200  # entries of each stream that one reading brings
_BLOCK_MS: Final = 1_000  # a store that says nothing is asked for its name so often
_LONGEST_WAIT_S: Final = 2.0
_NOBODY: Final = frozenset[str]()


class Hub:
    """One reading of the store after the other; each becomes frames, and rings `bell`.

    Attributes:
        cursor: the place behind the ring's last frame; None before the store was reached for the first time.
        bell: rings when frames have come.
        read: rings when a reading is over, with or without them.
        full_wanted: how many clients want chains with `sse:chain-full`.
    """

    def __init__(
        self, readings: Readings, ring: Ring, clock: Clock, limits: Limits, figures: ClientCounts
    ) -> None:
        self._readings = readings
        self._ring = ring
        self._clock = clock
        self._limits = limits
        self._figures = figures
        self._begun = 0
        self._done = 0
        self._told_s = 0.0
        self.cursor: Cursor | None = None
        self.bell = Bell()
        self.read = Bell()
        self.full_wanted = 0

    async def run(self) -> None:
        """Read for ever. No failure ends it: all clients would be left without a word."""
        failures = 0
        while True:
            try:
                more = await self._step()
            except Exception as error:  # noqa: BLE001 - see above
                failures += 1
                self._away(error, failures)
                await asyncio.sleep(min(_LONGEST_WAIT_S, 0.05 * 2 ** min(failures, 10)))
            else:
                if failures:
                    log.info("store is back", tries=failures)
                failures = 0
                await asyncio.sleep(0 if more else self._pause_s())

    async def beat(self) -> None:
        """Tell everybody every `heartbeat_s` that the stream is alive.

        It moves a reader's place, so that one to whom nothing else is told does not fall behind what is kept.
        """
        while True:
            await asyncio.sleep(self._limits.heartbeat_s)
            mark = place_text(self.cursor.text) if self.cursor else b""
            self._append([Frame(EVERYBODY, _NOBODY, mark + self.heartbeat_text())])

    def heartbeat_text(self) -> bytes:
        """Says that the stream is alive."""
        return control_text("heartbeat", ts=self._clock.now_ms())

    async def caught_up(self) -> None:
        """Until all is read that stands in the store now: a reading that begins from now on is over, and left nothing."""
        wanted = self._begun + 1
        while self._done < wanted:
            await self.read.wait()

    # -- inside -------------------------------------------------------------

    async def _step(self) -> bool:
        """One reading; whether there is more to read at once."""
        self._begun += 1
        number = self._begun
        if self.cursor is None:
            self.cursor, more = await self._readings.top(), False
        else:
            news = await self._readings.news(self.cursor, _COUNT, _BLOCK_MS)
            more = await self._take(self.cursor, news)
        if not more:
            self._done = number
        self.read.ring()
        return more

    async def _take(self, cursor: Cursor, news: News) -> bool:
        if news.run != cursor.run:
            self.cursor = await self._readings.top()
            self._append([Frame(EVERYBODY, _NOBODY, reset_text("store", STREAMS))])
            log.warning("store was begun anew", run=self.cursor.run)
            return False
        if news.lost:
            cursor = await self._after_loss(cursor, news)
        frames, cursor = await self._framed(cursor, news.entries)
        resets = [
            Frame(stream, _NOBODY, reset_text("trimmed", [stream]))
            for stream in STREAMS
            if stream in news.lost
        ]
        self.cursor = cursor
        if resets or frames:
            self._append([*resets, *frames])
        return news.more

    async def _after_loss(self, cursor: Cursor, news: News) -> Cursor:
        """Places that are still there, for streams that were cut off behind ours and brought nothing."""
        log.warning("streams were trimmed before they were read", streams=sorted(news.lost))
        top = await self._readings.top()
        brought = {entry.stream for entry in news.entries}
        for stream in news.lost - brought:
            cursor = cursor.at(stream, top.of(stream) if top.run == cursor.run else BEGINNING)
        return cursor

    async def _framed(self, cursor: Cursor, entries: Iterable[Entry]) -> tuple[list[Frame], Cursor]:
        said = [(entry, told(entry.stream, entry.entry_id, entry.fields)) for entry in entries]
        chains = await self._chains(
            [entry for entry, words in said if words and entry.stream == keys.CHAIN_FULL]
        )
        # No await from here on until the frames are in the ring: whoever comes before that gets what was decided for them.
        frames: list[Frame] = []
        for entry, words in said:
            cursor = cursor.at(entry.stream, entry.place)
            self._figures.entries[entry.stream] += 1
            if words is None:
                self._figures.unreadable[entry.stream] += 1
                continue
            text, full = frame_text(words, cursor.text), chains.get(entry.entry_id)
            whole = frame_text(full, cursor.text) if full else None
            frames.append(Frame(entry.stream, words.symbols, text, cursor.text, whole))
        return frames, cursor

    async def _chains(self, entries: list[Entry]) -> dict[bytes, Told | None]:
        """The chains of entries of `sse:chain-full`, as they are now, if a client wants them by the time they are told."""
        found: dict[bytes, Told | None] = {}
        while self.full_wanted and len(found) < len(entries):
            entry = entries[len(found)]
            found[entry.entry_id] = await read_chain(self._readings, entry)
        return found

    def _pause_s(self) -> float:
        """What comes within a tick of what was told last is sent together; what comes after a silence, at once."""
        return max(0.0, self._told_s + self._limits.tick_s - self._clock.monotonic_s())

    def _append(self, frames: Iterable[Frame]) -> None:
        self._ring.append(frames)
        self._told_s = self._clock.monotonic_s()
        self.bell.ring()

    def _away(self, error: Exception, failures: int) -> None:
        self._figures.store_away += 1
        if failures == 1:
            log.warning("store cannot be read", error=str(error))


async def read_chain(readings: Readings, entry: Entry) -> Told | None:
    """An entry of `sse:chain-full` with its chain, and the chain's own epoch and seq; None when there is none."""
    symbol, expiration = (entry.fields[name].decode() for name in (b"symbol", b"expiration"))
    found = await readings.chain(symbol, expiration)
    if found is None:
        return None
    contracts, numbers = found
    return told_with_chain(entry.entry_id, {**entry.fields, **numbers}, contracts)
