"""The tables of figures in the documents are what the record of the benchmarks holds."""

from pathlib import Path

import pytest

from benchmarks.measures import NAMES
from benchmarks.record import machines_of, read_record, rows_of
from benchmarks.table import markdown, shortened, with_results

ROOT = Path(__file__).parents[2]
RECORD = ROOT / "docs" / "benchmarks.json"


@pytest.mark.parametrize(("name", "shown"), [("docs/benchmarks.md", list), ("README.md", shortened)])
def test_a_table_shows_the_record(name, shown):
    """`make bench ARGS="--write"` writes both; nobody mends a figure by hand."""
    record, text = read_record(RECORD), (ROOT / name).read_text(encoding="utf-8")
    assert with_results(text, markdown(shown(rows_of(record)), machines_of(record))) == text


def test_the_record_has_every_measure():
    """None is left out."""
    assert tuple(read_record(RECORD)) == NAMES
