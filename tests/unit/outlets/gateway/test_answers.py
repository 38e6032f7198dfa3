"""How the gateway answers: JSON that no cache keeps, and errors of one shape."""

import json
from collections.abc import Callable

import pytest
from fastapi import FastAPI

from marketswarm.errors import BadArgument, NoSuchChain, StoreUnavailable, UnknownSymbol
from marketswarm.outlets.gateway.answers import JsonAnswer, answer_errors, problem, raw_object


def test_json_is_short_and_not_kept() -> None:
    """No spaces, letters as they are, and no cache."""
    answer = JsonAnswer({"a": [1, 2.5], "b": "Δ"})
    assert answer.body == '{"a":[1,2.5],"b":"Δ"}'.encode()
    assert answer.headers["cache-control"] == "no-store"
    assert answer.media_type == "application/json"


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_that_is_none_is_no_json(number: float) -> None:
    """It is an error here, not at the reader's."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        JsonAnswer({"a": number})


@pytest.mark.parametrize("head", [{}, {"a": 1, "b": "}"}])
def test_stored_text_is_put_in_as_it_is(head: dict) -> None:
    """One more member, whose value is JSON text."""
    assert json.loads(raw_object(head, "c", b'{"d":[]}')) == {**head, "c": {"d": []}}


def test_a_reason_is_one_line() -> None:
    """Whatever it is made of."""
    assert json.loads(problem(503, "x", "one\n  two").body) == {"error": "x", "reason": "one two"}


def handler(error: type[Exception]) -> Callable:
    """What answers that error."""
    app = FastAPI()
    answer_errors(app)
    return next(app.exception_handlers[kind] for kind in error.__mro__ if kind in app.exception_handlers)


@pytest.mark.parametrize(
    ("raised", "status", "kind"),
    [
        (UnknownSymbol("symbol", "X", "SPX"), 404, "unknown-symbol"),
        (NoSuchChain("SPX"), 404, "no-such-chain"),
        (BadArgument("limit", 0, "1 to 9"), 400, "bad-argument"),
        (StoreUnavailable("redis://here", "gone"), 503, "store-unavailable"),
    ],
)
def test_our_errors_by_their_kind(raised: Exception, status: int, kind: str) -> None:
    """Each has its status, its kind, and its own line."""
    answer = handler(type(raised))(None, raised)
    assert answer.status_code == status
    assert json.loads(answer.body) == {"error": kind, "reason": str(raised)}
    assert ("retry-after" in answer.headers) is (status == 503)


def test_an_unknown_error_says_nothing_of_itself() -> None:
    """Its words may hold anything."""
    answer = handler(ZeroDivisionError)(None, ZeroDivisionError("secret words"))
    assert answer.status_code == 500
    assert b"secret" not in answer.body
