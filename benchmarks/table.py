"""Rows as people read them: a table in the terminal, the same one in Markdown, and a results block between markers."""

import re
from collections.abc import Sequence

from rich.table import Table

from benchmarks.rows import Bound, Row

HEADINGS = ("measure", "what", "figure", "baseline", "ratio", "must", "met?")
BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
_RIGHT = frozenset({"figure", "ratio"})
_BLOCK = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
_STYLES = {"NO": "bold red", "yes": "green", "goal": "bold green", "": ""}


def number(value: float) -> str:
    """A figure with as many digits as are worth reading: three, and all of a whole number."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if abs(value) >= 1 else f"{value:.3g}"


def cells(row: Row) -> tuple[str, ...]:
    """One row's texts, in the order of the headings."""
    baseline = "" if row.baseline is None else f"{_amount(row.baseline, row.unit)} {row.beside}".strip()
    ratio = "" if row.ratio is None else f"{number(row.ratio)} ×"
    return (
        row.measure,
        row.what,
        _amount(row.figure, row.unit),
        baseline,
        ratio,
        _demand(row),
        row.verdict,
    )


def shortened(rows: Sequence[Row]) -> list[Row]:
    """What is demanded, for a short table: counts that must be nought become one row at the end, named by all of them."""
    demanded = [row for row in rows if row.must is not None and row.short]
    noughts = [row for row in demanded if row.must == Bound(0)]
    others = [row for row in demanded if row.must != Bound(0)]
    if not noughts:
        return others
    names = "; ".join(dict.fromkeys(f"{row.measure}: {row.what}" for row in noughts))
    together = sum(row.figure for row in noughts)
    return [*others, Row(measure="all", what=names, figure=together, unit="", must=Bound(0))]


def terminal_table(rows: Sequence[Row], title: str) -> Table:
    """The table for the terminal."""
    table = Table(title=title, title_justify="left")
    for heading in HEADINGS:
        table.add_column(heading, justify="right" if heading in _RIGHT else "left")
    previous = None
    for row in rows:
        if previous not in (None, row.measure):
            table.add_section()
        previous = row.measure
        table.add_row(
            *cells(row)[:-1], f"[{style}]{row.verdict}[/]" if (style := _STYLES[row.verdict]) else ""
        )
    return table


def markdown(rows: Sequence[Row], machines: str) -> str:
    """The table for a document, with what is said of the machines above it."""
    head = f"| {' | '.join(HEADINGS)} |"
    rule = "|" + "|".join("---:" if heading in _RIGHT else "---" for heading in HEADINGS) + "|"
    lines = ["| " + " | ".join(cells(row)) + " |" for row in rows]
    return "\n".join([machines, "", head, rule, *lines])


def with_results(document: str, results: str) -> str | None:
    """The document with the results between its markers; None when it has no markers."""
    if not _BLOCK.search(document):
        return None
    return _BLOCK.sub(lambda _: f"{BEGIN}\n{results}\n{END}", document, count=1)


def _amount(value: float, unit: str) -> str:
    return f"{number(value)} {unit}".strip()


def _demand(row: Row) -> str:
    unit = row.unit if row.judged == "figure" else "×"
    must = _bound_text(row.must, unit)
    goal = _bound_text(row.goal, unit)
    return f"{must}, goal {goal}" if goal else must


def _bound_text(bound: Bound | None, unit: str) -> str:
    return "" if bound is None else f"{'≤' if bound.at_most else '≥'} {number(bound.value)} {unit}".strip()
