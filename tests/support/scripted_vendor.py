"""The vendor as a test wants it: scripted REST answers and a scripted WebSocket, on one free port of loopback.

Without a script it behaves well, with the small chain of `canned_chain`:

    with ScriptedVendor() as vendor:
        vendor.rest_url, vendor.ws_url, vendor.key      # what the program under test is given
        vendor.push_quote(vendor.chain.ticker(680), bid=3.1, ask=3.2)
        vendor.answer("/v3/snapshot", Answer(503), Answer(body={...}))
        vendor.script(Say([...]), Expect("auth"), CloseWith(1008))
"""

import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.support.canned_chain import CannedChain
from tests.support.scripted_frames import PING, Peer, handshake_answer


@dataclass
class Answer:
    """One REST answer. A body that is no text is sent as JSON; `drop` hangs up without any answer."""

    status: int = 200
    body: Any = ""
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    drop: bool = False


def rows_answer(*rows: Any, next_url: str | None = None, status: str = "OK", **headers: str) -> Answer:
    """A successful page."""
    body = {"results": list(rows), "status": status, "request_id": "0" * 32}
    return Answer(body=body | ({"next_url": next_url} if next_url else {}), headers=headers)


@dataclass
class Asked:
    """One REST request."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass
class Say:
    """Send a frame: events as JSON, or a text as it is."""

    what: Any


@dataclass
class Expect:
    """Wait for a message of that action, which must contain the text."""

    action: str
    containing: str = ""


@dataclass
class CloseWith:
    """Send a close frame and hang up."""

    code: int
    reason: str = ""


@dataclass
class Drop:
    """Hang up without a close frame."""


@dataclass
class Mute:
    """Read on, but answer nothing any more, not even pings."""


@dataclass
class Pause:
    """Do nothing for a while."""

    seconds: float


@dataclass
class Serve:
    """Behave like the vendor from here on."""

    greet: bool = True
    is_authenticated: bool = False


class ScriptedVendor:
    """See the module. `received` holds the client's messages, all connections in one list."""

    def __init__(self, key: str = "scripted-key", chain: CannedChain | None = None) -> None:
        self.key = key
        self.chain = chain or CannedChain()
        self.page_size = 8
        self.asked: list[Asked] = []
        self.received: list[dict] = []
        self.connections = 0
        self.is_silent: Callable[[str], bool] = lambda channel: False
        self.refused_kinds: set[str] = set()
        self.status = "OK"
        self.failures: list[str] = []
        self._answers: defaultdict[str, deque[Answer]] = defaultdict(deque)
        self._forever: dict[str, Answer] = {}
        self._scripts: deque[tuple] = deque()
        self._served: dict[Peer, set[str]] = {}
        self._sequence = 0
        self._server = _Server(("127.0.0.1", 0), _handler(self))

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.drop_connections()
        self._server.shutdown()
        self._server.server_close()

    @property
    def rest_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self._server.server_port}"

    def answer(self, path: str, *answers: Answer, forever: bool = False) -> None:
        """Queue answers for a path; `forever` keeps the last one. Behind them stand the canned ones."""
        self._answers[path].extend(answers)
        if forever:
            self._forever[path] = self._answers[path].pop()

    def script(self, *steps: Any) -> None:
        """What the next WebSocket connection goes through; connections without a script are served well."""
        self._scripts.append(steps)

    def subscribed(self) -> set[str]:
        """Channels that some connection holds."""
        return set().union(*list(self._served.values()))

    def push(self, *events: dict) -> int:
        """Send the events to each connection that holds their channels. How many were sent."""
        sent = 0
        for peer, channels in list(self._served.items()):
            chosen = [event for event in events if f"{event['ev']}.{event.get('sym')}" in channels]
            if chosen and peer.send_text(json.dumps(chosen)):
                sent += len(chosen)
        return sent

    def push_quote(self, ticker: str, *, bid: float, ask: float, **fields: Any) -> int:
        """Send one quote, stamped now unless `t` says otherwise."""
        self._sequence += 7
        event = {"ev": "Q", "sym": ticker, "bx": 302, "ax": 316, "bp": bid, "ap": ask, "bs": 5, "as": 6}
        return self.push(event | {"t": time.time_ns() // 1_000_000, "q": self._sequence} | fields)

    def push_raw(self, text: str | bytes) -> None:
        """Send a text to each served connection, whatever it is."""
        for peer in list(self._served):
            peer.send_text(text)

    def ping(self) -> None:
        """Send a ping to each served connection."""
        for peer in list(self._served):
            peer.send_frame(PING, b"")

    def drop_connections(self) -> None:
        """Hang up on all without a close frame."""
        for peer in list(self._served):
            peer.drop()

    def close_connections(self, code: int, reason: str = "") -> None:
        """Send all a close frame and hang up."""
        for peer in list(self._served):
            peer.close(code, reason)

    def wait_for(self, holds: Callable[[], bool], timeout_s: float = 20.0) -> None:
        """Wait until something holds; an error when it never does."""
        end = time.monotonic() + timeout_s
        while not holds():
            if time.monotonic() > end:
                raise AssertionError(f"did not come to hold; received: {self.received}")
            time.sleep(0.005)

    def reply_to(self, asked: Asked) -> Answer:
        """The next answer for a request."""
        self.asked.append(asked)
        if self._answers[asked.path]:
            return self._answers[asked.path].popleft()
        if asked.path in self._forever:
            return self._forever[asked.path]
        if asked.headers.get("Authorization") != f"Bearer {self.key}":
            return Answer(401, {"status": "ERROR", "request_id": "0", "error": "Unknown API Key"})
        return self._canned(asked)

    def converse(self, peer: Peer) -> None:
        """Go through one connection's script."""
        self.connections += 1
        for step in self._scripts.popleft() if self._scripts else (Serve(),):
            if not self._take_step(peer, step):
                break
        self._served.pop(peer, None)
        peer.drop()

    def _take_step(self, peer: Peer, step: Any) -> bool:
        match step:
            case Say(what):
                return peer.send_text(what if isinstance(what, (str, bytes)) else json.dumps(what))
            case Expect(action, containing):
                return self._expect(peer, action, containing)
            case CloseWith(code, reason):
                peer.close(code, reason)
            case Mute():
                peer.answers_pings = False
                while self._read(peer) is not None:
                    pass
            case Pause(seconds):
                time.sleep(seconds)
                return True
            case Serve():
                self._serve(peer, step)
        return False

    def _expect(self, peer: Peer, action: str, containing: str) -> bool:
        message = self._read(peer)
        if message is None or message["action"] != action or containing not in message["params"]:
            self.failures.append(f"expected {action} {containing!r}, got {message}")
            return False
        return True

    def _read(self, peer: Peer) -> dict | None:
        text = peer.read_text()
        if text is None:
            return None
        self.received.append(json.loads(text))
        return self.received[-1]

    def _serve(self, peer: Peer, how: Serve) -> None:
        if how.greet:
            peer.send_text(_statuses(("connected", "Connected Successfully")))
        held: set[str] = set()
        is_authenticated = how.is_authenticated
        self._served[peer] = held
        while (message := self._read(peer)) is not None:
            if message["action"] == "auth":
                is_authenticated = message["params"] == self.key
                if not is_authenticated:
                    peer.send_text(_statuses(("auth_failed", "authentication failed")))
                    return
                peer.send_text(_statuses(("auth_success", "authenticated")))
            elif not is_authenticated:
                peer.send_text(_statuses(("auth_required", "authenticate first")))
            else:
                self._change(peer, held, message)

    def _change(self, peer: Peer, held: set[str], message: dict) -> None:
        channels = message["params"].split(",")
        if message["action"] == "unsubscribe":
            gone = [channel for channel in channels if channel in held]
            held.difference_update(gone)
            said = [("success", f"unsubscribed to: {channel}") for channel in gone]
        else:
            refused = [channel for channel in channels if channel.partition(".")[0] in self.refused_kinds]
            new = [c for c in channels if c not in held and c not in refused and not self.is_silent(c)]
            held.update(new)
            said = [("error", "not authorized")] * bool(refused)
            said += [("success", f"subscribed to: {channel}") for channel in new]
        if said:
            peer.send_text(_statuses(*said))

    def _canned(self, asked: Asked) -> Answer:
        chain, query = self.chain, asked.query
        if asked.path == f"/v3/snapshot/options/{chain.symbol}":
            page = self._chain_page(asked)
            page.body["status"] = self.status
            return page
        if asked.path == "/v3/reference/options/contracts":
            day = str(chain.expiration)
            is_listed = query.get("underlying_ticker") == chain.symbol and all(
                (
                    query.get("expiration_date", day) == day,
                    query.get("expiration_date.gte", day) <= day,
                    query.get("expiration_date.gt", "") < day,
                )
            )
            return rows_answer(*(chain.listed() if is_listed else ()))
        if asked.path == "/v3/snapshot":
            tickers = query.get("ticker.any_of", "").split(",")
            errors = [
                {"ticker": ticker, "error": "NOT_FOUND", "message": "Ticker not found."}
                for ticker in tickers
                if ticker != chain.symbol
            ]
            return rows_answer(*([chain.snapshot()] * (chain.symbol in tickers)), *errors)
        return Answer(404, "404 page not found", {"Content-Type": "text/plain"})

    def _chain_page(self, asked: Asked) -> Answer:
        """A page of the window; each page behind the first begins with an old repetition of the row before it."""
        cursor = json.loads(asked.query.get("cursor", "{}")) or asked.query
        low, high = (
            float(cursor.get(f"strike_price.{end}", bound)) for end, bound in (("gte", 0), ("lte", 1e9))
        )
        day = cursor.get("expiration_date", str(self.chain.expiration))
        rows = [
            row
            for row in self.chain.rows()
            if low <= row["details"]["strike_price"] <= high and row["details"]["expiration_date"] == day
        ]
        first = int(cursor.get("first", 0))
        page = rows[first : first + self.page_size]
        if first:
            page = [self.chain.older(rows[first - 1]), *page]
        if first + self.page_size >= len(rows):
            return rows_answer(*page)
        following = json.dumps({**cursor, "first": first + self.page_size})
        return rows_answer(
            *page, next_url=f"https://api.polygon.io{asked.path}?{urlencode({'cursor': following})}"
        )


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Nothing: clients that leave early are part of many a test."""


def _statuses(*said: tuple[str, str]) -> str:
    return json.dumps([{"ev": "status", "status": status, "message": message} for status, message in said])


def _handler(vendor: ScriptedVendor) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            key = self.headers.get("Sec-WebSocket-Key")
            if key is not None and urlsplit(self.path).path == "/options":
                self.wfile.write(handshake_answer(key))
                self.close_connection = True
                vendor.converse(Peer(self.connection))
                return
            parts = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            self._reply(vendor.reply_to(Asked(parts.path, query, dict(self.headers))))

        def _reply(self, answer: Answer) -> None:
            time.sleep(answer.delay_s)
            if answer.drop:
                self.close_connection = True
                return
            body = answer.body
            data = (
                body
                if isinstance(body, bytes)
                else (body if isinstance(body, str) else json.dumps(body)).encode()
            )
            self.send_response(answer.status)
            headers = {"Content-Type": "application/json", "Content-Length": str(len(data))} | answer.headers
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Nothing: the tests look at what was asked themselves."""

    return Handler
