"""A chain as a ladder: one row a strike, calls on one side, puts on the other. Pure; works on contracts as JSON values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One figure of a contract.

    Attributes:
        path: where it stands in the contract, `quote.bid`.
        decimals: digits behind the point; 0 for counts, which get thousands separators.
        keep: which columns stay when the window is narrow: the lower, the longer.
    """

    title: str
    path: str
    decimals: int
    width: int
    keep: int
    percent: bool = False

    def text(self, contract: Document | None) -> str:
        """The figure as it is shown; empty when unknown."""
        number = value_at(contract, self.path)
        if number is None:
            return ""
        if self.percent:
            return f"{number * 100:.{self.decimals}f}%"
        return f"{number:,.{self.decimals}f}" if self.decimals == 0 else f"{number:.{self.decimals}f}"


COLUMNS: Final = (
    Column("bid", "quote.bid", 2, 7, 0),
    Column("ask", "quote.ask", 2, 7, 0),
    Column("mid", "quote.mid", 2, 7, 3),
    Column("volume", "day.volume", 0, 6, 4),
    Column("OI", "open_interest", 0, 7, 5),
    Column("IV", "greeks.iv", 1, 6, 1, percent=True),
    Column("delta", "greeks.delta", 3, 6, 2),
)
STRIKE_WIDTH: Final = 10


@dataclass(frozen=True, slots=True)
class Rung:
    """One strike of one root.

    Attributes:
        is_atm: the strike nearest to spot.
        below_spot: calls are in the money, puts are not.
    """

    strike: float
    root: str
    call: Document | None
    put: Document | None
    is_atm: bool
    below_spot: bool


@dataclass(frozen=True, slots=True)
class Ladder:
    """Rungs, ascending by strike, then root.

    Attributes:
        atm: index of the first rung at the strike nearest to spot; 0 when there is none.
        spot_at: index of the first rung above spot, where the spot row goes.
        several_roots: rungs of the same strike are told apart by their root (morning and afternoon settlement).
    """

    rungs: Sequence[Rung]
    spot: float
    atm: int
    spot_at: int
    several_roots: bool

    def near_spot(self, each_side: int) -> "Ladder":
        """The part with at most that many strikes on each side of the one nearest to spot."""
        strikes = sorted({rung.strike for rung in self.rungs})
        if not strikes:
            return self
        centre = strikes.index(self.rungs[self.atm].strike)
        kept = set(strikes[max(0, centre - each_side) : centre + each_side + 1])
        inside = [at for at, rung in enumerate(self.rungs) if rung.strike in kept]
        return self.part(inside[0], inside[-1] + 1)

    def part(self, first: int, end: int) -> "Ladder":
        """Rungs from `first` up to, not including, `end`."""
        rungs = self.rungs[first:end]
        spot_at = min(max(self.spot_at - first, 0), len(rungs))
        return Ladder(rungs, self.spot, max(0, self.atm - first), spot_at, self.several_roots)


def make_ladder(contracts: Iterable[Document], spot: float) -> Ladder:
    """Order contracts into a ladder."""
    sides: dict[tuple[float, str], dict[str, Document]] = {}
    for contract in contracts:
        sides.setdefault((contract["strike"], contract["root"]), {})[contract["type"]] = contract
    nearest = min(
        (strike for strike, _ in sides), key=lambda strike: (abs(strike - spot), strike), default=None
    )
    rungs = [
        Rung(strike, root, side.get("call"), side.get("put"), strike == nearest, strike < spot)
        for (strike, root), side in sorted(sides.items())
    ]
    return Ladder(
        rungs=rungs,
        spot=spot,
        atm=next((at for at, rung in enumerate(rungs) if rung.is_atm), 0),
        spot_at=sum(rung.strike <= spot for rung in rungs),
        several_roots=len({rung.root for rung in rungs}) > 1,
    )


def columns_for(width: int, *, frame: int = 1) -> tuple[Column, ...]:
    """The columns of one side that fit twice into a window of that many characters, the most wanted kept.

    Args:
        width: characters.
        frame: characters that each column takes beside its text.
    """
    columns = list(COLUMNS)
    while len(columns) > 2 and _taken(columns, frame) > width:
        columns.remove(max(columns, key=lambda column: column.keep))
    return tuple(columns)


def calls_side(columns: Sequence[Column]) -> tuple[Column, ...]:
    """The columns of the puts' side as the calls' side shows them: quotes nearest to the strike, in the same order; the rest mirrored."""
    quotes = [column for column in columns if column.path.startswith("quote.")]
    return (*(column for column in reversed(columns) if column not in quotes), *quotes)


def _taken(columns: Sequence[Column], frame: int) -> int:
    return 2 * sum(column.width + frame for column in columns) + STRIKE_WIDTH + frame


def value_at(contract: Document | None, path: str) -> Any:
    """The value at a dotted path, None where there is none."""
    value: Any = contract
    for name in path.split("."):
        if value is None:
            return None
        value = value.get(name)
    return value
