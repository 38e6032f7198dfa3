"""Looks whether a part is ready, without waiting for it."""

import re
import socket
from typing import Final

from marketswarm.supervisor.logs import PartLog
from marketswarm.supervisor.part import Answering, Listening, LogLine, Readiness, Running

_CONNECT_S: Final = 0.2


def is_ready(readiness: Readiness, log: PartLog) -> bool:
    """Whether the part does what it is there for, as far as can be seen from outside."""
    match readiness:
        case Running():
            return True
        case LogLine(pattern):
            return re.search(pattern, log.since_start()) is not None
        case Listening(port, host):
            return is_listening(host, port)
        case Answering(port, host):
            return _answers_ping(host, port)


def is_listening(host: str, port: int) -> bool:
    """Whether something accepts TCP connections there."""
    try:
        socket.create_connection((host, port), _CONNECT_S).close()
    except OSError:
        return False
    return True


def _answers_ping(host: str, port: int) -> bool:
    # Its own three lines: a client would retry, and what is asked here is asked again in a moment anyway.
    try:
        with socket.create_connection((host, port), _CONNECT_S) as connection:
            connection.settimeout(_CONNECT_S)
            connection.sendall(b"PING\r\n")
            return connection.recv(7).startswith(b"+PONG")
    except OSError:
        return False
