"""Pages of rows that are few enough to be made all at once: tickers, conditions. Pure."""

import operator
from collections.abc import Iterable, Mapping
from typing import Any

from marketswarm.simulator.query import ListQuery

Row = Mapping[str, Any]

_OPERATORS = {
    "eq": operator.eq,
    "gte": operator.ge,
    "gt": operator.gt,
    "lte": operator.le,
    "lt": operator.lt,
}


def page_of(rows: Iterable[Row], query: ListQuery, tie: str) -> tuple[list[Row], str | None]:
    """The rows of one page, and the cursor of the next page if there is one. `tie`: the column that differs in all rows."""

    def key(row: Row) -> tuple[str, str]:
        return _sortable(row.get(query.sort, "")), _sortable(row[tie])

    kept = (
        row for row in rows if all(_passes(row, one.column, one.operator, one.value) for one in query.filters)
    )
    ordered = sorted(kept, key=key, reverse=query.descending)
    if query.after is not None:
        after = query.spoken.get("ap", ""), query.after
        ordered = [row for row in ordered if (key(row) < after if query.descending else key(row) > after)]
    page = ordered[: query.page]
    if len(page) == len(ordered):
        return page, None
    value, last = key(page[-1])
    return page, query.cursor(value, last)


def _sortable(value: Any) -> str:
    return f"{value:012d}" if isinstance(value, int) else str(value)


def _passes(row: Row, column: str, compare: str, value: Any) -> bool:
    return column in row and bool(_OPERATORS[compare](row[column], value))
