"""The tables of figures in the documents are what the record of the benchmarks holds."""

from pathlib import Path

from benchmarks.__main__ import texts_with_tables
from benchmarks.measures import NAMES
from benchmarks.record import read_record

ROOT = Path(__file__).parents[2]
RECORD = ROOT / "docs" / "benchmarks.json"


def test_the_tables_show_the_record():
    """`make bench ARGS="--write"` writes both; nobody mends a figure by hand."""
    texts = texts_with_tables(read_record(RECORD), ROOT)
    assert set(texts) == {ROOT / "README.md", ROOT / "docs" / "benchmarks.md"}
    for path, text in texts.items():
        assert path.read_text(encoding="utf-8") == text


def test_the_record_has_every_measure():
    """None is left out."""
    assert tuple(read_record(RECORD)) == NAMES
