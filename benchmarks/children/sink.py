"""A client that reads and throws away: what the feed could send at most, were its reader not there.

Order: `connect` with contracts.
"""

import json
import os
import socket
import struct
import threading

from benchmarks.children.orders import serve_orders

_READ_BYTES = 1 << 20


class Sink:
    """What the order does."""

    def connect(self, ws: str, tickers: list[str]) -> None:
        """Subscribe the contracts, and drop what comes from now on."""
        host, _, port = ws.removeprefix("ws://").partition(":")
        link = socket.create_connection((host, int(port)))
        link.sendall(
            b"GET / HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        channels = ",".join(f"Q.{ticker}" for ticker in tickers)
        link.sendall(_masked(json.dumps({"action": "subscribe", "params": channels}).encode()))
        threading.Thread(target=self._drop, args=(link,), daemon=True).start()

    def _drop(self, link: socket.socket) -> None:
        room = bytearray(_READ_BYTES)
        while link.recv_into(room):
            pass


def _masked(payload: bytes) -> bytes:
    mask = os.urandom(4)
    head = bytes((0x81, 0x80 | 126)) + struct.pack("!H", len(payload))
    return head + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


def main() -> None:
    """Serve."""
    serve_orders({"connect": Sink().connect})


if __name__ == "__main__":
    main()
