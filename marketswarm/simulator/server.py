"""The simulator as a server: REST and WebSocket on one port."""

import asyncio
import gzip
import signal
from collections.abc import Awaitable, Callable
from typing import get_args

from aiohttp import WSMsgType, web

from marketswarm.clock import Clock, SystemClock
from marketswarm.maths.calendar import SessionCalendar, us_options_calendar
from marketswarm.simulator.answers import Answer, Refused, no_key, no_such_route, unknown_key
from marketswarm.simulator.api import RestApi
from marketswarm.simulator.certificates import Authority, Flaw
from marketswarm.simulator.config import SimulatorConfig
from marketswarm.simulator.connection import Connection
from marketswarm.simulator.conversation import CLUSTERS, CONNECTED, Base, Conversation, State, auth_timeout
from marketswarm.simulator.faults.bench import FaultBench
from marketswarm.simulator.faults.route import FaultRoute
from marketswarm.simulator.feed import Feed
from marketswarm.simulator.gate import Gate, OpenGate
from marketswarm.simulator.hours import Hours
from marketswarm.simulator.listener import Listener, Stranger
from marketswarm.simulator.market import Market
from marketswarm.simulator.plan_route import PlanRoute
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
        calendar: whose sessions are traded and listed; None is the exchange's.

    Attributes:
        faults: what misbehaves, by plan or because it was told so at run time; it stands behind the gate.
    """

    def __init__(
        self,
        config: SimulatorConfig,
        clock: Clock | None = None,
        gate: Gate | None = None,
        calendar: SessionCalendar | None = None,
    ) -> None:
        self.config = config
        self.faults = FaultBench(config.faults, config.seed, gate or OpenGate())
        profiles = [profile_of(symbol, is_index=symbol in config.indices) for symbol in config.symbols]
        hours = Hours(calendar or us_options_calendar(), config.trades)
        terms = config.terms
        begin_ms = clock.now_ms() if clock else beginning_ms(config, SystemClock().now_ms())
        market_ms = begin_ms - terms.plans.delay_ms
        self.market = Market(profiles, hours, config.seed, market_ms, terms, scenario=config.scenario)
        self.clock: Clock = clock or clock_of(config, begin_ms)
        self.feed = Feed(self.market, config, self.clock)
        self._api = RestApi(self.market, self.feed.streamed)
        self._connections: set[Connection] = set()
        self._authority = Authority(config.host) if config.tls is not None else None
        if config.tls is not None and self._authority is not None:
            self._authority.write_to(config.tls)
        tls = self._authority.good() if self._authority is not None else None
        self._listener = Listener(self._application(), config.host, config.port, tls)
        self._feeding: asyncio.Task[None] | None = None
        self._misbehaving: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._listener.port

    @property
    def rest(self) -> str:
        """Base of the REST routes."""
        return f"{'http' if self._authority is None else 'https'}://{self._address}"

    @property
    def ws(self) -> str:
        """Base of the WebSocket clusters: append `/options`, `/indices` or `/stocks`.

        The vendor's hosts for delayed data and for businesses are the same with `/delayed` or `/business` before that.
        """
        return f"{'ws' if self._authority is None else 'wss'}://{self._address}"

    @property
    def _address(self) -> str:
        host = self.config.host
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"

    async def start(self) -> None:
        """Listen and let the market run.

        Raises:
            SupervisorError: when the address cannot be taken.
        """
        await self._listener.start()
        self._feeding = asyncio.create_task(self.feed.run())
        self._misbehaving = asyncio.create_task(self.faults.run(self))

    async def finished(self) -> None:
        """Wait until the market stops, which it does only by failing; raises what went wrong."""
        await asyncio.gather(*(task for task in (self._feeding, self._misbehaving) if task is not None))

    async def stop(self) -> None:
        """Close every connection and the port."""
        tasks = [task for task in (self._misbehaving, self._feeding) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for connection in self.connections():
            connection.resume()  # what a fault has stalled can hear no farewell
            connection.end(None, _GOING_AWAY)
        await self._listener.stop()

    def connections(self) -> list[Connection]:
        """The WebSocket connections that stand."""
        return [connection for connection in self._connections if not connection.is_ending]

    async def open_port(self, flaw: Flaw | None = None) -> None:
        """Take connections again; with a flaw by TLS, and with a certificate that has it."""
        authority = self._authority or (Authority(self.config.host) if flaw is not None else None)
        shown = authority.flawed(flaw) if authority is not None and flaw is not None else None
        await self._listener.open(shown)

    async def shut_port(self, stranger: Stranger | None = None) -> None:
        """Drop every connection, and take none or let a stranger take them."""
        await self._listener.shut(stranger)

    def _application(self) -> web.Application:
        application = web.Application()
        FaultRoute(self.faults).add_to(application)
        PlanRoute(lambda: self.market.terms.plans, self.market.change_plans).add_to(application)
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
            passed = await self.faults.pass_answer(
                request, self._answer(request, handler, needs_key=needs_key)
            )
            return passed if isinstance(passed, web.StreamResponse) else _response(request, passed)

        return serve

    def _answer(self, request: web.Request, handler: Handler, *, needs_key: bool) -> Answer:
        try:
            if needs_key:
                self._check_key(_key_of(request))
            base = (self.config.public_base or f"{request.scheme}://{request.host}").rstrip("/")
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
            compress=False, autoping=False, timeout=_CLOSE_WAIT_S, max_msg_size=_LONGEST_MESSAGE
        )
        if not socket.can_prepare(request):
            return _response(request, no_such_route())
        refusal = await self.faults.pass_handshake(request)
        transport = request.transport
        if refusal is not None or transport is None or transport.is_closing():
            return refusal or web.Response()
        await socket.prepare(request)
        limit = self.config.send_buffer_bytes
        connection = Connection(socket, transport, conversation, self.faults.pass_frame, limit)
        tasks = [
            asyncio.create_task(connection.pump()),
            asyncio.create_task(connection.ping(self.config.ping_s)),
        ]
        self._connections.add(connection)
        connection.say([CONNECTED])
        timer = asyncio.get_running_loop().call_later(self.config.auth_timeout_s, _time_out, connection)
        try:
            await self._listen(connection)
        finally:
            timer.cancel()
            self.feed.leave(connection)
            await _wind_up(connection, tasks)
            self._connections.discard(connection)
        return socket

    async def _listen(self, connection: Connection) -> None:
        async for message in connection.socket:
            connection.note_heard()
            if message.type is WSMsgType.PING:
                await connection.socket.pong(message.data)
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY) or connection.is_ending:
                continue
            heard = self.faults.pass_message(connection, message.data)
            if heard is not None and self._hear(connection, heard):
                return

    def _hear(self, connection: Connection, text: str | bytes) -> bool:
        """Answer a message; whether it was the last one."""
        reply = connection.conversation.hear(text)
        connection.say(reply.statuses)
        if reply.refused:
            connection.drop()
        elif reply.admitted:
            self.feed.admit(connection)
        if reply.close is not None:
            connection.close(reply.close)
        return reply.refused


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


def _time_out(connection: Connection) -> None:
    if connection.conversation.state is State.CONNECTED:
        switches = connection.conversation.terms.switches
        connection.end(auth_timeout(switches), switches.auth_timeout_code)


async def _wind_up(connection: Connection, tasks: list[asyncio.Task[None]]) -> None:
    pump, _ = tasks
    if connection.is_ending:
        await asyncio.wait([pump], timeout=_CLOSE_WAIT_S)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


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
