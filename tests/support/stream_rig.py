"""The parts of the event stream on a store, without a server: what its clients are sent is kept."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis

from marketswarm.clock import SystemClock
from marketswarm.outlets.gateway.audience import Audience
from marketswarm.outlets.gateway.client import Client, Desk
from marketswarm.outlets.gateway.event_stream import end_tasks
from marketswarm.outlets.gateway.figures import ClientCounts
from marketswarm.outlets.gateway.hub import Hub
from marketswarm.outlets.gateway.limits import Limits
from marketswarm.outlets.gateway.readings import Readings
from marketswarm.outlets.gateway.request import parse_request
from marketswarm.outlets.gateway.resume import Resume
from marketswarm.outlets.gateway.ring import Ring
from marketswarm.servers import connect_async
from tests.support.event_streams import SYMBOLS, Heard, Parser

_PATIENCE_S = 30.0


@dataclass
class Receiver:
    """Where a client's messages go. It takes none while `closed`."""

    body: bytes = b""
    ended: bool = False
    _open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._open.set()

    def close(self) -> None:
        """Take nothing more."""
        self._open.clear()

    def open(self) -> None:
        """Take what comes."""
        self._open.set()

    async def send(self, message: Any) -> None:
        """ASGI's send."""
        await self._open.wait()
        self.body += message["body"]
        self.ended = self.ended or not message["more_body"]

    @property
    def heard(self) -> list[Heard]:
        """Its events."""
        return Parser().feed(self.body)


class Rig:
    """All parts of one event stream."""

    def __init__(self, redis: "Redis", limits: Limits) -> None:
        self.limits = limits
        self.figures = ClientCounts()
        self.ring = Ring(limits.ring_frames, limits.ring_bytes, limits.slice_bytes)
        self.readings = Readings(redis, "test", "run1")
        clock = SystemClock()
        self.hub = Hub(self.readings, self.ring, clock, limits, self.figures)
        self.resume = Resume(self.readings, limits, self.figures)
        self.desk = Desk(self.hub, self.ring, self.resume, clock, limits, self.figures, lambda: 0.5)
        self.audience = Audience(limits)

    async def serve(self, query: str, receiver: Receiver, known: "asyncio.Future[Client]") -> bool:
        """One client until it is dropped; `known` gives it."""
        request = parse_request(query.encode(), [], SYMBOLS)
        client = Client(self.desk, request, receiver.send, "here")
        self.audience.enter(client)
        known.set_result(client)
        try:
            return await client.serve()
        finally:
            self.audience.leave(client)

    async def client(
        self, query: str = "", receiver: Receiver | None = None
    ) -> tuple[Client, Receiver, "asyncio.Task[bool]"]:
        """A client in a task of its own."""
        receiver = receiver or Receiver()
        known: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self.serve(query, receiver, known))
        return await known, receiver, task


@asynccontextmanager
async def rig(url: str, **limits: Any) -> AsyncIterator[Rig]:
    """The parts; nothing runs."""
    redis = connect_async(url)
    try:
        yield Rig(redis, Limits(**limits))
    finally:
        await redis.aclose()


@asynccontextmanager
async def running_rig(url: str, **limits: Any) -> AsyncIterator[Rig]:
    """The parts, and a hub that reads."""
    async with rig(url, **limits) as made:
        tasks = [asyncio.create_task(made.hub.run()), asyncio.create_task(made.hub.beat())]
        try:
            await made.hub.caught_up()
            yield made
        finally:
            await end_tasks(tasks)


async def until(holds: Callable[[], Any]) -> None:
    """Let others work until something is so."""
    async with asyncio.timeout(_PATIENCE_S):
        while not holds():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.005)


def run(work: Callable[[], Awaitable[None]]) -> None:
    """A test's own coroutine in a loop of its own."""
    asyncio.run(_awaited(work))


async def _awaited(work: Callable[[], Awaitable[None]]) -> None:
    await work()
