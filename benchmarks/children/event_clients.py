"""Many clients of an event stream in one process, with bare sockets: how much each of them hears, and how late.

Orders: `connect` so many; `begin` to count; `end`, what was heard since; `leave`. `connect_silent`: clients that never read.
"""

import re
import selectors
import socket
import threading
import time
from dataclasses import asdict
from typing import Any

from benchmarks.children.orders import serve_orders
from benchmarks.quantiles import spread_of

_READ_BYTES = 1 << 18
_PATIENCE_S = 60.0
_AT_ONCE = 200
_EVENT = b"\nevent: sse:chain-feed\n"
_WRITTEN_US = re.compile(rb'"ts":(\d+)')
_SMALL = 4_096


class Clients:
    """What the orders do."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._heard: dict[socket.socket, int] = {}
        self._open: set[socket.socket] = set()
        self._tails: dict[socket.socket, bytes] = {}
        self._silent: list[socket.socket] = []
        self._late_ms: list[float] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def connect(self, port: int, count: int) -> None:
        """So many more; returns when the first words of each have come."""
        for begun in range(0, count, _AT_ONCE):
            links = [self._asking(port) for _ in range(min(_AT_ONCE, count - begun))]
            for link in links:
                self._await_words(link)
                link.setblocking(False)
                self._heard[link] = 0
                self._open.add(link)
                self._selector.register(link, selectors.EVENT_READ)
        if not self._thread.is_alive():
            self._thread.start()

    def connect_silent(self, port: int, count: int) -> None:
        """So many that read their first words and no more."""
        for _ in range(count):
            link = self._asking(port, receive_bytes=_SMALL)
            self._await_words(link)
            self._silent.append(link)

    def begin(self) -> None:
        """Count from now on."""
        self._late_ms = []
        self._heard = dict.fromkeys(self._heard, 0)

    def end(self) -> dict[str, Any]:
        """Events that each client heard, and by how many ms the last of each reading was late."""
        return {
            "heard": sorted(self._heard.values()),
            "late_ms": asdict(spread_of(self._late_ms)),
            "open": len(self._open),
        }

    def leave(self) -> None:
        """All go."""
        self._over.set()
        for link in (*self._heard, *self._silent):
            link.close()

    def _asking(self, port: int, receive_bytes: int = 0) -> socket.socket:
        link = socket.socket()
        if receive_bytes:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        link.settimeout(_PATIENCE_S)
        link.connect(("127.0.0.1", port))
        link.sendall(b"GET /sse?streams=sse:chain-feed HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return link

    @staticmethod
    def _await_words(link: socket.socket) -> None:
        said = b""
        while b"retry:" not in said:
            data = link.recv(_SMALL)
            if not data or b"HTTP/1.1 4" in data:
                raise ConnectionError(f"refused: {(said + data)[:300]!r}")
            said += data

    def _listen(self) -> None:
        while not self._over.is_set():
            for key, _ in self._selector.select(0.5):
                self._hear(key.fileobj)

    def _hear(self, link: Any) -> None:
        try:
            data = link.recv(_READ_BYTES)
        except (ConnectionError, OSError):
            data = b""
        if not data:
            self._selector.unregister(link)
            self._open.discard(link)
            return
        data = self._tails.get(link, b"") + data
        events = data.count(_EVENT)
        self._tails[link] = data[1 - len(_EVENT) :]  # shorter than what is counted, so nothing counts twice
        if events:
            self._heard[link] += events
            written = _WRITTEN_US.search(data, data.rfind(_EVENT))
            if written:
                self._late_ms.append(time.time() * 1_000 - int(written[1]) / 1_000)


def main() -> None:
    """Serve."""
    clients = Clients()
    serve_orders(
        {
            "connect": clients.connect,
            "connect_silent": clients.connect_silent,
            "begin": clients.begin,
            "end": clients.end,
            "leave": clients.leave,
        }
    )


if __name__ == "__main__":
    main()
