"""The simulator as a server: REST and WebSocket on one port."""

import asyncio
import errno
import gzip
import signal
from collections.abc import Awaitable, Callable
from typing import cast, get_args

from aiohttp import WSMsgType, web

from marketswarm.clock import Clock, SystemClock
from marketswarm.errors import SupervisorError
from marketswarm.maths.calendar import us_options_calendar
from marketswarm.simulator.answers import Answer, Refused, no_key, no_such_route, unknown_key
from marketswarm.simulator.api import RestApi
from marketswarm.simulator.config import SimulatorConfig
from marketswarm.simulator.connection import Connection
from marketswarm.simulator.conversation import CLUSTERS, CONNECTED, Base, Conversation, State, auth_timeout
from marketswarm.simulator.feed import Feed
from marketswarm.simulator.gate import Gate, OpenGate
from marketswarm.simulator.hours import Hours
from marketswarm.simulator.market import Market
from marketswarm.simulator.plans import AssetClass
from marketswarm.simulator.profile import profile_of
from marketswarm.simulator.routing import Call, Handler
from marketswarm.simulator.virtual_time import beginning_ms, clock_of

Announce = Callable[[str, str], None]

_COMPRESS_FROM_BYTES = 1024
_FASTEST_COMPRESSION = 1
_LONGEST_MESSAGE = 4_000_000
_CLOSE_WAIT_S = 2.0
_GOING_AWAY = 1001


