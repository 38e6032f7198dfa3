"""What is checked before anything is started, so that nothing is ever half started."""

import socket

from marketswarm.addresses import reached_at
from marketswarm.errors import SupervisorError
from marketswarm.settings import masked_url
from marketswarm.supervisor.readiness import is_listening


def check_store(url: str) -> None:
    """Make sure that the server at that address can be used, as data store or as broker.

    Raises:
        StoreUnavailable: when nobody answers there.
        ForeignServer: when what answers is too old, is something else, or does not let us in.
    """
    # Imported here: a run on the embedded server need not wait half a second for all stages to be imported.
    from marketswarm.servers import check_server, connect  # noqa: PLC0415

    client = connect(url, timeout_s=3.0)
    try:
        check_server(client, masked_url(url))
    finally:
        client.close()


def check_port(part: str, port: int, variable: str, host: str = "127.0.0.1") -> None:
    """Make sure that the part can listen on that port, of loopback or of another address of this machine.

    Raises:
        SupervisorError: when somebody else does, naming the port and the variable that moves it.
    """
    if not is_free(port, host):
        raise SupervisorError(part, f"port {port} is in use; set {variable} to a free one")


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether nobody listens on that port and we may."""
    return not is_listening(reached_at(host), port) and _can_bind(port, host)


def _can_bind(port: int, host: str) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
