"""Faults of the port: nobody answers, somebody answers and says nothing, something else answers."""

import asyncio
from dataclasses import replace
from typing import cast

from aiohttp import web

from marketswarm.simulator.certificates import FLAWS, Flaw, check_maker
from marketswarm.simulator.connection import Connection
from marketswarm.simulator.faults.effect import Effect, Site
from marketswarm.simulator.faults.fault import Draw, Fault, Parameter, Values, choice, whole
from marketswarm.simulator.faults.talk import Talk

_HANDSHAKE_RECORD = 0x16
_ALERT = bytes((0x15, 3, 1, 0, 2, 2, 70))  # fatal: protocol version
_PLAIN_TEXT = "plain"
_PLAIN = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Refuse(Talk):
    """Handshakes are refused with an HTTP error."""

    def __init__(self, status: int) -> None:
        self._status = status

    async def pass_handshake(self, request: web.Request) -> web.StreamResponse | None:
        """The refusal."""
        return web.Response(status=self._status)


class ShutPort(Effect):
    """Nobody listens on the port."""

    async def begin(self, site: Site) -> None:
        """Drop everything and stop listening."""
        await site.shut_port()

    async def end(self, site: Site) -> None:
        """Listen again."""
        await site.open_port()


class TlsFailure(Effect):
    """What listens on the port speaks TLS to those who do not, and does not to those who do."""

    async def begin(self, site: Site) -> None:
        """Drop everything and let the stranger listen."""
        await site.shut_port(WrongTongue)

    async def end(self, site: Site) -> None:
        """Listen again."""
        await site.open_port()


class BadCertificate(Effect):
    """The port shows a certificate that no client may take. Behind it everything is as it was, for those who do."""

    def __init__(self, flaw: Flaw) -> None:
        self._flaw = flaw

    async def begin(self, site: Site) -> None:
        """Drop everything, show the bad certificate."""
        await site.shut_port()
        await site.open_port(self._flaw)

    async def end(self, site: Site) -> None:
        """Drop whoever took it, show the good one again."""
        await site.shut_port()
        await site.open_port()


class WrongTongue(asyncio.Protocol):
    """Answers a TLS handshake in plain HTTP, and plain HTTP with a TLS alert."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer once, and hang up."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(_PLAIN if data[0] == _HANDSHAKE_RECORD else _ALERT)
            self._transport.close()


class HalfOpen(Effect):
    """Connections stand and are dead: nothing is read, nothing written, nothing closed."""

    def __init__(self, _values: Values, _draw: Draw) -> None:
        self._over = asyncio.Event()
        self._stalled: list[Connection] = []

    async def begin(self, site: Site) -> None:
        """Stall what stands."""
        self._stalled = site.connections()
        for connection in self._stalled:
            connection.stall()

    async def pass_handshake(self, request: web.Request) -> web.StreamResponse | None:
        """TCP is accepted, and then nothing until the end."""
        await self._over.wait()
        return None

    async def end(self, site: Site) -> None:
        """What still stands goes on where it stalled."""
        self._over.set()
        for connection in self._stalled:
            connection.resume()


def _refuse(values: Values, _draw: Draw) -> Effect:
    return ShutPort() if values["how"] == "tcp" else Refuse(values["status"])


def _fail_tls(values: Values, _draw: Draw) -> Effect:
    return TlsFailure() if values["how"] == _PLAIN_TEXT else BadCertificate(values["how"])


def _how_tls_fails() -> Parameter:
    plain = choice("how", (_PLAIN_TEXT, *FLAWS), "no TLS at all, or a certificate with this flaw")

    def read(text: str) -> str:
        how: str = plain.read(text)
        if how != _PLAIN_TEXT:
            check_maker("faults", f"tls-failure:how={how}")
        return how

    return replace(plain, read=read)


_PORT = frozenset({"port"})
FAULTS = (
    Fault(
        "refuse",
        "port",
        "hangs up, then refuses connections: handshakes with an HTTP error, or the whole port by TCP",
        "the truth, once a connection is taken; waits between tries grow with full jitter, to 30 s at most",
        _refuse,
        (
            choice("how", ("http", "tcp"), "handshakes alone, or everything with REST"),
            whole("status", "503", (400, 599), "the error, for http"),
        ),
        excludes=_PORT,
    ),
    Fault(
        "half-open",
        "port",
        "stops reading and writing without closing; takes new connections and never answers",
        "the truth on a new connection: an unanswered ping tells that the old one is dead",
        HalfOpen,
        excludes=_PORT,
    ),
    Fault(
        "tls-failure",
        "port",
        "answers TLS in plain text and plain text with a TLS alert, or shows a bad certificate, REST included",
        "the truth, once the port speaks as it should; the key goes nowhere meanwhile",
        _fail_tls,
        (_how_tls_fails(),),
        excludes=_PORT,
    ),
)
