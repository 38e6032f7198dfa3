"""Free ports for tests, each of which stays free until its test binds it, even when that comes late or again.

A port that the system picks may be picked for somebody else before it is bound, and test processes run side by side. So ports
come from below those that systems pick by themselves, where `up` does not look either. Each test process has a share of them.
"""

import os
import socket
from collections.abc import Iterator
from itertools import cycle
from typing import Final

_FIRST: Final = 12_000
_SHARE: Final = 1_000  # ports of each test process; the last share ends at 28,999, and `up` looks from 29,000
_SHARES: Final = 17


def free_port() -> int:
    """A loopback port that nobody listens on, and that no other test of the same run is given, in up to sixteen processes."""
    return next(port for port in _MINE if _is_free(port))


def share(name: str) -> range:
    """The ports of a test process, by its name among those that run side by side; the last share is for all without a name."""
    number = int(name.removeprefix("gw")) % (_SHARES - 1) if name else _SHARES - 1
    return range(_FIRST + number * _SHARE, _FIRST + (number + 1) * _SHARE)


def _from_anywhere(ports: range) -> Iterator[int]:
    # Whoever runs tests twice at once should not meet himself at the first port.
    begin = os.getpid() % len(ports)
    return cycle([*ports[begin:], *ports[:begin]])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


_MINE: Final = _from_anywhere(share(os.environ.get("PYTEST_XDIST_WORKER", "")))
