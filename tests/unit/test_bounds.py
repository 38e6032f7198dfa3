"""Ranges in words: whole ones, of numbers as click, pydantic and FastAPI describe them."""

from typing import Annotated

import pytest
from annotated_types import Ge, Le
from pydantic import Field

from marketswarm.bounds import is_about_a_number, range_of, range_words


@pytest.mark.parametrize(
    ("low", "high", "whole", "above", "words"),
    [
        (1, 500, True, False, "a whole number from 1 to 500"),
        (0, None, True, False, "a whole number, 0 or more"),
        (None, 9, True, False, "a whole number, 9 or less"),
        (None, None, False, False, "a number"),
        (0, None, False, True, "a number above 0"),
        (0.0, 1.5, False, True, "a number above 0, up to 1.5"),
    ],
)
def test_a_range_is_told_whole(low, high, whole, above, words):
    """Both ends, and whether a fraction will do."""
    assert range_words(low, high, whole=whole, above=above) == words


def test_a_range_is_read_from_hints():
    """Wherever it stands in them; what is no number has none."""
    assert range_of(Annotated[int, Field(ge=1, le=500)]) == "a whole number from 1 to 500"
    assert range_of(Annotated[int, Field(ge=1, le=9)] | None) == "a whole number from 1 to 9"
    assert range_of(float | None, Field(gt=0)) == "a number above 0"
    assert range_of(int, Ge(0), Le(5)) == "a whole number from 0 to 5"
    assert range_of(str | None) is None


def test_errors_about_numbers_are_known():
    """No number, or one out of its range; not a text's own error."""
    assert is_about_a_number("int_parsing")
    assert is_about_a_number("less_than_equal")
    assert not is_about_a_number("value_error")
