"""An embedded server for as long as one command needs it."""

import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from redis.exceptions import RedisError

from marketswarm.clock import SystemClock
from marketswarm.errors import SupervisorError
from marketswarm.servers import connect
from marketswarm.supervisor.embedded import find_server, free_port, server_command

_START_S: Final = 10.0


@contextmanager
def lent_server() -> Iterator[str]:
    """The address of an empty server; it is gone afterwards, with all that it held.

    Raises:
        SupervisorError: when no server is installed, or it does not start.
    """
    port = free_port()
    url = f"redis://127.0.0.1:{port}/0"
    with tempfile.TemporaryDirectory(prefix="marketswarm-") as folder:
        command = server_command(find_server(), port, Path(folder))
        server = _started(command, url)
        try:
            yield url
        finally:
            server.kill()
            server.wait()


def _started(command: Sequence[str], url: str) -> "subprocess.Popen[bytes]":
    """A server that answers; in a session of its own, so that Ctrl-C ends the command first and not what it stands on."""
    server = subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    client, clock = connect(url), SystemClock()
    until_s = clock.monotonic_s() + _START_S
    while server.poll() is None and clock.monotonic_s() < until_s:
        try:
            client.ping()
        except RedisError:
            clock.sleep(0.02)
        else:
            client.close()
            return server
    server.kill()
    server.wait()
    raise SupervisorError("server", f"{command[0]} does not start")
