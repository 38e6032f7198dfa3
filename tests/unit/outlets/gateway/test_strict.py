"""What a call does not know is refused; over HTTP it is in tests/flow/test_gateway_refuses.py."""

import asyncio
from typing import Annotated, Any

import pytest
from fastapi import HTTPException, Query, Request

from marketswarm.errors import BadArgument
from marketswarm.outlets.gateway.strict import check_body, check_query, query_names


def call(
    symbol: str, minutes: Annotated[int, Query(ge=1)] = 60, full: Annotated[str | None, Query()] = None
) -> None:
    """A call with a path and two parameters."""


def asked(query: bytes = b"", **headers: str) -> Request:
    """A request of that call."""
    told = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope: dict[str, Any] = {"type": "http", "endpoint": call, "query_string": query, "headers": told}
    return Request(scope)


def test_the_names_of_a_query_are_those_of_the_call():
    """Not those of its path or body."""
    assert query_names(call) == ["minutes", "full"]


@pytest.mark.parametrize(
    ("query", "line"),
    [
        (b"minute=5", "query is 'minute'; allowed: the names minutes, full"),
        (b"symbol=SPX", "query is 'symbol'; allowed: the names minutes, full"),
        (
            b"minutes=5&minutes=6",
            "minutes is '6'; allowed: to be given once, with commas between several values",
        ),
    ],
)
def test_an_unknown_parameter_is_refused(query, line):
    """By its name, with those that there are."""
    with pytest.raises(BadArgument) as refused:
        asyncio.run(check_query(asked(query)))
    assert str(refused.value) == line
    asyncio.run(check_query(asked(b"minutes=5&full=")))


def test_a_body_says_that_it_is_json():
    """Else 415; an empty one need not."""
    for kind in ({}, {"content_type": "text/plain"}, {"content_type": "application/x-www-form-urlencoded"}):
        with pytest.raises(HTTPException, match="allowed: application/json") as refused:
            asyncio.run(check_body(asked(content_length="9", **kind)))
        assert refused.value.status_code == 415
    asyncio.run(check_body(asked(content_length="9", content_type="application/json; charset=utf-8")))
    asyncio.run(check_body(asked(content_length="0")))
    asyncio.run(check_body(asked()))
