"""Gamma by strike as bars in the terminal: calls to the right, puts to the left, the levels marked beside them."""

from collections.abc import Iterator
from typing import Final

from rich.text import Text

from marketswarm.cli.figure_text import money_text
from marketswarm.outlets.gamma_chart import Bar, GammaChart

_CALL, _PUT, _SPOT, _FLIP = "green", "red", "bold yellow", "bold magenta"
_STRIKE_WIDTH, _NET_WIDTH, _LEAST_BAR, _MOST_BAR = 9, 12, 4, 48
_MARK: Final = "◂ "
_HALF_RIGHT, _HALF_LEFT, _WHOLE = "▌", "▐", "█"


def chart_lines(chart: GammaChart, width: int) -> Iterator[Text]:
    """A line a strike, lowest first, spot and flip between them; none longer than the window.

    The amount and the marks are left out where there is no room for them beside bars that can be read.
    """
    marks = max((len(_marks(bar)) for bar in chart.bars), default=0)
    room = width - _STRIKE_WIDTH - 2
    columns = [(_NET_WIDTH, "net"), (marks, "marks")]
    shown = set[str]()
    for taken, name in reversed(columns):
        if taken and room - taken >= 2 * _LEAST_BAR + 8:
            room -= taken
            shown.add(name)
    side = max(1, min(_MOST_BAR, room // 2))
    yield _titles(side)
    for at, bar in enumerate(chart.bars):
        yield from _level_lines(chart, at, side, width)
        yield _bar_line(bar, chart.most, side, shown)
    yield from _level_lines(chart, len(chart.bars), side, width)


def _titles(side: int) -> Text:
    return Text.assemble(
        ("puts".rjust(side), _PUT),
        " ",
        ("strike".center(_STRIKE_WIDTH), "bold"),
        " ",
        ("calls".ljust(side), _CALL),
    )


def _bar_line(bar: Bar, most: float, side: int, shown: set[str]) -> Text:
    line = Text.assemble(
        (_to_the_left(abs(bar.put), most, side), _PUT),
        " ",
        (f"{bar.strike:g}".center(_STRIKE_WIDTH), "bold" if bar.marks else ""),
        " ",
        (_to_the_right(abs(bar.call), most, side), _CALL),
    )
    if "net" in shown:
        line.append(money_text(bar.net).removesuffix(" USD").rjust(_NET_WIDTH - 1), style="dim")
    if "marks" in shown and bar.marks:
        line.append(_marks(bar), style="bold cyan")
    line.rstrip()
    return line


def _level_lines(chart: GammaChart, at: int, side: int, width: int) -> Iterator[Text]:
    """Spot and flip as lines across, at the place between the strikes where they are."""
    for level, name in chart.lines.get(at, {}).items():
        style = _SPOT if "spot" in name else _FLIP
        label = f"{level:,.2f}".center(_STRIKE_WIDTH)
        line = Text(f"{'─' * side} {label} {'─' * side} {name}", style=style)
        line.truncate(width)
        yield line


def _marks(bar: Bar) -> str:
    return f" {_MARK}{', '.join(bar.marks)}" if bar.marks else ""


def _to_the_right(amount: float, most: float, side: int) -> str:
    whole, half = divmod(_halves(amount, most, side), 2)
    return (_WHOLE * whole + _HALF_RIGHT * half).ljust(side)


def _to_the_left(amount: float, most: float, side: int) -> str:
    whole, half = divmod(_halves(amount, most, side), 2)
    return (_HALF_LEFT * half + _WHOLE * whole).rjust(side)


def _halves(amount: float, most: float, side: int) -> int:
    """Length in halves of a character; what is not zero is seen."""
    if not amount or not most:
        return 0
    return max(1, round(2 * side * amount / most))
