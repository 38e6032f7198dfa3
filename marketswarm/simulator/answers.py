"""What the REST side says: envelopes, and refusals in the vendor's words."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from marketswarm.simulator.switches import Switches

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer before it is compressed."""

    status: int
    body: bytes
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """A request that gets a refusal instead of data."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def plain(body: Any) -> Answer:
    """Data without the usual envelope."""
    return Answer(200, msgspec.json.encode(body))


def found(results: Any, next_url: str | None = None, *, delayed: bool = False, **more: Any) -> Answer:
    """Results in the usual envelope, with more members if there are any; `next_url` only where there is a next page."""
    body = {"results": results, "status": status_of(delayed=delayed), "request_id": request_id()} | more
    return plain(body if next_url is None else body | {"next_url": next_url})


def status_of(*, delayed: bool) -> str:
    """The word of a success."""
    return "DELAYED" if delayed else "OK"


def bad_query(problem: str) -> Refused:
    """400: a parameter that cannot be read."""
    return _error(400, f"Failed to parse query parameters from URL: {problem}")


def no_key() -> Refused:
    """401: neither header nor parameter carries a key."""
    return _error(401, "API Key was not provided")


def unknown_key() -> Refused:
    """401: a key that the simulator was told not to know."""
    return _error(401, "Unknown API Key")


def not_entitled(switches: Switches) -> Refused:
    """A plan that does not include what was asked for."""
    return _not_authorized(switches, "You are not entitled to this data.")


def not_in_timeframe(switches: Switches) -> Refused:
    """A plan that includes what was asked for, but not of so late a moment."""
    return _not_authorized(switches, "Your plan doesn't include this data timeframe.")


def too_many_calls(switches: Switches, wait_ms: int) -> Refused:
    """429: more calls than the plan allows in a minute."""
    text = "You've exceeded the maximum requests per minute, please wait or upgrade your subscription to continue."
    headers = {"Retry-After": str(-(-wait_ms // 1000))} if switches.retry_after == "seconds" else {}
    return _error(429, text, headers)


def no_such_object(what: str) -> Refused:
    """404 for an object, in JSON: `Data`, `Ticker`, `Option Ticker` not found."""
    body = {"status": "NOT_FOUND", "request_id": request_id(), "message": f"{what} not found."}
    return Refused(Answer(404, msgspec.json.encode(body)))


def no_such_route() -> Answer:
    """404 for a path, in plain text."""
    return Answer(404, b"404 page not found", "text/plain")


def foreign_row(ticker: str) -> dict[str, str]:
    """The row of a ticker that the plans do not include, inside an answer that holds others."""
    return {"error": "NOT_ENTITLED", "message": "Not entitled to this ticker.", "ticker": ticker}


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


def decimal(size: int) -> str:
    """A whole size as the wire spells decimals."""
    return f"{size}.0"


def _error(status: int, text: str, headers: Mapping[str, str] | None = None) -> Refused:
    body = {"status": "ERROR", "request_id": request_id(), "error": text}
    return Refused(Answer(status, msgspec.json.encode(body), headers=headers or {}))


def _not_authorized(switches: Switches, why: str) -> Refused:
    text = f"{why} Please upgrade your plan at https://massive.com/pricing"
    body = {"status": "NOT_AUTHORIZED", "request_id": request_id(), "message": text}
    return Refused(Answer(int(switches.refusal_status), msgspec.json.encode(body)))
