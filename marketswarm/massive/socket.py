"""The WebSocket itself: a thread that connects and reads, and a few calls that write.

The thread does nothing but read and put: whatever it did beside that would let the server's buffer for us grow, and the
server cuts off readers who fall behind. `chunks.py` lets it read many frames at once. When the inbox is full it stops reading, so that the pressure goes back by TCP.
"""

import contextlib
import socket
import struct
import threading
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

import websocket
from websocket import ABNF

from marketswarm.clock import Clock
from marketswarm.massive.chunks import ChunkedSocket
from marketswarm.massive.inbox import Ended, Frame, Heard, Inbox, Opened
from marketswarm.massive.trust import client_context, named_bundle, tls_fault
from marketswarm.settings import is_loopback

_DATA = frozenset({ABNF.OPCODE_TEXT, ABNF.OPCODE_BINARY})
_PAUSE_S = 0.002
# Where frames trickle, each would wake both threads by itself. Behind a little read the next one waits for a moment, so that it
# finds more: no quote is later by more than that, and single ones cost a fraction.
_LITTLE, _BREATH_S = 32_768, 0.001
# Where more waits than is taken at once, reading on would only take Python's lock and the processor from whoever takes it. A rest is
# shorter than taking that much takes, or whoever takes would find nothing at its end.
_REST_S = 0.003
_NO_CODE = 1005  # what the protocol calls a close frame without a code
# A proxy for the world does not lead to loopback. The library heeds `http_no_proxy` only beside a proxy of our own naming.
_NO_PROXY: dict[str, Any] = {"http_proxy_host": "unused", "http_proxy_port": 1, "http_no_proxy": ["*"]}
_FAULTS = (websocket.WebSocketException, OSError)


@dataclass(frozen=True, slots=True)
class SocketWaits:
    """Seconds: opening, one blocking read or write, a farewell, and the end of the thread."""

    connect_s: float = 10.0
    io_s: float = 5.0
    farewell_s: float = 0.5
    join_s: float = 2.0


class FeedSocket:
    """One connection at a time, numbered: what arrives carries the number of its connection.

    Args:
        url: where to connect.
        inbox: where arrivals go.
        clock: stamps them.
        waits: limits of what may block.

    Raises:
        SettingsError: for authorities that cannot be read.
    """

    def __init__(self, url: str, inbox: Inbox, clock: Clock, waits: SocketWaits | None = None) -> None:
        self._url = url
        self._inbox = inbox
        self._clock = clock
        self._bundle = named_bundle() if urlsplit(url).scheme == "wss" else None
        self._waits = waits or SocketWaits()
        self._lock = threading.Lock()
        self._link: _Link | None = None
        self._last: _Link | None = None
        self._is_shut = False
        self._opened = 0

    @property
    def current(self) -> int | None:
        """The number of the connection that counts; None when there is none. What others still say is to be ignored."""
        link = self._link
        return link.number if link is not None else None

    def open(self) -> None:
        """Begin a new connection in a new thread; the one before is given up."""
        self.close()
        with self._lock:
            if self._is_shut:
                return
            self._opened += 1
            self._link = self._last = _Link(
                self._opened, self._url, self._inbox, self._clock, self._waits, bundle=self._bundle
            )
            self._link.start()

    def send(self, text: str) -> None:
        """Send a text frame. A failure arrives as the end of the connection."""
        link = self._link
        if link is not None:
            link.send(text, ABNF.OPCODE_TEXT)

    def ping(self) -> None:
        """Send a ping. A failure arrives as the end of the connection."""
        link = self._link
        if link is not None:
            link.send("", ABNF.OPCODE_PING)

    def close(self) -> None:
        """Leave the connection, open or not. Returns at once; its thread ends by itself."""
        with self._lock:
            link, self._link = self._link, None
        if link is not None:
            link.leave()

    def shut(self) -> None:
        """Leave the connection for good and wait for its thread. From any thread, and as often as one likes."""
        with self._lock:
            self._is_shut = True
            last = self._last
        self.close()
        if last is not None:
            last.join()  # even when somebody else has left it already and is still waiting


