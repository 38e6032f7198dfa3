"""The event stream in `/openapi.json`: it is no route of the framework, which would not describe it."""

from typing import Any, Final

from fastapi import FastAPI

from marketswarm.outlets.gateway.cursor import STREAMS

_PARAMETERS: Final = {
    "streams": f"separated by commas, of {', '.join(STREAMS)}; all unless given",
    "symbols": "separated by commas; all unless given",
    "since": "a cursor: go on behind it",
    "full": "1: an event of sse:chain-full brings the chain",
}
_PROBLEM: Final = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def describe_events(app: FastAPI) -> None:
    """Let an application describe `/sse`, too."""
    own = app.openapi

    def described() -> dict[str, Any]:
        document = own()
        document["paths"].setdefault("/sse", {"get": _operation()})
        return document

    app.openapi = described  # type: ignore[method-assign]


def _operation() -> dict[str, Any]:
    return {
        "tags": ["stream"],
        "summary": "Events",
        "description": "All that is wanted as server-sent events, resumable by their ids. See docs/gateway.md.",
        "operationId": "events_sse_get",
        "parameters": [_parameter("query", name, words) for name, words in _PARAMETERS.items()]
        + [_parameter("header", "Last-Event-ID", "the same as since, and goes before it")],
        "responses": {
            "200": {
                "description": "an endless stream",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            },
            "400": {"description": "a stream, symbol or cursor that there is not", "content": _PROBLEM},
        },
    }


def _parameter(place: str, name: str, words: str) -> dict[str, Any]:
    return {"name": name, "in": place, "required": False, "description": words, "schema": {"type": "string"}}
