"""The gateway as a test wants it: documents by path and scripted event streams, on one free port of loopback.

with ScriptedGateway() as gateway:
    gateway.answer("/api/v1/status", document)
    gateway.answer("/api/v1/status", Answer(503, {"error": "away", "reason": "…"}), document)   # one after the other
    gateway.script(frame("vigil:events", {...}, id="7"), CUT)                                     # one connection
    gateway.script(frame(…), HOLD)                                                              # the next one
"""

import json
import select
import socket
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Self
from urllib.parse import parse_qsl, urlsplit

HOLD: Final = "hold"
"""The connection stays open and says nothing until the client hangs up or the test ends."""
CUT: Final = "cut"
"""The connection ends without the end of its body."""


@dataclass
class Answer:
    """One answer; a body that is no text is sent as JSON."""

    status: int = 200
    body: Any = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


def frame(event: str, document: Any, id: str = "") -> bytes:
    """One event as it stands on the wire."""
    told = f"id: {id}\n" if id else ""
    return f"{told}event: {event}\ndata: {json.dumps(document)}\n\n".encode()


class ScriptedGateway:
    """Answers on a thread a connection. `holding` tells how many are held now."""

    def __init__(self, port: int = 0) -> None:
        self.asked: list[Asked] = []
        self.holding = 0
        self._answers: dict[str, deque[Answer]] = {}
        self._scripts: deque[tuple[bytes | str, ...]] = deque()
        self._ended = threading.Event()
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                gateway._serve(self)

            do_POST = do_GET  # noqa: N815  the server's own name

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, *answers: Any) -> None:
        """What is answered there, one after the other; the last one for good. A document stands for itself with 200."""
        made = (one if isinstance(one, Answer) else Answer(body=one) for one in answers)
        self._answers[path] = deque(made)

    def script(self, *acts: bytes | str) -> None:
        """What the next connection to the event stream gives: pieces of bytes, `HOLD` or `CUT`."""
        self._scripts.append(acts)

    def streams(self) -> list[Asked]:
        """The connections to the event stream so far."""
        return [one for one in self.asked if one.path == "/sse"]

    # -- inside -------------------------------------------------------------

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        query, headers = dict(parse_qsl(parts.query)), dict(handler.headers)
        self.asked.append(Asked(handler.command, parts.path, query, headers, body))
        answers = self._answers.get(parts.path)
        if answers:
            self._say(handler, answers.popleft() if len(answers) > 1 else answers[0])
        elif parts.path == "/sse" and self._scripts:
            self._act(handler, self._scripts.popleft())
        else:
            self._say(handler, Answer(404, {"error": "unknown", "reason": f"no such path: {parts.path}"}))

    def _hold(self, connection: socket.socket) -> None:
        self.holding += 1
        with suppress(ConnectionError):  # who hangs up with something unread resets the connection
            while not self._ended.wait(0.02):
                readable, _, _ = select.select([connection], [], [], 0)
                if readable and not connection.recv(1, socket.MSG_PEEK):
                    break
        self.holding -= 1

    def _say(self, handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        body = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
        handler.send_response(answer.status)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body.encode())))
        handler.end_headers()
        handler.wfile.write(body.encode())

    def _act(self, handler: BaseHTTPRequestHandler, acts: tuple[bytes | str, ...]) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.close_connection = True
        for act in acts:
            if act == HOLD:
                self._hold(handler.connection)
            elif act == CUT:
                return
            else:
                handler.wfile.write(f"{len(act):x}\r\n".encode() + act + b"\r\n")
                handler.wfile.flush()
        handler.wfile.write(b"0\r\n\r\n")
