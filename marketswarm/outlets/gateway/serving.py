"""uvicorn, with the two things that an endless answer needs of its server: a word before the end, and a way to cut."""

import asyncio
import socket
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from marketswarm.outlets.gateway.event_stream import TRANSPORT, EventStream


class SeverableProtocol(HttpToolsProtocol):
    """HTTP whose requests know their connection: a client that reads nothing can be cut, and costs nothing from then on."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Put the connection where requests find it."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, TRANSPORT: transport}


class GatewayServer(uvicorn.Server):
    """Says goodbye to the clients of its event stream when it is told to stop; else it would wait for them."""

    def __init__(self, config: uvicorn.Config, event_stream: EventStream) -> None:
        super().__init__(config)
        self._event_stream = event_stream

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Goodbyes first: uvicorn itself waits until all answers are over."""
        await self._event_stream.close()
        await super().shutdown(sockets)


def gateway_config(app: Any, **options: Any) -> uvicorn.Config:
    """How the gateway is served; `options` are uvicorn's own."""
    return uvicorn.Config(
        app, **{"http": SeverableProtocol, "timeout_graceful_shutdown": 3, "log_config": None, **options}
    )
