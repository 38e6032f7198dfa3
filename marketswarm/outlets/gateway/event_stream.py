"""The event stream's endpoint: one ASGI application that tells every client what the streams of the store say.

It is bare ASGI: what stands between it and a client for each frame decides how many clients one core serves.
"""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Collection, Iterable, MutableMapping
from random import SystemRandom
from typing import Any, Final

import msgspec
from redis.asyncio import Redis

from marketswarm.clock import Clock
from marketswarm.errors import BadArgument
from marketswarm.outlets.gateway.audience import Audience
from marketswarm.outlets.gateway.client import LEFT, Client, Desk
from marketswarm.outlets.gateway.figures import ClientCounts
from marketswarm.outlets.gateway.hub import Hub
from marketswarm.outlets.gateway.limits import Limits
from marketswarm.outlets.gateway.readings import Readings
from marketswarm.outlets.gateway.request import Request, parse_request
from marketswarm.outlets.gateway.resume import Resume
from marketswarm.outlets.gateway.ring import Ring

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

TRANSPORT: Final = "marketswarm.transport"
"""Where in a scope's `state` a server may put the connection, so that a client can be cut that reads nothing."""

_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
    (b"connection", b"close"),
]
_LOOK_S: Final = 0.5


class EventStream:
    """The application. `start` and `close` belong into the lifespan of whoever mounts it.

    Args:
        redis: makes the connections; one of them is held for the streams.
        address: of the store, for errors.
        symbols: those that can be asked for.

    Attributes:
        figures: what it counts.
    """

    def __init__(
        self,
        redis: "Redis",
        address: str,
        symbols: Collection[str],
        clock: Clock,
        limits: Limits | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._symbols = tuple(symbols)
        self._clock = clock
        self._counts = ClientCounts()
        self._ring = Ring(self._limits.ring_frames, self._limits.ring_bytes, self._limits.slice_bytes)
        readings = Readings(redis, address, new_run())
        self._hub = Hub(readings, self._ring, clock, self._limits, self._counts)
        resume = Resume(readings, self._limits, self._counts)
        self._desk = Desk(
            self._hub, self._ring, resume, clock, self._limits, self._counts, SystemRandom().random
        )
        self._audience = Audience(self._limits)
        self._tasks: list[asyncio.Task[None]] = []
        self._closing = False

    @property
    def figures(self) -> ClientCounts:
        """What it has counted, and how things stand now."""
        self._counts.clients = len(self._audience)
        self._counts.lag = self._audience.lag(self._ring.head)
        self._counts.ring_frames = self._ring.head - self._ring.tail
        self._counts.ring_bytes = self._ring.bytes
        return self._counts

    async def start(self) -> None:
        """Begin to read the store. It need not be there yet."""
        self._closing = False
        works = (self._hub.run(), self._hub.beat(), self._drop_blocked())
        self._tasks = [asyncio.create_task(work) for work in works]

    async def close(self, reason: str = "shutdown") -> None:
        """Say goodbye to all clients, wait until they have heard it, and stop reading. Again does nothing."""
        self._closing = True
        if leaving := self._audience.drop_all(reason):
            await asyncio.wait(leaving, timeout=self._limits.goodbye_s + _LOOK_S)
        await end_tasks(self._tasks)
        self._tasks = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["method"] != "GET":
            await _refuse(send, 405, "method-not-allowed", f"method is {scope['method']}; allowed: GET")
            return
        try:
            request = parse_request(scope["query_string"], scope["headers"], self._symbols)
        except BadArgument as error:
            await _refuse(send, 400, kind_of(error), str(error))
            return
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await self._serve(request, scope, receive, send)

    # -- inside -------------------------------------------------------------

    async def _serve(self, request: Request, scope: Scope, receive: Receive, send: Send) -> None:
        address = (scope.get("client") or ("",))[0]
        client = Client(self._desk, request, send, address)
        watch = asyncio.create_task(_watch(receive, client))
        try:
            if why_not := "shutdown" if self._closing else self._audience.why_not(address):
                ended = await client.say_goodbye(why_not)
            else:
                self._audience.enter(client)
                self._counts.entered += 1
                ended = await client.serve()
            if not ended:
                await _cut(scope, watch)
        finally:
            self._audience.leave(client)
            watch.cancel()

    async def _drop_blocked(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            self._audience.drop_blocked(self._clock.monotonic_s())


async def end_tasks(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel them until they are over: before Python 3.12 `wait_for`, under which a connection sends, can swallow a cancel."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=0.1)


def new_run() -> str:
    """A name for a store that has none."""
    return secrets.token_hex(4)


def kind_of(error: BadArgument) -> str:
    """An error's name as answers give it: `bad-argument`, `unknown-symbol`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", type(error).__name__).lower()


async def _watch(receive: Receive, client: Client) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    client.drop(LEFT)


async def _cut(scope: Scope, watch: asyncio.Task[None]) -> None:
    """End a connection whose other end takes nothing: what it was to be sent is thrown away."""
    transport = scope.get("state", {}).get(TRANSPORT)
    if transport is not None:
        transport.abort()
        await asyncio.wait({watch}, timeout=1.0)


async def _refuse(send: Send, status: int, kind: str, reason: str) -> None:
    body = msgspec.json.encode({"error": kind, "reason": reason})
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
    ]
    if status == 405:
        headers.append((b"allow", b"GET"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