class SimulatorServer:
    """One simulated vendor. `start` and `stop` run in the same event loop.

    Args:
        clock: takes the place of start and speed; None makes one of them.
    """

    def __init__(self, config: SimulatorConfig, clock: Clock | None = None, gate: Gate | None = None) -> None:
        self.config = config
        self.gate: Gate = gate or OpenGate()
        profiles = [profile_of(symbol, is_index=symbol in config.indices) for symbol in config.symbols]
        hours = Hours(us_options_calendar(), config.trades)
        terms = config.terms
        begin_ms = clock.now_ms() if clock else beginning_ms(config, SystemClock().now_ms())
        market_ms = begin_ms - terms.plans.delay_ms
        self.market = Market(profiles, hours, config.seed, market_ms, terms, scenario=config.scenario)
        self.clock: Clock = clock or clock_of(config, begin_ms)
        self.feed = Feed(self.market, config, self.clock)
        self.port = config.port
        self._api = RestApi(self.market, self.feed.streamed)
        self._connections: set[Connection] = set()
        self._runner: web.AppRunner | None = None
        self._feeding: asyncio.Task[None] | None = None

    @property
    def rest(self) -> str:
        """Base of the REST routes."""
        return f"http://{self._address}"

    @property
    def ws(self) -> str:
        """Base of the WebSocket clusters: append `/options`, `/indices` or `/stocks`.

        The vendor's hosts for delayed data and for businesses are the same with `/delayed` or `/business` before that.
        """
        return f"ws://{self._address}"

    @property
    def _address(self) -> str:
        host = self.config.host
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"

    async def start(self) -> None:
        """Listen and let the market run.

        Raises:
            SupervisorError: when the address cannot be taken.
        """
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.config.host, self.config.port)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            raise _cannot_listen(self.config, error) from error
        self.port = int(self._runner.addresses[0][1])
        self._feeding = asyncio.create_task(self.feed.run())

    async def finished(self) -> None:
        """Wait until the market stops, which it does only by failing; raises what went wrong."""
        if self._feeding is not None:
            await self._feeding

    async def stop(self) -> None:
        """Close every connection and the port."""
        if self._feeding is not None:
            self._feeding.cancel()
            await asyncio.gather(self._feeding, return_exceptions=True)
        for connection in list(self._connections):
            connection.end(None, _GOING_AWAY)
        if self._runner is not None:
            await self._runner.cleanup()

    def _application(self) -> web.Application:
        application = web.Application()
        for base in get_args(Base):
            for cluster in CLUSTERS:
                path = f"/{base}/{cluster}" if base else f"/{cluster}"
                application.router.add_get(path, self._conversing(base, cluster))
        for path, handler in self._api.routes().items():
            application.router.add_get(path, self._served(handler), allow_head=False)
        application.router.add_route(
            "*", "/{path:.*}", self._served(lambda _call: no_such_route(), needs_key=False)
        )
        return application

    def _served(
        self, handler: Handler, *, needs_key: bool = True
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            passed = await self.gate.pass_answer(request, self._answer(request, handler, needs_key=needs_key))
            return passed if isinstance(passed, web.StreamResponse) else _response(request, passed)

        return serve

    def _answer(self, request: web.Request, handler: Handler, *, needs_key: bool) -> Answer:
        try:
            if needs_key:
                self._check_key(_key_of(request))
            base = (self.config.public_base or f"http://{request.host}").rstrip("/")
            return handler(Call(request.path, request.match_info, request.query, base, _key_of(request)))
        except Refused as refused:
            return refused.answer

    def _check_key(self, key: str) -> None:
        if not key:
            raise no_key()
        if self._account_of(key) is None:
            raise unknown_key()

    def _account_of(self, key: str) -> str | None:
        return key if key and self.config.key in (None, key) else None

    def _conversing(
        self, base: Base, cluster: AssetClass
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        def begin() -> Conversation:
            limit = self.config.quote_contracts
            return Conversation(cluster, self._account_of, limit, self.market.terms, base)

        async def converse(request: web.Request) -> web.StreamResponse:
            return await self._converse(request, begin())

        return converse

    async def _converse(self, request: web.Request, conversation: Conversation) -> web.StreamResponse:
        socket = web.WebSocketResponse(
            compress=False, heartbeat=self.config.ping_s, timeout=_CLOSE_WAIT_S, max_msg_size=_LONGEST_MESSAGE
        )
        if not socket.can_prepare(request):
            return _response(request, no_such_route())
        await socket.prepare(request)
        transport = cast("asyncio.Transport", request.transport)
        limit = self.config.send_buffer_bytes
        connection = Connection(socket, transport, conversation, self.gate.pass_frame, limit)
        pump = asyncio.create_task(connection.pump())
        self._connections.add(connection)
        connection.say([CONNECTED])
        timer = asyncio.get_running_loop().call_later(self.config.auth_timeout_s, _time_out, connection)
        try:
            await self._listen(connection)
        finally:
            timer.cancel()
            self.feed.leave(connection)
            await _wind_up(connection, pump)
            self._connections.discard(connection)
        return socket

    async def _listen(self, connection: Connection) -> None:
        async for message in connection.socket:
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY) or connection.is_ending:
                continue
            reply = connection.conversation.hear(message.data)
            connection.say(reply.statuses)
            if reply.refused:
                connection.drop()
                return
            if reply.admitted:
                self.feed.admit(connection)
            if reply.close is not None:
                connection.close(reply.close)


async def serve(config: SimulatorConfig, announce: Announce, stop: asyncio.Event | None = None) -> None:
    """Run a simulator until `stop` is set, or for ever; `announce` is given the REST and the WebSocket base.

    Raises:
        SupervisorError: when the address cannot be taken.
    """
    server = SimulatorServer(config)
    await server.start()
    announce(server.rest, server.ws)
    waits = [asyncio.create_task(server.finished()), asyncio.create_task((stop or asyncio.Event()).wait())]
    try:
        done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in waits:
            task.cancel()
        await server.stop()


def run(config: SimulatorConfig, announce: Announce) -> None:
    """Run a simulator until SIGTERM or SIGINT.

    Raises:
        SupervisorError: when the address cannot be taken.
    """
    asyncio.run(_run_until_signal(config, announce))


async def _run_until_signal(config: SimulatorConfig, announce: Announce) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await serve(config, announce, stop)


def _cannot_listen(config: SimulatorConfig, error: OSError) -> SupervisorError:
    if error.errno == errno.EADDRINUSE:
        return SupervisorError("simulator", f"port {config.port} on {config.host} is in use; choose another")
    return SupervisorError("simulator", f"cannot listen on {config.host}:{config.port}: {error}")


def _time_out(connection: Connection) -> None:
    if connection.conversation.state is State.CONNECTED:
        switches = connection.conversation.terms.switches
        connection.end(auth_timeout(switches), switches.auth_timeout_code)


async def _wind_up(connection: Connection, pump: asyncio.Task[None]) -> None:
    if connection.is_ending:
        await asyncio.wait([pump], timeout=_CLOSE_WAIT_S)
    pump.cancel()
    await asyncio.gather(pump, return_exceptions=True)


def _key_of(request: web.Request) -> str:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme == "Bearer" else request.query.get("apiKey", "")


def _response(request: web.Request, answer: Answer) -> web.Response:
    body, headers = answer.body, dict(answer.headers)
    if len(body) >= _COMPRESS_FROM_BYTES and "gzip" in request.headers.get("Accept-Encoding", ""):
        body, headers = gzip.compress(body, _FASTEST_COMPRESSION), headers | {"Content-Encoding": "gzip"}
    charset = "utf-8" if answer.content_type == "text/plain" else None
    return web.Response(
        status=answer.status, body=body, headers=headers, content_type=answer.content_type, charset=charset
    )
