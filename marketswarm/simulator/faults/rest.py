"""Faults of the answers over HTTP."""

from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import msgspec
from aiohttp import web

from marketswarm.simulator.answers import Answer, request_id
from marketswarm.simulator.faults.effect import Effect
from marketswarm.simulator.faults.fault import (
    Draw,
    Fault,
    Parameter,
    Values,
    choice,
    read_seconds,
    share,
    whole,
)

_TOO_MANY = (
    "You've exceeded the maximum requests per minute, please wait or upgrade your subscription to continue."
)
_NOT_ENTITLED = "You are not entitled to this data. Please upgrade your plan at https://massive.com/pricing"
_NS = 1_000_000_000
_INSTEAD = frozenset({"answer"})


class TooManyRequests(Effect):
    """429 in place of an answer, with or without the wait that is asked for."""

    def __init__(self, values: Values, draw: Draw) -> None:
        self._share, self._wait, self._is_empty = (
            values["share"],
            values["retry_after"],
            values["body"] == "empty",
        )
        self._draw = draw

    async def pass_answer(self, request: web.Request, answer: Answer) -> web.StreamResponse | Answer:
        """A share of the answers is a refusal."""
        if self._draw() >= self._share:
            return answer
        body = (
            b""
            if self._is_empty
            else _json({"status": "ERROR", "request_id": request_id(), "error": _TOO_MANY})
        )
        headers = {} if self._wait is None else {"Retry-After": f"{self._wait:g}"}
        return web.Response(status=429, body=body, headers=headers, content_type="application/json")


class ServerError(Effect):
    """An answer of the 500s, in JSON or as a proxy's page."""

    def __init__(self, values: Values, draw: Draw) -> None:
        self._share, self._status, self._kind = values["share"], values["status"], values["body"]
        self._draw = draw

    async def pass_answer(self, request: web.Request, answer: Answer) -> web.StreamResponse | Answer:
        """A share of the answers is an error."""
        if self._draw() >= self._share:
            return answer
        words = HTTPStatus(self._status).phrase
        if self._kind == "html":
            page = f"<html><body><h1>{self._status} {words}</h1></body></html>"
            return Answer(self._status, page.encode(), "text/html")
        return Answer(self._status, _json({"status": "ERROR", "request_id": request_id(), "error": words}))


