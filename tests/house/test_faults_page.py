"""docs/faults.md: its faults are those of the catalogue, with their words. Figures may differ from run to run."""

import re
from pathlib import Path

from marketswarm.simulator.faults.catalogue import CATALOGUE
from tools import make_fault_matrix

PAGE = (Path(__file__).parents[2] / "docs" / "faults.md").read_text()
CATALOGUE_PART, _, MATRIX_PART = PAGE.partition("## The matrix")


def names_in(text: str) -> list[str]:
    """The faults that the rows of a table begin with."""
    return re.findall(r"^\| `([a-z0-9-]+)", text, re.MULTILINE)


def test_the_page_lists_the_catalogue() -> None:
    """Every fault has its row, in the catalogue's order and with what it says of itself."""
    assert names_in(CATALOGUE_PART) == list(CATALOGUE)
    assert make_fault_matrix.page([]).partition("## The matrix")[0] == CATALOGUE_PART


def test_the_matrix_has_measured_every_fault() -> None:
    """Each fault stands in the matrix, and nothing else does."""
    assert set(names_in(MATRIX_PART)) == set(CATALOGUE)
