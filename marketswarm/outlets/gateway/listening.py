"""Where the gateway listens, and the server that serves it there."""

import errno
import socket
from typing import Final

from marketswarm.errors import SettingsError
from marketswarm.outlets.gateway.app import make_app
from marketswarm.outlets.gateway.desk import Desk
from marketswarm.outlets.gateway.serving import GatewayServer, gateway_config

_BACKLOG: Final = 2_048


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


def make_server(desk: Desk) -> GatewayServer:
    """A server of that desk, which runs until SIGTERM or SIGINT."""
    config = gateway_config(
        make_app(desk),
        lifespan="on",
        ws="none",
        access_log=False,  # a query may hold what is nobody's business
        server_header=False,
        forwarded_allow_ips="127.0.0.1",  # a proxy beside us tells whom it speaks for; nobody else is believed
        backlog=_BACKLOG,
    )
    return GatewayServer(config, desk.live)


def _not_ours(host: str, port: int, error: OSError) -> SettingsError:
    match error.errno:
        case errno.EADDRINUSE:
            allowed = f"a free port on {host}; this one is in use"
        case errno.EACCES:
            allowed = f"a port on {host} that this user may have"
        case _:
            return SettingsError("MARKETSWARM_HTTP_HOST", host, "a name or address of this machine")
    return SettingsError("MARKETSWARM_HTTP_PORT", str(port), allowed)
