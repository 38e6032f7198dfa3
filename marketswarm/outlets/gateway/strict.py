"""Refuses what a framework would pass over in silence: a parameter that a call does not know, a body that is not sent as JSON."""

from collections.abc import Callable
from inspect import get_annotations
from typing import Any, Final, get_args

from fastapi import HTTPException, Request
from fastapi.params import Query

from marketswarm.errors import BadArgument

_JSON: Final = "application/json"


async def check_query(request: Request) -> None:
    """Each parameter is one that the call knows, and is given once.

    Raises:
        BadArgument: with the names that there are.
    """
    known, seen = query_names(request.scope["endpoint"]), set[str]()
    for name, value in request.query_params.multi_items():
        if name not in known:
            allowed = f"the names {', '.join(known)}" if known else "nothing, this call has no parameters"
            raise BadArgument("query", name[:80], allowed)
        if name in seen:
            raise BadArgument(name, value[:80], "to be given once, with commas between several values")
        seen.add(name)


async def check_body(request: Request) -> None:
    """A body says that it is JSON; without a body there is nothing to say.

    Raises:
        HTTPException: 415.
    """
    given = request.headers.get("content-type", "")
    kind = given.partition(";")[0].strip().lower()
    if request.headers.get("content-length", "0") != "0" and kind != _JSON:
        shown = f"is {given[:80]!r}" if given else "is missing"
        raise HTTPException(415, f"Content-Type {shown}; allowed: {_JSON}")


def query_names(endpoint: Callable[..., Any]) -> list[str]:
    """The parameters of a call's query, in the order in which it takes them."""
    hints = get_annotations(endpoint)
    return [name for name, hint in hints.items() if any(isinstance(part, Query) for part in get_args(hint))]