class _Link:
    """One connection from its opening to its end."""

    def __init__(
        self, number: int, url: str, inbox: Inbox, clock: Clock, waits: SocketWaits, *, bundle: str | None
    ) -> None:
        self.number = number
        self._bundle = bundle
        self._url = url
        self._inbox = inbox
        self._clock = clock
        self._waits = waits
        self._left = threading.Event()
        self._socket: websocket.WebSocket | None = None
        self._thread = threading.Thread(target=self._run, name=f"massive-feed-{number}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        if self._thread is not threading.current_thread():
            self._thread.join(self._waits.join_s)

    def send(self, text: str, opcode: int) -> None:
        ws = self._socket
        if ws is None or self._left.is_set():
            return
        try:
            ws.send(text, opcode)
        except (*_FAULTS, AttributeError):  # AttributeError: the reader has just let go of the inner socket
            # Half a frame may be on its way, so nothing can follow it. The reader wakes and posts the end.
            _cut(ws)

    def leave(self) -> None:
        self._left.set()
        ws = self._socket
        if ws is None:
            return
        try:
            ws.settimeout(self._waits.farewell_s)
            ws.send_close()
        except (*_FAULTS, AttributeError, ValueError):
            pass
        finally:
            _cut(ws)

    def _run(self) -> None:
        code, reason = None, ""
        try:
            code, reason = self._live()
        except websocket.WebSocketBadStatusException as error:
            reason = f"the handshake was refused with HTTP {error.status_code}"
        except websocket.WebSocketTimeoutException:
            reason = "no connection in time"
        except websocket.WebSocketConnectionClosedException:
            reason = "dropped without a close frame"
        except Exception as error:  # noqa: BLE001 - whatever ends the reader, its end must be posted
            reason = _words(error)
        finally:
            self._let_go()
            self._inbox.put(Ended(self.number, code, reason))

    def _live(self) -> tuple[int | None, str]:
        ws, chunks = self._connect()
        if self._left.is_set():
            return None, "left while connecting"
        self._inbox.put(Opened(self.number))
        return self._read(ws, chunks)

    def _connect(self) -> tuple[websocket.WebSocket, ChunkedSocket]:
        self._socket = ws = websocket.create_connection(
            self._url,
            timeout=self._waits.connect_s,
            enable_multithread=True,
            skip_utf8_validation=True,
            suppress_origin=True,
            redirect_limit=0,
            **self._tls(),
            **(_NO_PROXY if is_loopback(urlsplit(self._url).hostname) else {}),
        )
        ws.settimeout(self._waits.io_s)
        assert ws.sock is not None
        chunks = ChunkedSocket(ws.sock)
        ws.sock = cast("socket.socket", chunks)
        return ws, chunks

    def _tls(self) -> dict[str, Any]:
        is_secure = urlsplit(self._url).scheme == "wss"
        return {"sslopt": {"context": client_context(self._bundle)}} if is_secure else {}

    def _read(self, ws: websocket.WebSocket, chunks: ChunkedSocket) -> tuple[int | None, str]:
        inbox, number, now_s = self._inbox, self.number, self._clock.monotonic_s
        is_between = True  # two messages: the library holds nothing of the next one
        while not self._left.is_set():
            room = inbox.room
            if room <= 0:
                self._left.wait(_PAUSE_S)
                continue
            try:
                if is_between and (frames := chunks.whole_frames(room)):
                    inbox.put_frames(number, now_s(), frames)
                    if chunks.last_read < _LITTLE:
                        self._left.wait(_BREATH_S)
                    elif inbox.is_ahead:
                        self._left.wait(_REST_S)
                    continue
                is_between = False
                opcode, frame = ws.recv_data_frame(control_frame=True)
            except (websocket.WebSocketTimeoutException, TimeoutError):
                continue  # what was half read is kept and continued
            is_between = opcode in _DATA  # a control frame may stand amid the fragments of a message
            if is_between:
                inbox.put(Frame(number, now_s(), frame.data))
            elif opcode == ABNF.OPCODE_CLOSE:
                return _farewell(frame.data)
            else:
                inbox.put(Heard(number))
        return None, "left"

    def _let_go(self) -> None:
        if self._socket is not None:
            self._socket.shutdown()  # type: ignore[no-untyped-call]


def _cut(ws: websocket.WebSocket) -> None:
    """End the connection below the library, which wakes a reader that waits in it.

    The library's own `abort` does nothing once a close frame was sent.
    """
    inner = ws.sock
    if inner is not None:
        with contextlib.suppress(OSError):
            inner.shutdown(socket.SHUT_RDWR)


def _farewell(data: bytes) -> tuple[int, str]:
    if len(data) < 2:
        return _NO_CODE, ""
    return struct.unpack("!H", data[:2])[0], data[2:].decode("utf-8", "replace")


def _words(error: Exception) -> str:
    """The fault without what a library's text may hold of addresses."""
    if (fault := tls_fault(error)) is not None:
        return fault
    words = error.strerror if isinstance(error, OSError) else None
    return words or type(error).__name__
