"""A client that reads and throws away: what the feed could send at most, were its reader not there.

Orders: `connect` with contracts; `count` what comes for so long.
"""

import json
import os
import socket
import struct
import threading
import time
from typing import Any

from benchmarks.children.orders import serve_orders

_READ_BYTES = 1 << 20
_QUOTE, _FRAME = b'"ev":"Q"', b'[{"ev":"'  # once a quote, once a frame; of one length


class Sink:
    """What the orders do."""

    def __init__(self) -> None:
        self._counting = False
        self._found = {"quotes": 0, "frames": 0, "bytes": 0}

    def connect(self, ws: str, tickers: list[str]) -> None:
        """Subscribe the contracts, and drop what comes from now on."""
        host, _, port = ws.removeprefix("ws://").partition(":")
        link = socket.create_connection((host, int(port)))
        link.sendall(
            b"GET /options HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        channels = ",".join(f"Q.{ticker}" for ticker in tickers)
        for action, params in (("auth", "bench"), ("subscribe", channels)):
            link.sendall(_masked(json.dumps({"action": action, "params": params}).encode()))
        threading.Thread(target=self._drop, args=(link,), daemon=True).start()

    def count(self, seconds: float) -> dict[str, Any]:
        """Quotes, frames and bytes that came in a span of time."""
        self._found = dict.fromkeys(self._found, 0)
        began_s, self._counting = time.perf_counter(), True
        time.sleep(seconds)
        self._counting = False
        return {**self._found, "took_s": time.perf_counter() - began_s}

    def _drop(self, link: socket.socket) -> None:
        room, tail = bytearray(_READ_BYTES), b""
        while size := link.recv_into(room):
            if self._counting:
                tail = self._count(tail + bytes(memoryview(room)[:size]), size)

    def _count(self, text: bytes, size: int) -> bytes:
        """Count what is whole; gives what may still become it."""
        self._found["quotes"] += text.count(_QUOTE)
        self._found["frames"] += text.count(_FRAME)
        self._found["bytes"] += size
        return text[1 - len(_QUOTE) :]


def _masked(payload: bytes) -> bytes:
    mask = os.urandom(4)
    size = len(payload)
    head = bytes((0x81, 0x80 | size)) if size < 126 else bytes((0x81, 0x80 | 126)) + struct.pack("!H", size)
    return head + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


def main() -> None:
    """Serve."""
    sink = Sink()
    serve_orders({"connect": sink.connect, "count": sink.count})


if __name__ == "__main__":
    main()
