"""One WebSocket connection: a bounded queue of frames, and the ways in which a connection ends."""

import asyncio
import contextlib
import struct
from collections import deque
from collections.abc import Callable, Iterable
from socket import SO_LINGER, SOL_SOCKET

from aiohttp import WSCloseCode, web

from marketswarm.simulator.conversation import Conversation, Status, as_frame, slow_consumer

_LAST_WORD_S = 3.0
_NO_LINGER = struct.pack("ii", 1, 0)


class Connection:
    """Frames go into a queue and from there to the socket, so that one slow reader holds up nobody else.

    Args:
        pass_frame: what really goes out in place of a frame.
        limit_bytes: unsent bytes at which the reader counts as too slow.

    Attributes:
        transport: the raw connection beneath, for faults that no protocol has words for.
    """

    def __init__(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport,
        conversation: Conversation,
        pass_frame: Callable[["Connection", str], Iterable[str]],
        limit_bytes: int,
    ) -> None:
        self.socket, self.transport = socket, transport
        self.conversation = conversation
        self._pass_frame = pass_frame
        self._limit = limit_bytes
        self._frames: deque[str] = deque()
        self._unsent = 0
        self._filled = asyncio.Event()
        self._ending: tuple[int, bytes] | None = None
        self._dropping = False
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._heard = False

    @property
    def is_ending(self) -> bool:
        """Whether nothing but the last word will be sent any more."""
        return self._ending is not None or self._dropping

    @property
    def unsent_bytes(self) -> int:
        """What waits here and in the transport, which can be asked nothing once it is closed: not where it is one of TLS."""
        return self._unsent + (0 if self.transport.is_closing() else self.transport.get_write_buffer_size())

    def post(self, frame: str) -> None:
        """Queue what passes of a frame."""
        if not self.is_ending:
            self.deliver(self._pass_frame(self, frame))

    def deliver(self, frames: Iterable[str]) -> None:
        """Queue frames as they are; a reader that has left too much unread is told so and cut off."""
        if self.is_ending:
            return
        for frame in frames:
            self._queue(frame)
        if self.unsent_bytes > self._limit:
            switches = self.conversation.terms.switches
            self.end(slow_consumer(switches), switches.slow_consumer_code)

    def say(self, statuses: Iterable[Status]) -> None:
        """Queue statuses as one frame; nothing to say is silence."""
        if statuses := list(statuses):
            self.post(as_frame(statuses))

    def end(self, last: Status | None, code: int = WSCloseCode.POLICY_VIOLATION) -> None:
        """Send one last status in place of all that waits, then close with a close frame."""
        if self.is_ending:
            return
        self._frames.clear()
        self._unsent = 0
        if last is not None:
            self._queue(as_frame([last]))
        self._ending = (code, last["status"].encode() if last else b"")
        self._filled.set()
        asyncio.get_running_loop().call_later(_LAST_WORD_S, self.transport.abort)

    def close(self, code: int) -> None:
        """Send what waits, then close with a close frame."""
        self._ending = (code, b"")
        self._filled.set()

    def drop(self) -> None:
        """Send what waits, then drop the connection without a close frame."""
        self._dropping = True
        self._filled.set()

    def reset(self) -> None:
        """End the connection as a machine does that has lost it: at once, with a TCP reset."""
        inner = None if self.transport.is_closing() else self.transport.get_extra_info("socket")
        if inner is not None:
            inner.setsockopt(SOL_SOCKET, SO_LINGER, _NO_LINGER)
        self.transport.abort()

    def stall(self) -> None:
        """Neither read nor write any more, and do not say so."""
        self._flowing.clear()
        if not self.transport.is_closing():
            self.transport.pause_reading()

    def resume(self) -> None:
        """Go on where it stalled."""
        self._flowing.set()
        if not self.transport.is_closing():
            self.transport.resume_reading()

    def note_heard(self) -> None:
        """The client sent something: a message, a ping, an answer to ours."""
        self._heard = True

    async def ping(self, every_s: float) -> None:
        """Ping for as long as the client answers; one that has gone silent is dropped. While stalled, wait."""
        while True:
            await asyncio.sleep(every_s)
            await self._flowing.wait()
            self._heard = False
            with contextlib.suppress(ConnectionError):
                await self.socket.ping()
            await asyncio.sleep(every_s / 2)
            if self._flowing.is_set() and not self._heard:
                self.transport.abort()
                return

    async def pump(self) -> None:
        """Move frames to the socket until the connection ends."""
        try:
            while not (self.is_ending and not self._frames):
                await self._filled.wait()
                await self._empty()
            await self._finish()
        except ConnectionError:
            pass  # the client went first

    async def _empty(self) -> None:
        while self._frames:
            if not self._flowing.is_set():
                await self._flowing.wait()
                continue  # what waited may have gone meanwhile
            frame = self._frames.popleft()
            self._unsent -= len(frame)
            await self.socket.send_str(frame)
        self._filled.clear()

    async def _finish(self) -> None:
        if self._dropping:
            self.transport.close()
        elif self._ending is not None:
            code, reason = self._ending
            await self.socket.close(code=code, message=reason)

    def _queue(self, frame: str) -> None:
        self._frames.append(frame)
        self._unsent += len(frame)
        self._filled.set()
