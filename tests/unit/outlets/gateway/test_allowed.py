"""What a field may hold, in words; over HTTP it is in tests/flow/test_gateway_refuses.py."""

from typing import Annotated

import pytest
from fastapi import Body, Path, Query
from pydantic import BaseModel, Field

from marketswarm.outlets.gateway.allowed import allowed_words


class Order(BaseModel):
    """A body."""

    strikes: Annotated[int | None, Field(strict=True, ge=1, le=500)] = None
    day: Annotated[str | None, Field(pattern="x", description="YYYY-MM-DD")] = None


def call(
    name: Annotated[str, Path(pattern="x", description="as it was given")],
    minutes: Annotated[int, Query(ge=1, le=90)] = 60,
    order: Annotated[Order | None, Body()] = None,
) -> None:
    """A call with all kinds of fields."""


@pytest.mark.parametrize(
    ("kind", "place", "words"),
    [
        ("int_parsing", ("query", "minutes"), "a whole number from 1 to 90"),
        ("greater_than_equal", ("query", "minutes"), "a whole number from 1 to 90"),
        ("less_than_equal", ("body", "strikes"), "a whole number from 1 to 500"),
        ("int_type", ("body", "strikes"), "a whole number from 1 to 500"),
        ("string_pattern_mismatch", ("path", "name"), "as it was given"),
        ("string_pattern_mismatch", ("body", "day"), "YYYY-MM-DD"),
        ("extra_forbidden", ("body", "strike"), "the names strikes, day"),
        ("model_attributes_type", ("body",), "a JSON object"),
        ("string_too_long", ("query", "minutes"), "at most 9"),
    ],
)
def test_what_is_allowed_is_said_whole(kind, place, words):
    """A range has both ends; an object's names are listed; else the words are pydantic's."""
    problem = {"type": kind, "loc": place, "msg": "Input should be at most 9"}
    assert allowed_words(problem, call) == words


def test_without_an_endpoint_the_words_are_pydantics():
    """Then nothing more is known."""
    problem = {"type": "int_parsing", "loc": ("query", "x"), "msg": "Input should be a valid integer"}
    assert allowed_words(problem, None) == "a valid integer"
