"""Stands before everything that the gateway serves: asks the rules, bounds what is sent, and adds the headers of safety."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from marketswarm.clock import Clock
from marketswarm.outlets.gateway.access import CHANGES, AccessRules, Asked, Refusal

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

MOST_BYTES: Final = 4_096
"""Of what a request may send; the longest order has a hundred."""

_HEADERS: Final = (
    (
        b"content-security-policy",
        b"default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Guard:
    """An ASGI application around another one."""

    def __init__(self, served: Application, rules: AccessRules, clock: Clock) -> None:
        self._served = served
        self._rules = rules
        self._clock = clock

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] == "lifespan":
            await self._served(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        asked = self._asked(scope)
        guarded = _with_headers(send)
        refusal = self._rules.refusal(asked) or _too_much(asked)
        if refusal is not None:
            await _refuse(refusal, guarded)
        else:
            await self._served(scope, receive, guarded)

    def _asked(self, scope: Message) -> Asked:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        peer = scope.get("client") or ("",)
        return Asked(scope["method"], scope["path"], peer[0], headers, self._clock.now_ms())


def _too_much(asked: Asked) -> Refusal | None:
    if asked.method not in CHANGES:
        return None
    length = asked.headers.get("content-length", "0")
    if "transfer-encoding" in asked.headers or not length.isdigit():
        return Refusal(411, "length-needed", "send Content-Length; what is sent in chunks is not taken")
    if int(length) > MOST_BYTES:
        return Refusal(413, "too-long", f"Content-Length is {length[:20]}; allowed: up to {MOST_BYTES}")
    return None


def _with_headers(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *_HEADERS]}
        await send(message)

    return guarded


async def _refuse(refusal: Refusal, send: Send) -> None:
    body = json.dumps({"error": refusal.error, "reason": refusal.reason}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    if refusal.status == 401:
        headers.append((b"www-authenticate", b'Bearer realm="marketswarm"'))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
