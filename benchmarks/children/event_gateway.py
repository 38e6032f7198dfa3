"""A gateway at a port of its own: ours, or the one that one would write first, a queue and a generator for each client.

Orders: `serve` one of the two; `figures`, what ours counts; `stop`.
"""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import uvicorn
from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from benchmarks.children.orders import serve_orders
from marketswarm import keys
from marketswarm.cli.gateway import desk_of
from marketswarm.outlets.gateway.event_stream import EventStream
from marketswarm.outlets.gateway.frames import frame_text, told
from marketswarm.outlets.gateway.limits import Limits
from marketswarm.outlets.gateway.listening import make_server
from marketswarm.servers import connect_async
from marketswarm.settings import Settings
from marketswarm.wiring import Swarm

_PATIENCE_S = 20.0
_BACKLOG = 8_192
_MANY = 100_000


class QueueStream:
    """What it is measured beside: each client has a queue, filled entry by entry, and Starlette streams out of it."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._queues: set[asyncio.Queue[bytes]] = set()

    async def read(self) -> None:
        """Every entry into every queue."""
        place = "$"
        while True:
            for _, rows in await self._redis.xread({keys.CHAIN_FEED: place}, block=1_000) or ():
                for entry_id, fields in rows:
                    place = entry_id
                    words = told(keys.CHAIN_FEED, entry_id, fields)
                    assert words is not None
                    frame = frame_text(words, entry_id.decode())
                    for queue in self._queues:
                        queue.put_nowait(frame)

    async def answer(self, _request: Request) -> StreamingResponse:
        """One client."""
        return StreamingResponse(self._frames(), media_type="text/event-stream")

    async def _frames(self) -> AsyncIterator[bytes]:
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        self._queues.add(queue)
        try:
            yield b"retry: 1500\n\n"
            while True:
                yield await queue.get()
        finally:
            self._queues.discard(queue)


class Gateway:
    """What the orders do."""

    def __init__(self) -> None:
        self._started = threading.Event()
        self._stream: EventStream | None = None
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def serve(self, kind: str, redis_url: str, blocked_s: float = 6.0) -> int:
        """Begin; gives the port."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
        run = (
            self._ring(redis_url, listener, blocked_s) if kind == "ring" else self._queue(redis_url, listener)
        )
        self._started.clear()
        self._thread = threading.Thread(target=asyncio.run, args=(run,), daemon=True)
        self._thread.start()
        assert self._started.wait(_PATIENCE_S)
        return int(listener.getsockname()[1])

    def figures(self) -> dict[str, Any]:
        """Clients, dropped ones by reason, resets."""
        assert self._stream is not None
        found = self._stream.figures
        return {"clients": found.clients, "dropped": dict(found.dropped), "resets": dict(found.resets)}

    def stop(self) -> None:
        """End."""
        assert self._server is not None
        assert self._thread is not None
        self._server.should_exit = True
        self._thread.join(_PATIENCE_S)

    async def _ring(self, redis_url: str, listener: socket.socket, blocked_s: float) -> None:
        limits = Limits(clients=_MANY, clients_per_address=_MANY, blocked_s=blocked_s, goodbye_s=1.0)
        given = {"MARKETSWARM_REDIS_URL": redis_url, "MARKETSWARM_SYMBOLS": "SPX"}
        desk = desk_of(Swarm(Settings.load(given=given)))
        self._stream = EventStream(connect_async(redis_url), redis_url, desk.symbols, desk.clock, limits)
        self._server = make_server(replace(desk, live=self._stream))
        self._started.set()  # connections wait in the backlog until it is there
        await self._server.serve(sockets=[listener])

    async def _queue(self, redis_url: str, listener: socket.socket) -> None:
        stream = QueueStream(connect_async(redis_url))

        @asynccontextmanager
        async def lifespan(_app: Starlette) -> AsyncIterator[None]:
            reading = asyncio.create_task(stream.read())
            self._started.set()
            yield
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading

        app = Starlette(routes=[Route("/sse", endpoint=stream.answer)], lifespan=lifespan)
        self._server = uvicorn.Server(
            uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1)
        )
        await self._server.serve(sockets=[listener])


def main() -> None:
    """Serve."""
    gateway = Gateway()
    serve_orders({"serve": gateway.serve, "figures": gateway.figures, "stop": gateway.stop})


if __name__ == "__main__":
    main()
