"""A served event stream in a thread of its own, a bare client of it, and entries as the stages write them."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from redis import Redis
from starlette.applications import Starlette
from starlette.routing import Route

from marketswarm import keys
from marketswarm.clock import SystemClock
from marketswarm.outlets.gateway.event_stream import EventStream
from marketswarm.outlets.gateway.limits import Limits
from marketswarm.outlets.gateway.serving import GatewayServer, gateway_config
from marketswarm.servers import connect_async

SYMBOLS = ("SPX", "SPY")
STREAMS = (keys.TIMESERIES, keys.CHAIN_FEED, keys.CHAIN_FULL, keys.VIGIL_EVENTS, keys.VEXY_MESSAGES)
_PATIENCE_S = 20.0


class ServedStream:
    """The event stream at a port, as the gateway serves it."""

    def __init__(self, redis_url: str, port: int = 0, limits: Limits | None = None) -> None:
        self._listener = socket.create_server(("127.0.0.1", port), backlog=2_048)
        self.port = int(self._listener.getsockname()[1])
        self._url = redis_url
        self._limits = limits
        self._started = threading.Event()
        self.stream: EventStream | None = None
        self._server: GatewayServer | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()
        assert self._started.wait(_PATIENCE_S)

    @property
    def figures(self) -> Any:
        """What it counts."""
        assert self.stream is not None
        return self.stream.figures

    def stop(self) -> None:
        """As a signal would."""
        assert self._server is not None
        self._server.should_exit = True
        self._thread.join(_PATIENCE_S)
        assert not self._thread.is_alive()

    async def _run(self) -> None:
        redis = connect_async(self._url)
        stream = EventStream(redis, self._url, SYMBOLS, SystemClock(), self._limits)

        @asynccontextmanager
        async def lifespan(_app: Starlette) -> AsyncIterator[None]:
            await stream.start()
            self._started.set()
            yield
            await stream.close()

        app = Starlette(routes=[Route("/sse", endpoint=stream)], lifespan=lifespan)
        self.stream = stream
        self._server = GatewayServer(gateway_config(app, log_level="warning"), stream)
        await self._server.serve(sockets=[self._listener])
        await redis.aclose()


@contextmanager
def served_stream(redis_url: str, port: int = 0, limits: Limits | None = None) -> Iterator[ServedStream]:
    """One for the time of the block."""
    served = ServedStream(redis_url, port, limits)
    try:
        yield served
    finally:
        served.stop()


@dataclass(slots=True)
class Heard:
    """One event of a client, as the standard's parser gives it."""

    event: str
    data: Any
    last_id: str


@dataclass(slots=True)
class Parser:
    """What a browser does with an event stream: chunks of HTTP, lines, events, the last id and the time to come back."""

    last_id: str = ""
    retry_ms: int | None = None
    _body: bytes = b""
    _event: dict[str, str] = field(default_factory=dict)

    def feed(self, body: bytes) -> list[Heard]:
        """Events that are whole."""
        *lines, self._body = (self._body + body).split(b"\n")
        return [heard for line in lines if (heard := self._line(line.decode()))]

    def _line(self, line: str) -> Heard | None:
        if line:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "id":
                self.last_id = value
            elif name == "retry":
                self.retry_ms = int(value)
            elif name in {"data", "event"}:
                self._event[name] = value
            return None
        event, self._event = self._event, {}
        if "data" not in event:
            return None
        return Heard(event.get("event", "message"), json.loads(event["data"]), self.last_id)


