"""A server's half of the WebSocket protocol on a bare TCP socket, so that a test can also break it."""

import base64
import contextlib
import hashlib
import socket
import struct
import threading

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
_MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def handshake_answer(key: str) -> bytes:
    """What turns an HTTP request into a WebSocket."""
    accept = base64.b64encode(hashlib.sha1((key + _MAGIC).encode()).digest()).decode()
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept}\r\n\r\n"
    ).encode()


class Peer:
    """One client, after the handshake."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._reader = connection.makefile("rb")
        self._writing = threading.Lock()
        self.answers_pings = True
        self.pings = 0

    def read_text(self) -> str | None:
        """The client's next text; None when it is gone or said farewell."""
        while True:
            try:
                opcode, payload = self._read_frame()
            except (OSError, EOFError, ValueError):
                return None
            if opcode == TEXT:
                return payload.decode()
            if opcode == PING:
                self.pings += 1
                if self.answers_pings:
                    self.send_frame(PONG, payload)
            if opcode == CLOSE:
                self.send_frame(CLOSE, payload[:2])
                return None

    def send_text(self, text: str | bytes) -> bool:
        """Send one text frame; False when the client is gone."""
        return self.send_frame(TEXT, text.encode() if isinstance(text, str) else text)

    def send_frame(self, opcode: int, payload: bytes, *, final: bool = True) -> bool:
        """Send one frame as it is."""
        length = len(payload)
        head = bytes([(0x80 if final else 0) | opcode])
        if length < 126:
            head += bytes([length])
        elif length < 65536:
            head += b"\x7e" + struct.pack("!H", length)
        else:
            head += b"\x7f" + struct.pack("!Q", length)
        try:
            with self._writing:
                self._connection.sendall(head + payload)
        except OSError:
            return False
        return True

    def close(self, code: int, reason: str = "") -> None:
        """Say farewell and hang up."""
        self.send_frame(CLOSE, struct.pack("!H", code) + reason.encode())
        self.drop()

    def drop(self) -> None:
        """Hang up without a word."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def _read_frame(self) -> tuple[int, bytes]:
        first, second = self._read(2)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self._read(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self._read(8))
        mask = self._read(4)  # a client always masks
        payload = self._read(length)
        return first & 0x0F, bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))

    def _read(self, count: int) -> bytes:
        data = self._reader.read(count)
        if len(data) < count:
            raise EOFError
        return data
