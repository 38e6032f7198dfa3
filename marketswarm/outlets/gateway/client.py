"""One client of the event stream: what it missed, then what comes, until it leaves or is told to go."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

from marketswarm.clock import Clock
from marketswarm.errors import StoreUnavailable
from marketswarm.outlets.gateway.cursor import STREAMS, Cursor
from marketswarm.outlets.gateway.figures import ClientCounts
from marketswarm.outlets.gateway.frames import control_text, place_text, reset_text, retry_text
from marketswarm.outlets.gateway.hub import Hub
from marketswarm.outlets.gateway.limits import Limits
from marketswarm.outlets.gateway.request import Request
from marketswarm.outlets.gateway.resume import Piece, Resume
from marketswarm.outlets.gateway.ring import Ring, Slice

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]

LEFT: Final = "left"
_TRY_AGAIN_S: Final = 0.25


@dataclass(frozen=True, slots=True)
class Desk:
    """What all clients share."""

    hub: Hub
    ring: Ring
    resume: Resume
    clock: Clock
    limits: Limits
    figures: ClientCounts
    random: Callable[[], float]


class Client:
    """Serves one request.

    Attributes:
        address: its host.
        task: in which it is served.
        blocked_since_s: since when it has not taken what it was sent; None while nothing waits for it.
        position: in the ring.
    """

    def __init__(self, desk: Desk, request: Request, send: Send, address: str) -> None:
        self._desk = desk
        self._request = request
        self._send = send
        self._reason = ""
        self._amid_frame = False
        self.address = address
        self.task = running_task()
        self.blocked_since_s: float | None = None
        self.position = desk.ring.head

    def drop(self, reason: str) -> None:
        """Let it go: the first reason counts."""
        if not self._reason:
            self._reason = reason
            self.task.cancel()

    async def serve(self) -> bool:
        """Until it is dropped; whether the answer was ended properly."""
        self._desk.hub.full_wanted += self._request.wanted.full
        try:
            await self._serve()
        except asyncio.CancelledError:
            if not self._reason:
                raise
            self.task.uncancel()
        finally:
            self._desk.hub.full_wanted -= self._request.wanted.full
        return self._reason == LEFT or await self.say_goodbye(self._reason)

    async def say_goodbye(self, reason: str) -> bool:
        """Its last words and the end of the answer; whether it took them in time."""
        self._reason = reason
        self._desk.figures.dropped[reason] += 1
        limits = self._desk.limits
        wait_ms = round(limits.retry_ms * (1 + 1.5 * self._desk.random()))
        words = retry_text(wait_ms) + control_text("bye", reason=reason)
        body = b"" if self._amid_frame else words
        try:
            async with asyncio.timeout(limits.goodbye_s):
                await self._send({"type": "http.response.body", "body": body, "more_body": False})
        except TimeoutError:
            return False
        return True

    # -- inside -------------------------------------------------------------

    async def _serve(self) -> None:
        await self._say(retry_text(self._desk.limits.retry_ms))
        self.position = await self._joined()
        ring, bell = self._desk.ring, self._desk.hub.bell
        view = ring.view(self._request.wanted)
        while not self._reason:
            found = view.read(self.position) or self._behind()
            self.position = found.position
            if found.data:
                await self._say(found)
            elif self.position == ring.head:
                await bell.wait()

    async def _joined(self) -> int:
        """The position in the ring from which on it is served, after all that it has missed."""
        hub, since = self._desk.hub, self._request.since
        while hub.cursor is None:
            await self._patiently(hub.caught_up)
        if since is None:
            position = self._desk.ring.head
            await self._say(place_text(hub.cursor.text))
            return position
        position = await self._resumed(since, hub)
        self._desk.figures.resumed += 1
        return position

    async def _resumed(self, since: Cursor, hub: Hub) -> int:
        ring, wanted = self._desk.ring, self._request.wanted
        if self._there(since) is None and not _is_behind(since, hub.cursor):
            await self._patiently(hub.caught_up)
        while (found := self._there(since)) is None:
            position, join = ring.head, hub.cursor
            assert join is not None
            try:
                async with aclosing(self._desk.resume.missed(wanted, since, join)) as pieces:
                    async for piece in pieces:
                        await self._say(piece)
                        since = piece.cursor
            except StoreUnavailable:
                await self._patiently(lambda: asyncio.sleep(_TRY_AGAIN_S))
                continue
            if position >= ring.tail:
                return position
            since = join
        return found

    def _there(self, since: Cursor) -> int | None:
        """Where the ring goes on from a cursor, if it can; chains stand in it only while somebody wants them."""
        return None if self._request.wanted.full else self._desk.ring.position_of(since.text)

    async def _patiently(self, until: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Wait for something, and say meanwhile that this takes a while."""
        waiting = asyncio.create_task(until())
        try:
            while not waiting.done():
                await asyncio.wait({waiting}, timeout=self._desk.limits.heartbeat_s)
                if not waiting.done():
                    await self._say(Slice(self._desk.hub.heartbeat_text(), 1, self.position))
        finally:
            waiting.cancel()

    def _behind(self) -> Slice:
        """The ring has lost what it was to get next: it goes on from where the ring is now."""
        cursor = self._desk.hub.cursor
        assert cursor is not None
        self._desk.figures.resets["behind"] += 1
        streams = [stream for stream in STREAMS if stream in self._request.wanted.streams]
        return Slice(reset_text("behind", streams) + place_text(cursor.text), 1, self._desk.ring.head)

    async def _say(self, words: Slice | Piece | bytes) -> None:
        """Send. Large data goes in parts, each of which waits until the one before it is mostly taken."""
        if self._reason:  # the cancel that came with it was swallowed by whoever was waiting then
            raise asyncio.CancelledError
        data, frames = (words, 0) if isinstance(words, bytes) else words[:2]
        most = 2 * self._desk.limits.slice_bytes
        self._amid_frame = len(data) > most
        for start in range(0, len(data), most):
            self.blocked_since_s = self._desk.clock.monotonic_s()
            part = data[start : start + most] if self._amid_frame else data
            await self._send({"type": "http.response.body", "body": part, "more_body": True})
        self._amid_frame = False
        self.blocked_since_s = None
        self._desk.figures.frames += frames
        self._desk.figures.bytes += len(data)


def running_task() -> asyncio.Task[Any]:
    """The task that asks."""
    task = asyncio.current_task()
    assert task is not None
    return task


def _is_behind(since: Cursor, cursor: Cursor | None) -> bool:
    """Whether all of a client's cursor is known here. One that came with a newer answer may be ahead for a moment."""
    return cursor is not None and since.run == cursor.run and not since.is_ahead_of(cursor)
