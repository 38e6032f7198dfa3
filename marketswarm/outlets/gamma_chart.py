"""Which bars a chart of gamma by strike has, how long they are, and what is marked beside them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from marketswarm.outlets.levels import Levels

MARKED: Final = {
    "call_wall": "call wall",
    "put_wall": "put wall",
    "heaviest": "heaviest",
    "max_pain": "max pain",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One strike.

    Attributes:
        call, put: exposure in USD per 1 % move; puts below 0.
        net: of both.
        marks: what the strike is beside.
    """

    strike: float
    call: float
    put: float
    net: float
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GammaChart:
    """Bars, ascending by strike.

    Attributes:
        lines: index of the bar before which it is drawn → level → its name, for levels between strikes: spot and flip.
        most: the longest of all bars.
        hidden: how many strikes are not among the bars.
    """

    bars: Sequence[Bar]
    lines: Mapping[int, Mapping[float, str]]
    most: float
    hidden: int


def gamma_chart(levels: Levels, each_side: int) -> GammaChart | None:
    """The strikes around spot; None without gamma or spot.

    Args:
        levels: what was published.
        each_side: at most so many strikes on each side of spot.
    """
    rows = sorted(levels.rows("gamma_by_strike"))
    if not rows or levels.spot is None:
        return None
    spot = levels.spot
    above = sum(row[0] <= spot for row in rows)
    first, end = max(0, above - each_side), above + each_side
    marks = _marks(levels)
    bars = [
        Bar(strike, call, put, net, marks.get(strike, ())) for strike, net, _, call, put in rows[first:end]
    ]
    most = max((abs(side) for bar in bars for side in (bar.call, bar.put)), default=0.0)
    return GammaChart(bars, _lines(levels, bars), most, len(rows) - len(bars))


def _marks(levels: Levels) -> dict[float, tuple[str, ...]]:
    found: dict[float, tuple[str, ...]] = {}
    for field, name in MARKED.items():
        strike = levels.number(field, "strike") if field.endswith("wall") else levels.number(field)
        if strike is not None:
            found[strike] = (*found.get(strike, ()), name)
    return found


def _lines(levels: Levels, bars: Sequence[Bar]) -> dict[int, dict[float, str]]:
    """Spot, and the flip where it is within what is shown."""
    found: dict[int, dict[float, str]] = {}
    for name, level in (("spot", levels.spot), ("flip", levels.number("flip"))):
        if level is None or not bars:
            continue
        at = sum(bar.strike <= level for bar in bars)
        if name == "spot" or bars[0].strike <= level <= bars[-1].strike:
            there = found.setdefault(at, {})
            there[level] = f"{there[level]}, {name}" if level in there else name
    return {at: dict(sorted(there.items())) for at, there in found.items()}