class Listener:
    """A client with a bare socket.

    Attributes:
        heard: all events.
        status: of the answer.
        ended: nothing more will come; `finished` when the server said so itself.
    """

    def __init__(
        self, port: int, query: str = "", *, last_id: str = "", receive_bytes: int | None = None
    ) -> None:
        self._socket = socket.socket()
        if receive_bytes:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self._socket.settimeout(_PATIENCE_S)
        self._socket.connect(("127.0.0.1", port))
        header = f"Last-Event-ID: {last_id}\r\n" if last_id else ""
        self._socket.sendall(f"GET /sse{query} HTTP/1.1\r\nHost: test\r\n{header}\r\n".encode())
        self._raw = b""
        self.parser = Parser(last_id)
        self.heard: list[Heard] = []
        self.ended = False
        self.finished = False
        self._read_head()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Go away without a word."""
        self._socket.close()

    def until(self, enough: Callable[[list[Heard]], bool], timeout_s: float = _PATIENCE_S) -> list[Heard]:
        """Read until all that was heard is enough, or the answer has ended."""
        until_s = time.monotonic() + timeout_s
        while not enough(self.heard) and not self.ended:
            assert time.monotonic() < until_s, f"heard {len(self.heard)}, the last: {self.heard[-3:]}"
            self._read(max(0.01, until_s - time.monotonic()))
        return self.heard

    def joined(self) -> Self:
        """Read until it has a place: what is written from now on is heard."""
        while not self.parser.last_id:
            self._read(_PATIENCE_S)
        return self

    def wait_for(self, event: str) -> Heard:
        """The next event of that name that was not heard yet."""
        known = len(self.heard)
        self.until(lambda heard: any(one.event == event for one in heard[known:]))
        return next(one for one in self.heard[known:] if one.event == event)

    def entries(self, stream: str | None = None) -> list[Heard]:
        """What was heard of one stream, or of all."""
        return [one for one in self.heard if one.event in ([stream] if stream else STREAMS)]

    def _read_head(self) -> None:
        while b"\r\n\r\n" not in self._raw:
            data = self._socket.recv(65_536)
            assert data, self._raw
            self._raw += data
        head, self._raw = self._raw.split(b"\r\n\r\n", 1)
        status, *lines = head.decode().split("\r\n")
        self.status = int(status.split()[1])
        self.headers = dict(line.lower().split(": ", 1) for line in lines)
        if "content-length" in self.headers:
            while len(self._raw) < int(self.headers["content-length"]):
                self._raw += self._socket.recv(65_536)
        else:
            self._unwrap()

    def _read(self, timeout_s: float) -> None:
        self._socket.settimeout(timeout_s)
        try:
            data = self._socket.recv(262_144)
        except (TimeoutError, ConnectionResetError) as error:
            self.ended = isinstance(error, ConnectionResetError)
            return
        self.ended = self.ended or not data
        self._raw += data
        self._unwrap()

    def _unwrap(self) -> None:
        """Take the body out of whole chunks."""
        while (line := self._raw.find(b"\r\n")) >= 0:
            size = int(self._raw[:line], 16)
            if len(self._raw) < line + 2 + size + 2:
                return
            self.heard += self.parser.feed(self._raw[line + 2 : line + 2 + size])
            self._raw = self._raw[line + 2 + size + 2 :]
            self.finished = self.finished or size == 0
            self.ended = self.ended or self.finished

    @property
    def refusal(self) -> Any:
        """The JSON of an answer that is no stream."""
        return json.loads(self._raw)


class Writer:
    """Writes entries as the stages do, each with a number of its stream that grows by one."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self.written: dict[str, list[str]] = {stream: [] for stream in STREAMS}

    def write(self, stream: str, symbol: str = "SPX", **fields: Any) -> str:
        """One entry; its id."""
        number = len(self.written[stream]) + 1
        entry_id = self._redis.xadd(stream, {**fields_of(stream, symbol, number), **fields})
        self.written[stream].append(entry_id.decode())
        return self.written[stream][-1]

    def write_many(self, stream: str, count: int, symbol: str = "SPX") -> None:
        """So many in one go."""
        first = len(self.written[stream]) + 1
        with self._redis.pipeline(transaction=False) as pipe:
            for number in range(first, first + count):
                pipe.xadd(stream, fields_of(stream, symbol, number))
            self.written[stream] += [entry_id.decode() for entry_id in pipe.execute()]


def fields_of(stream: str, symbol: str, number: int) -> dict[str, Any]:
    """The fields of an entry."""
    if stream == keys.TIMESERIES:
        return {"ts": 10_000 * number, "symbol": symbol, "spot": "6801.5", "source": "sim", "seq": number}
    if stream in {keys.VIGIL_EVENTS, keys.VEXY_MESSAGES}:
        name = "event" if stream == keys.VIGIL_EVENTS else "message"
        whom = {"symbol": symbol} if name == "event" else {"symbols": [symbol]}
        return {name: json.dumps({"number": number, **whom})}
    chain = {"symbol": symbol, "expiration": "2026-11-23", "epoch": 1, "seq": number, "ts": number}
    if stream == keys.CHAIN_FULL:
        return {**chain, "key": keys.chain(symbol, "2026-11-23"), "contracts": 2, "reason": "manual"}
    return {**chain, "prev_seq": number - 1, "updates": '{"O:X":{"quote":{"bid":1.5}}}'}


def numbers(heard: list[Heard]) -> list[int]:
    """The numbers that the writer gave."""
    return [one.data["number"] if "number" in one.data else one.data["seq"] for one in heard]
