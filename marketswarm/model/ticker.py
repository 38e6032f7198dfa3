"""Option tickers (`O:SPXW261123C06800000`) and the underlyings behind them.

The grammar is read from the end: eight digits of strike × 1000, C or P, six digits of date, and what is left is the
root. Roots may end in a digit (adjusted contracts), so reading from the front cannot work.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

OptionType = Literal["call", "put"]
Settlement = Literal["am", "pm"]

# Index roots whose contracts settle on the opening prices of their expiration day. The listing does not say it.
_AM_SETTLED_ROOTS = frozenset({"SPX", "NDX", "RUT", "VIX", "VIXW", "DJX"})
_PREFIX = "O:"
_TAIL = 15  # YYMMDD + C/P + 8 digits


class BadTicker(ValueError):
    """A string that is no option ticker."""


@dataclass(frozen=True, slots=True)
class OptionTicker:
    """The parts of an option ticker.

    Attributes:
        root: `SPXW`, `SPX`, `SPY`, …
        expiration: the exchange's calendar date.
        type: `call` or `put`.
        strike_thousandths: strike × 1000, exact.
    """

    root: str
    expiration: date
    type: OptionType
    strike_thousandths: int

    @property
    def strike(self) -> float:
        """Strike in points or dollars."""
        return self.strike_thousandths / 1000

    @property
    def settlement(self) -> Settlement:
        """`am` when settled on the opening prices of the expiration day: trading ends the session before."""
        return settlement_of(self.root)

    def __str__(self) -> str:
        return (
            f"{_PREFIX}{self.root}{self.expiration:%y%m%d}"
            f"{'C' if self.type == 'call' else 'P'}{self.strike_thousandths:08d}"
        )


def settlement_of(root: str) -> Settlement:
    """Whether contracts of a root settle on opening or on closing prices; only some index roots do the former."""
    return "am" if root in _AM_SETTLED_ROOTS else "pm"


def parse_option_ticker(text: str) -> OptionTicker:
    """Parse an option ticker from its end.

    Raises:
        BadTicker: when a part is missing or impossible.
    """
    body = text.removeprefix(_PREFIX)
    root, tail = body[:-_TAIL], body[-_TAIL:]
    right, strike = tail[6:7], tail[7:]
    if (
        body == text
        or not (tail.isascii() and strike.isdigit() and tail[:6].isdigit())
        or right not in ("C", "P")
    ):
        raise BadTicker(f"{text!r} is no option ticker")
    if not 1 <= len(root) <= 6 or not root.isascii() or not root.isalnum() or root != root.upper():
        raise BadTicker(f"{text!r} has no usable root")
    try:
        expiration = date(2000 + int(tail[:2]), int(tail[2:4]), int(tail[4:6]))
    except ValueError as error:
        raise BadTicker(f"{text!r} has an impossible date") from error
    return OptionTicker(root, expiration, "call" if right == "C" else "put", int(strike))


def is_standard_root(root: str, symbol: str, *, is_index: bool) -> bool:
    """Whether contracts of this root belong into the symbol's chain.

    A stock's or fund's root is its symbol without the dot of a share class. An index may add letters (`SPXW`, `NDXP`).
    A digit behind the root marks a contract adjusted for a corporate action: not standard.
    """
    plain = symbol.replace(".", "")
    if root == plain:
        return True
    suffix = root.removeprefix(plain)
    return is_index and suffix != root and suffix.isalpha()


@dataclass(frozen=True, slots=True)
class Underlying:
    """One configured symbol and how the vendor names it.

    Attributes:
        symbol: the plain symbol, `SPX`.
        is_index: whether the vendor wants the `I:` prefix.
    """

    symbol: str
    is_index: bool

    @property
    def provider_ticker(self) -> str:
        """`I:SPX` for indices, the plain symbol otherwise."""
        return f"I:{self.symbol}" if self.is_index else self.symbol
