"""What the REST side says: envelopes, and refusals in the vendor's words."""

import secrets
from dataclasses import dataclass
from typing import Any

import msgspec

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer before it is compressed."""

    status: int
    body: bytes
    content_type: str = JSON


class Refused(Exception):
    """A request that gets a refusal instead of data."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def plain(body: Any) -> Answer:
    """Data without the usual envelope."""
    return Answer(200, msgspec.json.encode(body))


def found(results: Any, next_url: str | None = None) -> Answer:
    """Results in the usual envelope; `next_url` only where there is more."""
    body = {"results": results, "status": "OK", "request_id": request_id()}
    return plain(body if next_url is None else body | {"next_url": next_url})


def bad_query(problem: str) -> Refused:
    """400: a parameter that cannot be read."""
    return _error(400, f"Failed to parse query parameters from URL: {problem}")


def no_key() -> Refused:
    """401: neither header nor parameter carries a key."""
    return _error(401, "API Key was not provided")


def unknown_key() -> Refused:
    """401: a key that the simulator was told not to know."""
    return _error(401, "Unknown API Key")


def no_such_object(what: str) -> Refused:
    """404 for an object, in JSON: `Data`, `Ticker`, `Option Ticker` not found."""
    body = {"status": "NOT_FOUND", "request_id": request_id(), "message": f"{what} not found."}
    return Refused(Answer(404, msgspec.json.encode(body)))


def no_such_route() -> Answer:
    """404 for a path, in plain text."""
    return Answer(404, b"404 page not found", "text/plain")


def missing_row(ticker: str) -> dict[str, str]:
    """The row of a ticker that is not known, inside an answer that holds others."""
    return {"error": "NOT_FOUND", "message": "Ticker not found.", "ticker": ticker}


def request_id() -> str:
    """32 hexadecimal digits."""
    return secrets.token_hex(16)


def number(value: float) -> float:
    """A number as the wire spells it: whole ones without a fraction."""
    whole = int(value)
    return whole if whole == value else round(value, 6)


def _error(status: int, text: str) -> Refused:
    body = {"status": "ERROR", "request_id": request_id(), "error": text}
    return Refused(Answer(status, msgspec.json.encode(body)))