class CutPage(Effect):
    """The pages behind the first one fail, or break off in the middle."""

    def __init__(self, values: Values, _draw: Draw) -> None:
        self._is_truncated = values["how"] == "truncate"

    async def pass_answer(self, request: web.Request, answer: Answer) -> web.StreamResponse | Answer:
        """Only a request with a cursor asks for a later page."""
        if "cursor" not in request.query:
            return answer
        if not self._is_truncated:
            return Answer(
                500, _json({"status": "ERROR", "request_id": request_id(), "error": "internal error"})
            )
        response = web.StreamResponse(headers={"Content-Type": answer.content_type})
        response.content_length = len(answer.body)
        await response.prepare(request)
        await response.write(answer.body[: len(answer.body) // 2])
        if request.transport is not None:
            request.transport.close()
        return response


class ForeignNextUrl(Effect):
    """The next page is said to be on another host."""

    def __init__(self, values: Values, _draw: Draw) -> None:
        self._host = values["host"]

    async def pass_answer(self, request: web.Request, answer: Answer) -> web.StreamResponse | Answer:
        """The address keeps its path and its cursor."""
        body = _rows_of(answer)
        if body is None or "next_url" not in body:
            return answer
        parts = urlsplit(body["next_url"])
        return replace(
            answer, body=_json(body | {"next_url": f"https://{self._host}{parts.path}?{parts.query}"})
        )


class DuplicateRows(Effect):
    """Rows come twice, the second time as they were a second ago."""

    def __init__(self, values: Values, draw: Draw) -> None:
        self._share, self._draw = values["share"], draw

    async def pass_answer(self, request: web.Request, answer: Answer) -> web.StreamResponse | Answer:
        """The older copy stands before its row or behind it."""
        body = _rows_of(answer)
        if body is None:
            return answer
        rows: list[Any] = []
        for row in body["results"]:
            rows += [row] if self._draw() >= self._share else self._twice(row)
        return replace(answer, body=_json(body | {"results": rows}))

    def _twice(self, row: dict[str, Any]) -> list[dict[str, Any]]:
        older = dict(row)
        if "last_quote" in row:
            quote = row["last_quote"]
            older["last_quote"] = quote | {
                "last_updated": quote["last_updated"] - _NS,
                "bid": quote["bid"] + 0.05,
                "ask": quote["ask"] + 0.05,
            }
        return [older, row] if self._draw() < 0.5 else [row, older]


class NotAuthorized(Effect):
    """A refusal that calls itself 200."""

    def __init__(self, values: Values, draw: Draw) -> None:
        self._share, self._draw = values["share"], draw

    async def pass_answer(self, request: web.Request, answer: Answer) -> web.StreamResponse | Answer:
        """A share of the answers is a refusal."""
        if self._draw() >= self._share:
            return answer
        body = {"status": "NOT_AUTHORIZED", "request_id": request_id(), "message": _NOT_ENTITLED}
        return Answer(200, _json(body))


def _json(body: Any) -> bytes:
    return msgspec.json.encode(body)


def _rows_of(answer: Answer) -> dict[str, Any] | None:
    """The body of a list of rows; None for anything else."""
    if answer.status != 200:
        return None
    body = msgspec.json.decode(answer.body)
    is_list = isinstance(body, dict) and isinstance(body.get("results"), list)
    return body if is_list else None


def _wait(text: str) -> float | None:
    return None if text == "none" else read_seconds(text)


def _host(text: str) -> str:
    if not text or set(text) & set("/?#@ "):
        raise ValueError(text)
    return text


_ANSWERS = "share of the answers"
FAULTS = (
    Fault(
        "http-429",
        "REST",
        "answers 429 in place of data, with a Retry-After header or without",
        "the whole chain once loads are answered again; no call earlier than Retry-After says",
        TooManyRequests,
        (
            Parameter(
                "retry_after", "none", _wait, "none, or a time such as 2", "the wait that the header asks for"
            ),
            choice("body", ("json", "empty"), "the refusal in the vendor's words, or nothing"),
            share("1", _ANSWERS),
        ),
        excludes=_INSTEAD,
    ),
    Fault(
        "http-5xx",
        "REST",
        "answers with an error of the 500s in place of data",
        "the whole chain once loads are answered again",
        ServerError,
        (
            whole("status", "503", (500, 511), "the code"),
            choice("body", ("json", "html"), "in JSON, or as a proxy's page"),
            share("1", _ANSWERS),
        ),
        excludes=_INSTEAD,
    ),
    Fault(
        "not-authorized-200",
        "REST",
        "answers 200 with a body that says NOT_AUTHORIZED",
        "no chain of such answers; the whole chain once data comes again",
        NotAuthorized,
        (share("1", _ANSWERS),),
        excludes=_INSTEAD,
    ),
    Fault(
        "cut-page",
        "REST",
        "fails every page behind the first, or breaks it off in the middle of its body",
        "never a part of a chain: the old one, then the whole new one",
        CutPage,
        (choice("how", ("fail", "truncate"), "HTTP 500, or a body that ends early"),),
        excludes=_INSTEAD,
    ),
    Fault(
        "foreign-next-url",
        "REST",
        "puts another host into next_url",
        "the whole chain, from the host that was configured: neither key nor request goes to another one",
        ForeignNextUrl,
        (Parameter("host", "api.polygon.io", _host, "a host's name", "whose it is said to be"),),
    ),
    Fault(
        "duplicate-rows",
        "REST",
        "sends rows twice, one of them a second older and at other prices",
        "each contract once, as its newest row has it",
        DuplicateRows,
        (share("0.2", "share of the rows"),),
    ),
)
