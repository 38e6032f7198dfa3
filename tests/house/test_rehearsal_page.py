"""docs/rehearsal.md: cases, promises and claims are the code's; its figures are of all cases and kinds. Figures may differ."""

import re
from dataclasses import replace

import pytest

from marketswarm.rehearsal.cases import CASES
from marketswarm.rehearsal.judge import PROMISES
from marketswarm.rehearsal.stage import StagedMarket
from tools import make_rehearsal_table

PAGE = make_rehearsal_table.PAGE.read_text()
FOUND, _, QUIET = (
    PAGE.partition("<!-- figures:begin -->\n")[2].partition("<!-- figures:end -->")[0].partition("\n\n")
)


def rows_of(text):
    """The cells of a table's rows, without its head."""
    return [line.strip("| ").split(" | ") for line in text.strip().splitlines()[2:]]


def promised_by(case):
    """The kinds of label of a case that promise something, each once."""
    labels = StagedMarket(replace(case.stage(1), each_side=2)).labels
    return sorted({label.kind for label in labels if label.kind in PROMISES})


def test_the_page_says_what_the_code_says():
    """`python -m tools.make_rehearsal_table` writes it."""
    assert make_rehearsal_table.page(PAGE) == PAGE


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_label_of_a_case_was_measured(case):
    """Each kind that the case promises has its row, and no other has."""
    kinds = [row[1].strip("`") for row in rows_of(FOUND) if row[0] == case.name]
    assert sorted(kinds) == promised_by(case)


def test_false_claims_are_counted_on_quiet_days():
    """A row for each quiet case, and none for others."""
    assert [row[0] for row in rows_of(QUIET)] == [case.name for case in CASES if case.is_quiet]


def test_figures_say_on_how_many_seeds():
    """At least one, all cases of a table alike; a quiet day takes longer than all others, so it may have fewer."""
    for seeds in ({row[2] for row in rows_of(FOUND)}, {row[1] for row in rows_of(QUIET)}):
        assert len(seeds) == 1
        assert int(seeds.pop()) >= 1
    assert all(re.fullmatch(r"[01]\.\d{3}", row[4]) for row in rows_of(FOUND))
