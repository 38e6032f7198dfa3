"""A recording as a server that speaks the vendor's REST and WebSocket on one port."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from aiohttp import WSMsgType, web

from marketswarm.clock import Clock
from marketswarm.errors import SupervisorError
from marketswarm.recorder.answers import RecordedAnswers
from marketswarm.recorder.entries import Exchange, Frames
from marketswarm.recorder.pace import Pace
from marketswarm.recorder.recording import Recording
from marketswarm.recorder.talk import CLUSTERS, CONNECTED, Talk

_QUEUED: Final = 20_000  # frames that a client may leave unread
_LONGEST_MESSAGE: Final = 4_000_000
_PING_S: Final = 20.0
_CLOSE_WAIT_S: Final = 2.0
_NO_ROUTE: Final = b"404 page not found"
_NO_KEY: Final = b'{"status":"ERROR","error":"API Key was not provided"}'


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayConfig:
    """How a recording is served.

    Attributes:
        port: 0 takes a free one.
        speed: None is as fast as the clients read.
        from_us: the moment to begin with; None: where it starts.
        since_ms: when it began by the machine's wall clock; None: with the first subscription.
        loop: begin again at its end.
    """

    host: str = "127.0.0.1"
    port: int = 0
    speed: float | None = 1.0
    from_us: int | None = None
    since_ms: int | None = None
    loop: bool = False


class _Client:
    """One WebSocket connection."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.socket = socket
        self.talk = Talk()
        self.frames: asyncio.Queue[bytes] = asyncio.Queue(_QUEUED)

    async def pump(self) -> None:
        """Move frames to the socket until it is gone."""
        try:
            while True:
                await self.socket.send_str((await self.frames.get()).decode())
        except ConnectionError:
            pass  # the client went first


class ReplayServer:
    """One recording on one port. `start` and `stop` run in the same event loop.

    Args:
        on_end: told when the recording is over; the server stays, and is silent.
    """

    def __init__(
        self,
        recording: Recording,
        config: ReplayConfig,
        clock: Clock,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        self.port = config.port
        self._recording = recording
        self._config = config
        self._clock = clock
        self._on_end = on_end
        self._answers = RecordedAnswers()
        for entry in recording.entries():
            if isinstance(entry, Exchange):
                self._answers.add(entry)
        first_us = recording.start_us() if config.from_us is None else config.from_us
        self._pace = Pace(clock, config.speed, first_us)
        self._clients: set[_Client] = set()
        self._listening = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._playing: asyncio.Task[None] | None = None

    @property
    def rest(self) -> str:
        """Base of the REST routes."""
        return f"http://{self._config.host}:{self.port}"

    @property
    def ws(self) -> str:
        """Base of the WebSocket clusters."""
        return f"ws://{self._config.host}:{self.port}"

    async def start(self) -> None:
        """Listen.

        Raises:
            SupervisorError: when the address cannot be taken.
        """
        application = web.Application()
        for cluster in CLUSTERS:
            application.router.add_get(f"/{cluster}", self._converse)
        application.router.add_get("/{path:.*}", self._answer, allow_head=False)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._config.host, self._config.port).start()
        except OSError as error:
            await self._runner.cleanup()
            where = f"{self._config.host}:{self._config.port}"
            raise SupervisorError("replay", f"cannot listen on {where}: {error.strerror}") from error
        self.port = int(self._runner.addresses[0][1])
        self._playing = asyncio.create_task(self._play())

    async def finished(self) -> None:
        """Wait until playing fails; raises what went wrong."""
        if self._playing is not None:
            await self._playing
        await asyncio.Event().wait()

    async def stop(self) -> None:
        """Close every connection and the port."""
        if self._playing is not None:
            self._playing.cancel()
            await asyncio.gather(self._playing, return_exceptions=True)
        for client in list(self._clients):
            await client.socket.close(code=1001)
        if self._runner is not None:
            await self._runner.cleanup()

    # -- REST ---------------------------------------------------------------

    async def _answer(self, request: web.Request) -> web.Response:
        if not (request.headers.get("Authorization") or request.query.get("apiKey")):
            return web.Response(status=401, body=_NO_KEY, content_type="application/json")
        found = self._answers.find(request.raw_path, self._pace.now_us())
        if found is None:
            return web.Response(status=404, body=_NO_ROUTE, content_type="text/plain")
        return web.Response(status=found.status, body=found.body, content_type="application/json")

    # -- WebSocket ----------------------------------------------------------

    async def _converse(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(
            compress=False, heartbeat=_PING_S, timeout=_CLOSE_WAIT_S, max_msg_size=_LONGEST_MESSAGE
        )
        if not socket.can_prepare(request):
            return web.Response(status=404, body=_NO_ROUTE, content_type="text/plain")
        await socket.prepare(request)
        client = _Client(socket)
        self._clients.add(client)
        client.frames.put_nowait(CONNECTED)
        pump = asyncio.create_task(client.pump())
        try:
            await self._listen(client)
        finally:
            self._clients.discard(client)
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
        return socket

    async def _listen(self, client: _Client) -> None:
        async for message in client.socket:
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                continue
            answer = client.talk.hear(message.data)
            if answer is not None:
                await client.frames.put(answer)
            if client.talk.listens:
                self._listening.set()

    # -- playing ------------------------------------------------------------

    async def _play(self) -> None:
        while True:
            await self._begin()
            for at_us, raw in self._frames():
                await self._until(at_us)
                self._pace.reached_us = at_us
                await self._send(raw)
            if not self._config.loop:
                self._on_end()
                return
            await asyncio.sleep(0)

    async def _begin(self) -> None:
        since_ms = self._config.since_ms
        if since_ms is None:
            await self._listening.wait()
            self._pace.begin()
        else:
            self._pace.begin((self._clock.now_ms() - since_ms) / 1000)

    async def _until(self, at_us: int) -> None:
        wait_s = self._pace.wait_s(at_us)
        if wait_s > 0:
            await asyncio.sleep(wait_s)

    def _frames(self) -> Iterator[tuple[int, bytes]]:
        for entry in self._recording.entries():
            if isinstance(entry, Frames):
                for at_us, raw in entry.arrivals():
                    if at_us >= self._pace.first_us:
                        yield at_us, raw

    async def _send(self, raw: bytes) -> None:
        for client in list(self._clients):
            heard = client.talk.heard(raw)
            if heard is None or client not in self._clients:
                continue
            if self._config.speed is None:
                await client.frames.put(heard)
            elif client.frames.full():
                self._clients.discard(client)
                await client.socket.close(code=1008, message=b"slow_consumer")
            else:
                client.frames.put_nowait(heard)
        if self._config.speed is None:
            await asyncio.sleep(0)


async def serve(server: ReplayServer, announce: Callable[[str, str], None], stop: asyncio.Event) -> None:
    """Run it until `stop` is set; `announce` is given the REST and the WebSocket base.

    Raises:
        SupervisorError: when the address cannot be taken.
        RecordingError: when the recording is damaged.
    """
    await server.start()
    announce(server.rest, server.ws)
    waits = [asyncio.create_task(server.finished()), asyncio.create_task(stop.wait())]
    try:
        done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in waits:
            task.cancel()
        await server.stop()
