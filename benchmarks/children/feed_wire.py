"""The server's side of a WebSocket with as little in it as the feed needs, on a plain blocking socket.

It shares nothing with the simulator, and costs the machine as little as a server in Python can.
"""

import base64
import hashlib
import json
import socket
import struct
import threading

from benchmarks.children.frames import text_frame

_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_DEAF_S = 30
_CLOSE, _PING, _PONG = 0x8, 0x9, 0xA


class Line:
    """One client: its handshake, its subscriptions, and what is sent to it."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self._lock = threading.Lock()
        self._unread = b""
        self.held: dict[str, None] = {}
        self.is_open = True
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", _DEAF_S, 0))

    def send(self, wire: bytes | bytearray) -> None:
        """Send whole frames; waits while the client does not read, and fails when it reads nothing for long."""
        with self._lock:
            self._link.sendall(wire)

    def live(self) -> None:
        """Talk until the client goes."""
        try:
            self._shake_hands()
            self._say([_status("connected", "Connected Successfully")])
            while self._hear():
                pass
        except (OSError, ConnectionError):
            pass
        finally:
            self.is_open = False
            self._link.close()

    def _shake_hands(self) -> None:
        while b"\r\n\r\n" not in self._unread:
            self._more()
        head, _, self._unread = self._unread.partition(b"\r\n\r\n")
        lines = (line.partition(b":") for line in head.split(b"\r\n")[1:])
        key = {name.strip().lower(): value.strip() for name, _, value in lines}[b"sec-websocket-key"]
        accept = base64.b64encode(hashlib.sha1(key + _MAGIC).digest())
        self.send(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )

    def _hear(self) -> bool:
        opcode, payload = self._frame()
        if opcode == _PING:
            self.send(bytes((0x80 | _PONG, len(payload))) + payload)
        elif opcode not in (_CLOSE, _PONG):
            self._answer(json.loads(payload))
        return opcode != _CLOSE

    def _answer(self, message: dict[str, str]) -> None:
        channels = [channel.strip() for channel in message["params"].split(",")]
        if message["action"] == "auth":
            self._say([_status("auth_success", "authenticated")])
        elif message["action"] == "subscribe":
            self.held.update(dict.fromkeys(channels))
            self._say([_status("success", f"subscribed to: {channel}") for channel in channels])
        else:
            for channel in channels:
                self.held.pop(channel, None)

    def _say(self, statuses: list[dict[str, str]]) -> None:
        self.send(text_frame(json.dumps(statuses).encode()))

    def _frame(self) -> tuple[int, bytes]:
        first, second = self._take(2)
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", self._take(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self._take(8))
        mask, payload = self._take(4), self._take(size)
        repeated = (mask * (size // 4 + 1))[:size]
        plain = int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")
        return first & 0x0F, plain.to_bytes(size, "big")

    def _take(self, size: int) -> bytes:
        while len(self._unread) < size:
            self._more()
        taken, self._unread = self._unread[:size], self._unread[size:]
        return taken

    def _more(self) -> None:
        read = self._link.recv(65_536)
        if not read:
            raise ConnectionError("the client has gone")
        self._unread += read


class Lines:
    """Listens on loopback, and keeps who has come."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._lines: list[Line] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def open(self) -> list[Line]:
        """The clients that have not gone, in the order in which they came."""
        return [line for line in list(self._lines) if line.is_open]

    def _accept(self) -> None:
        while True:
            link, _ = self._listener.accept()
            line = Line(link)
            self._lines = [*self.open(), line]
            threading.Thread(target=line.live, daemon=True).start()


def _status(word: str, message: str) -> dict[str, str]:
    return {"ev": "status", "status": word, "message": message}
