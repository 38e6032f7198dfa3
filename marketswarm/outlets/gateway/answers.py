"""How the gateway answers: JSON that no cache keeps, and each error as `{"error": kind, "reason": one line}`."""

import json
from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from marketswarm.errors import BadArgument, NoSuchChain, StoreUnavailable, UnknownSymbol
from marketswarm.outlets.gateway.allowed import allowed_words

_STATUS: Final[tuple[tuple[type[Exception], int, str], ...]] = (
    (UnknownSymbol, 404, "unknown-symbol"),
    (NoSuchChain, 404, "no-such-chain"),
    (BadArgument, 400, "bad-argument"),
    (StoreUnavailable, 503, "store-unavailable"),
)
_KINDS: Final = {404: "not-found", 405: "method-not-allowed", 415: "not-json"}


class JsonAnswer(Response):
    """A JSON document, or one that is JSON text already."""

    media_type = "application/json"

    def __init__(self, content: Any = None, status_code: int = 200, **rest: Any) -> None:
        super().__init__(content, status_code, **rest)
        self.headers["cache-control"] = "no-store"

    def render(self, content: Any) -> bytes:
        """The bytes to send; a number that JSON has no words for is an error here, not at the reader's."""
        if isinstance(content, bytes):
            return content
        return json.dumps(content, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def problem(status: int, error: str, reason: str, headers: Mapping[str, str] | None = None) -> JsonAnswer:
    """An error, in the words of the gateway."""
    content = {"error": error, "reason": " ".join(reason.split())}
    return JsonAnswer(content, status, headers=dict(headers or {}))


def raw_object(head: Mapping[str, Any], name: str, body: bytes) -> bytes:
    """A JSON object of the members of `head`, and one more whose value is JSON text."""
    begun = json.dumps(head, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    comma = b"," if head else b""
    return b"%s%s%s:%s}" % (begun[:-1], comma, json.dumps(name).encode(), body)


def answer_errors(app: FastAPI) -> None:
    """Let an application answer all errors that way."""
    for kind, status, error in _STATUS:
        app.add_exception_handler(kind, _known(status, error))
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def _known(status: int, error: str) -> Any:
    def answer(_request: Request, raised: Exception) -> JsonAnswer:
        headers = {"retry-after": "1"} if status == 503 else {}
        return problem(status, error, str(raised), headers)

    return answer


def _invalid(request: Request, raised: Exception) -> JsonAnswer:
    """The first thing that does not fit: field, value, and what is allowed. What may be a token is not told again."""
    assert isinstance(raised, RequestValidationError)
    found = raised.errors()[0]
    field = ".".join(str(part) for part in found["loc"][1:]) or str(found["loc"][0])
    allowed = allowed_words(found, request.scope.get("endpoint"))
    if found["type"] == "json_invalid":
        return problem(400, "bad-argument", "body is no JSON; allowed: a JSON object")
    is_secret = "token" in field.lower() or request.url.path.endswith("/session")
    shown = "********" if is_secret else json.dumps(found.get("input"), default=str)[:80]
    return problem(400, "bad-argument", f"{field} is {shown}; allowed: {allowed}")


def _http(request: Request, raised: Exception) -> JsonAnswer:
    assert isinstance(raised, HTTPException)
    error = _KINDS.get(raised.status_code, "refused")
    reason = f"{request.method} {request.url.path[:100]}: {raised.detail}"
    return problem(raised.status_code, error, reason, raised.headers)


def _unexpected(_request: Request, _raised: Exception) -> JsonAnswer:
    """The words of an unknown error may hold anything: the server writes them to the log, which masks secrets."""
    return problem(500, "internal", "the gateway failed at this; its log says why")
