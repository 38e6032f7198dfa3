"""Pages of rows."""

import pytest

from marketswarm.simulator.paging import page_of
from marketswarm.simulator.query import Shape, as_number, as_text, read_query

SHAPE = Shape("X", {"id": as_number, "name": as_text}, ("id", "name"), 10)
ROWS = [{"id": n, "name": "ab"[n % 2]} for n in (9, 10, 2, 33, 1)]


def walked(**parameters: str) -> list[int]:
    """The ids of all pages, in order."""
    found, asked = [], {name.replace("__", "."): text for name, text in parameters.items()}
    while True:
        page, cursor = page_of(ROWS, read_query(asked, SHAPE), "id")
        found += [row["id"] for row in page]
        if cursor is None:
            return found
        asked = {"cursor": cursor}


@pytest.mark.parametrize("limit", ["1", "2", "5"])
def test_numbers_are_sorted_as_numbers(limit):
    """Pages of any size give every row once, by number, in both orders."""
    assert walked(limit=limit) == [1, 2, 9, 10, 33]
    assert walked(limit=limit, order="desc") == [33, 10, 9, 2, 1]


def test_ties():
    """Rows alike in the sorted column are told apart by the other."""
    assert walked(sort="name", limit="2") == [2, 10, 1, 9, 33]


def test_filters():
    """Filters travel in the cursor; a row without the column passes none."""
    assert walked(limit="1", id__gte="9", name="a") == [10]
    assert walked(limit="1", id__gt="2", id__lte="10") == [9, 10]
