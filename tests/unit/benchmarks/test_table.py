"""Rows, their verdicts, and how they are shown and written."""

import pytest
from rich.console import Console

from benchmarks.rows import Bound, Row
from benchmarks.table import BEGIN, END, cells, markdown, number, shortened, terminal_table, with_results


def a_row(figure=50.0, **changes):
    """A lag of 50 ms beside one of 20 ms."""
    given = {
        "measure": "stream",
        "what": "lag p99",
        "unit": "ms",
        "baseline": 20.0,
        "beside": "without Redis",
    }
    return Row(figure=figure, **{**given, "must": Bound(100), "goal": Bound(60)} | changes)


@pytest.mark.parametrize(
    ("figure", "verdict"), [(60.0, "goal"), (60.1, "yes"), (100.0, "yes"), (100.1, "NO")]
)
def test_a_row_says_whether_it_reaches_what_it_must(figure, verdict):
    """The goal, or at least what must be, or not; limits included."""
    assert a_row(figure).verdict == verdict


def test_a_bound_may_be_a_least():
    """Rates are to be at least something."""
    assert a_row(5.0, must=Bound(10, at_most=False), goal=None).verdict == "NO"
    assert a_row(10.0, must=Bound(10, at_most=False), goal=None).verdict == "yes"


def test_a_ratio_may_be_what_is_judged():
    """2.5 times the baseline is within 3 and not within 2; without a baseline there is nothing to judge."""
    judged = {"judged": "ratio", "must": Bound(3), "goal": Bound(2)}
    assert a_row(50.0, **judged).verdict == "yes"
    assert a_row(50.0, baseline=None, **judged).verdict == ""


def test_without_a_demand_there_is_no_verdict():
    """A figure that is only told stands alone."""
    assert a_row(must=None, goal=None).verdict == ""
    assert a_row(baseline=0.0).ratio is None


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.1234, "0.123"), (1.2345, "1.23"), (12.345, "12.3"), (123.45, "123"), (123456.7, "123,457")],
)
def test_numbers_have_three_digits(value, text):
    """More would be noise; of large numbers the whole part stays."""
    assert number(value) == text


def test_a_row_reads_as_figure_baseline_ratio_and_demand():
    """In the order of the headings."""
    expected = (
        "stream",
        "lag p99",
        "50.0 ms",
        "20.0 ms without Redis",
        "2.50 ×",
        "≤ 100 ms, goal ≤ 60.0 ms",
        "goal",
    )
    assert cells(a_row()) == expected


def test_the_terminal_table_shows_every_row():
    """Each with its verdict, under the title."""
    console = Console(width=200, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    console.print(terminal_table([a_row(), a_row(measure="load", figure=200.0)], "Benchmarks"))
    text = console.export_text()
    assert "Benchmarks" in text
    assert "50.0 ms" in text
    assert "NO" in text


def test_markdown_has_the_machine_above_and_one_line_a_row():
    """Numbers are set to the right."""
    lines = markdown([a_row(), a_row()], "a machine, 2 cores").splitlines()
    assert lines[:2] == ["a machine, 2 cores", ""]
    assert lines[3] == "|---|---|---:|---|---:|---|---|"
    assert len(lines) == 6
    assert all(line.count("|") == 8 for line in lines[2:])


def test_results_replace_what_stood_between_the_markers():
    """The rest of the document stays byte for byte, also where results hold what a pattern would take for its own."""
    document = f"before\n{BEGIN}\nold\nresults\n{END}\nafter\n"
    assert with_results(document, r"new \1") == f"before\n{BEGIN}\nnew \\1\n{END}\nafter\n"


def test_writing_twice_is_writing_once():
    """The markers stay where they are."""
    document = f"{BEGIN}{END}"
    once = with_results(document, "new")
    assert with_results(once, "new") == once


def test_a_document_without_markers_is_left_alone():
    """One marker is none."""
    assert with_results("nothing", "new") is None
    assert with_results(f"{END}\n{BEGIN}", "new") is None


def test_a_row_is_plain_in_json():
    """Ratio and verdict with it."""
    plain = a_row().as_json()
    assert (plain["ratio"], plain["met"], plain["must"]) == (2.5, "goal", {"value": 100, "at_most": True})


def test_a_short_table_holds_what_is_demanded():
    """Rows without a demand are left out, and those that say so."""
    rows = [a_row(), a_row(must=None, goal=None), a_row(short=False)]
    assert shortened(rows) == rows[:1]


def test_counts_that_must_be_nought_are_one_row_of_a_short_table():
    """The last one: it names all of them once, and its figure is their sum."""
    nought = {"must": Bound(0), "goal": None, "baseline": None, "unit": ""}
    rows = [
        a_row(0.0, what="jumps", **nought),
        a_row(),
        a_row(2.0, what="lost", measure="bursts", **nought),
        a_row(1.0, what="jumps", **nought),
    ]
    first, last = shortened(rows)
    assert first == a_row()
    assert (last.what, last.figure, last.verdict) == ("stream: jumps; bursts: lost", 3.0, "NO")
