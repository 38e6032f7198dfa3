"""A ladder as people read it: calls, strike, puts; in the money shaded, spot between its strikes."""

from collections.abc import Callable, Sequence
from typing import Final

from rich.style import Style
from rich.table import Table
from rich.text import Text

from marketswarm.outlets.ladder import STRIKE_WIDTH, Column, Document, Ladder, Rung, calls_side

CellStyle = Callable[[Document, Column], Style | None]
"""Gives a style for one cell of one contract, None for the usual one."""

_IN_THE_MONEY: Final = Style(color="#dfe6ee", bgcolor="#2b3646")  # both, to be read on light and dark windows
_STRIKE: Final = Style(bold=True)
_ATM: Final = Style(bold=True, reverse=True)
_SPOT: Final = Style(color="yellow", bold=True)
_NOTHING: Final = Style()


def plain_cells(_contract: Document, _column: Column) -> Style | None:
    """No cell stands out."""
    return None


def ladder_table(
    ladder: Ladder, columns: Sequence[Column], cell_style: CellStyle = plain_cells, width: int | None = None
) -> Table:
    """The ladder as a table.

    Args:
        ladder: the rungs to show, lowest strike first.
        columns: of the puts' side; the calls' side shows them in the order of `calls_side`.
        cell_style: lets changed cells stand out.
        width: of the table; None takes what its columns need.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 0, 0, 1), collapse_padding=True, width=width)
    for column in calls_side(columns):
        table.add_column(
            column.title, justify="right", min_width=column.width, no_wrap=True, header_style="bold"
        )
    table.add_column("strike", justify="center", min_width=STRIKE_WIDTH, no_wrap=True, header_style="bold")
    for column in columns:
        table.add_column(
            column.title, justify="right", min_width=column.width, no_wrap=True, header_style="bold"
        )
    for at, rung in enumerate(ladder.rungs):
        if at == ladder.spot_at:
            table.add_row(*_spot_row(ladder.spot, len(columns)))
        table.add_row(*_row(ladder, rung, columns, cell_style))
    if ladder.rungs and ladder.spot_at == len(ladder.rungs):
        table.add_row(*_spot_row(ladder.spot, len(columns)))
    return table


def _row(ladder: Ladder, rung: Rung, columns: Sequence[Column], cell_style: CellStyle) -> list[Text]:
    calls_shade = _IN_THE_MONEY if rung.strike < ladder.spot else _NOTHING
    puts_shade = _IN_THE_MONEY if rung.strike > ladder.spot else _NOTHING
    return [
        *(_cell(rung.call, column, calls_shade, cell_style) for column in calls_side(columns)),
        Text(_strike(ladder, rung), style=_ATM if rung.is_atm else _STRIKE),
        *(_cell(rung.put, column, puts_shade, cell_style) for column in columns),
    ]


def _cell(contract: Document | None, column: Column, shade: Style, cell_style: CellStyle) -> Text:
    own = cell_style(contract, column) if contract is not None else None
    return Text(column.text(contract).rjust(column.width), style=shade if own is None else shade + own)


def _strike(ladder: Ladder, rung: Rung) -> str:
    text = f"{rung.strike:g}"
    text = f"{text} {rung.root}" if ladder.several_roots else text
    return f"▸ {text} ◂" if rung.is_atm else text


def _spot_row(spot: float, columns: int) -> list[Text]:
    line = Text("─" * 3, style=_SPOT)
    return [*[line] * columns, Text(f"{spot:,.2f}", style=_SPOT), *[line] * columns]
