"""The port: who answers on it, for as long as it is open."""

import asyncio
import errno
import ssl
from collections.abc import Callable

from aiohttp import web

from marketswarm.errors import SupervisorError

Stranger = Callable[[], asyncio.Protocol]


class Listener:
    """Takes connections for an application; may be shut and opened again, and lent to something else meanwhile.

    Args:
        tls: speaks TLS with this certificate; None speaks plain text.

    Attributes:
        port: where it listens; the one that was taken, if any free one was asked for.
    """

    def __init__(
        self, application: web.Application, host: str, port: int, tls: ssl.SSLContext | None = None
    ) -> None:
        self._tls = tls
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        self._host = host
        self.port = port
        self._site: web.TCPSite | None = None
        self._lent: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen.

        Raises:
            SupervisorError: when the address cannot be taken.
        """
        await self._runner.setup()
        try:
            await self.open()
        except SupervisorError:
            await self._runner.cleanup()
            raise
        self.port = int(self._runner.addresses[0][1])

    async def open(self, instead: ssl.SSLContext | None = None) -> None:
        """Take connections, in place of whoever did so before.

        Args:
            instead: the certificate to show until the port is shut.

        Raises:
            SupervisorError: when the address cannot be taken.
        """
        await self._take_back()
        if self._site is not None:
            return
        site = web.TCPSite(self._runner, self._host, self.port, ssl_context=instead or self._tls)
        try:
            await site.start()
        except OSError as error:
            raise _cannot_listen(self._host, self.port, error) from error
        self._site = site

    async def shut(self, stranger: Stranger | None = None) -> None:
        """Drop every connection and take no new ones; or let a stranger answer them."""
        await self._take_back()
        if self._site is not None:
            site, self._site = self._site, None
            await site.stop()
        for protocol in list(self._runner.server.connections if self._runner.server else ()):
            if protocol.transport is not None:
                protocol.transport.abort()
        if stranger is not None:
            loop = asyncio.get_running_loop()
            self._lent = await loop.create_server(stranger, self._host, self.port, reuse_address=True)

    async def stop(self) -> None:
        """End for good."""
        await self._take_back()
        await self._runner.cleanup()

    async def _take_back(self) -> None:
        if self._lent is not None:
            lent, self._lent = self._lent, None
            lent.close()


def _cannot_listen(host: str, port: int, error: OSError) -> SupervisorError:
    if error.errno == errno.EADDRINUSE:
        return SupervisorError("simulator", f"port {port} on {host} is in use; choose another")
    return SupervisorError("simulator", f"cannot listen on {host}:{port}: {error}")
