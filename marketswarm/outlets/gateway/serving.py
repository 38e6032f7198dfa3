"""Serves the application with uvicorn: one process, one socket, and an end that no open stream can put off."""

import socket
from typing import Any, Final

import uvicorn

from marketswarm.errors import SettingsError
from marketswarm.outlets.gateway.app import make_app
from marketswarm.outlets.gateway.desk import Desk

GRACE_S: Final = 3
_BACKLOG: Final = 2_048


class _Server(uvicorn.Server):
    """Says good-bye to the streams first: they would never end by themselves, and their clients may go elsewhere."""

    def __init__(self, config: uvicorn.Config, desk: Desk) -> None:
        super().__init__(config)
        self._desk = desk

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._desk.live is not None:
            await self._desk.live.close()
        await super().shutdown(sockets)


def listen(host: str, port: int) -> socket.socket:
    """A socket on that address; port 0 takes a free one.

    Raises:
        SettingsError: when it cannot be had, with the variable that moves it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise _not_ours(host, port, error) from error
    listening.listen(_BACKLOG)
    return listening


def serve(desk: Desk, listening: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT."""
    config = uvicorn.Config(
        make_app(desk),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        forwarded_allow_ips="127.0.0.1",  # a proxy beside us tells whom it speaks for; nobody else is believed
        backlog=_BACKLOG,
        **_OPTIONS,
    )
    _Server(config, desk).run(sockets=[listening])


_OPTIONS: Final[dict[str, Any]] = {"ws": "none", "lifespan": "on"}


def _not_ours(host: str, port: int, error: OSError) -> SettingsError:
    if isinstance(error, socket.gaierror):
        return SettingsError("MARKETSWARM_HTTP_HOST", host, "a name or address of this machine")
    words = error.strerror or str(error)
    return SettingsError("MARKETSWARM_HTTP_PORT", str(port), f"a free port on {host} ({words.lower()})")
