"""The ladder on the screen."""

import io

from rich.console import Console
from rich.style import Style

from marketswarm.cli.ladder_view import ladder_table
from marketswarm.outlets.ladder import COLUMNS, columns_for, make_ladder
from tests.support.builders import contract, ladder, ticker

RED = Style(bgcolor="red")


def drawn(made, **more) -> list[str]:
    """The table's lines in a window of 120, without colours."""
    out = Console(file=io.StringIO(), width=120, color_system=None)
    out.print(ladder_table(made, columns_for(120), **more))
    return [line.rstrip() for line in out.file.getvalue().splitlines()]


def rungs(contracts, spot: float = 6801.5):
    """Contracts as a ladder."""
    return make_ladder([one.model_dump(mode="json", exclude_none=True) for one in contracts], spot)


def test_all_columns_fit_a_window_of_120() -> None:
    """Seven columns a side, one line a rung, and one for spot."""
    lines = drawn(rungs(ladder()))
    assert lines[0].split() == [
        *("delta", "IV", "OI", "volume", "bid", "ask", "mid"),
        "strike",
        *(one.title for one in COLUMNS),
    ]
    assert len(lines) == 1 + 9 + 1


def test_spot_stands_at_the_end_when_it_is_outside() -> None:
    """Above the highest strike the spot row is the last, below the lowest the first."""
    assert "9,000.00" in drawn(rungs(ladder(), 9000))[-1]
    assert "1.00" in drawn(rungs(ladder(), 1))[1]


def test_roots_are_named_where_there_are_several() -> None:
    """Rungs of one strike show their roots."""
    text = "\n".join(drawn(rungs([contract(), contract(ticker="O:SPX261123C06800000", root="SPX")])))
    assert "6800 SPXW" in text
    assert "6800 SPX " in text


def test_the_money_is_shaded_and_cells_may_stand_out() -> None:
    """Calls below spot and puts above it have a background; a cell's own style goes over it."""

    def own(contract, column):
        return RED if contract["ticker"] == ticker(6795) and column.title == "bid" else None

    out = Console(file=io.StringIO(), width=120, color_system="truecolor", force_terminal=True)
    made = rungs(ladder(6795, 6805))
    segments = list(out.render(ladder_table(made, columns_for(120), cell_style=own)))
    shades = {
        segment.style.bgcolor.name
        for segment in segments
        if segment.style and segment.style.bgcolor is not None
    }
    assert "red" in shades
    assert len(shades) == 2
    assert not any(
        segment.style and segment.style.bgcolor
        for segment in out.render(ladder_table(rungs([contract()], 6800), COLUMNS))
    )
