"""What stands before everything: refusals, bounds, and the headers of safety."""

import asyncio
import json
from typing import Any

import pytest

from marketswarm.clock import ManualClock
from marketswarm.outlets.gateway.access import AccessRules
from marketswarm.outlets.gateway.guard import MOST_BYTES, Guard


async def served(_scope: Any, _receive: Any, send: Any) -> None:
    """Says yes."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-own", b"1")]})
    await send({"type": "http.response.body", "body": b"yes"})


def answer(
    method: str = "GET", peer: Any = ("127.0.0.1", 1), kind: str = "http", **headers: str
) -> list[dict]:
    """What a request is answered with."""
    named = {"host": "127.0.0.1", **{name.replace("_", "-"): value for name, value in headers.items()}}
    pairs = [(name.encode(), value.encode()) for name, value in named.items()]
    scope = {"type": kind, "method": method, "path": "/api/v1/x", "headers": pairs, "client": peer}
    sent: list[dict] = []

    async def send(message: dict) -> None:
        sent.append(message)

    guard = Guard(served, AccessRules("127.0.0.1", token="a-token-of-sixteen"), ManualClock())
    asyncio.run(guard(scope, None, send))  # type: ignore[arg-type]
    return sent


@pytest.mark.parametrize("headers", [{}, {"host": "evil.example"}])
def test_every_answer_has_the_headers_of_safety(headers: dict[str, str]) -> None:
    """Those that are served, beside their own, and those that are refused."""
    found = dict(answer(**headers)[0]["headers"])
    assert found[b"content-security-policy"].startswith(b"default-src 'self'; frame-ancestors 'none'")
    assert found[b"x-content-type-options"] == b"nosniff"
    assert found[b"referrer-policy"] == b"no-referrer"
    assert not [name for name in found if name.startswith(b"access-control")]
    assert (b"x-own" in found) is (not headers)


def test_a_refusal_is_json() -> None:
    """Kind and reason in one object; 401 says how to come in."""
    start, body = answer(peer=("203.0.113.9", 1))
    assert start["status"] == 401
    assert dict(start["headers"])[b"www-authenticate"].startswith(b"Bearer")
    assert json.loads(body["body"])["error"] == "token-needed"


def test_a_peer_that_is_unknown_is_a_stranger() -> None:
    """A server that does not say whom it speaks to is given nothing for that."""
    assert answer(peer=None)[0]["status"] == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"content_length": str(MOST_BYTES)}, 200),
        ({"content_length": str(MOST_BYTES + 1)}, 413),
        ({"content_length": "-1"}, 411),
        ({"content_length": "many"}, 411),
        ({"transfer_encoding": "chunked"}, 411),
    ],
)
def test_what_is_sent_is_bounded(headers: dict[str, str], status: int) -> None:
    """A change says how long it is, and is short."""
    assert answer("POST", **headers)[0]["status"] == status


def test_there_are_no_web_sockets() -> None:
    """One is closed before it is opened."""
    assert answer(kind="websocket") == [{"type": "websocket.close", "code": 1008}]
