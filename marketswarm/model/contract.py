"""One option contract as it is stored: identity, open interest, and four flat sections.

The canonical JSON is what the Lua scripts cut into: keys in a fixed order, sections flat, numbers in their shortest form,
nothing null. Prices are per share or point, sizes in contracts, times in ms since the epoch, UTC.
"""

import json
from collections.abc import Iterable
from datetime import date
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from marketswarm.model.ticker import OptionType

Section = Literal["quote", "trade", "day", "greeks"]
SECTIONS: tuple[Section, ...] = ("quote", "trade", "day", "greeks")

Number = int | float
_MOST_PLACES = 12  # a smaller number keeps its exponent

Absence = Literal[
    "expired",
    "no-forward",
    "no-quote",
    "no-bid",
    "wide",
    "crossed",
    "below-intrinsic",
    "no-other-side",
    "unsolved",
]
"""Why a contract has no greeks of our own; docs/greeks.md says when which."""
ABSENCES: tuple[Absence, ...] = get_args(Absence)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Quote(_Frozen):
    """The national best bid and offer. A bid of 0 is a quote that says nobody bids."""

    bid: Number | None = None
    ask: Number | None = None
    mid: Number | None = None
    bid_size: int | None = None
    ask_size: int | None = None
    ts: int


class Trade(_Frozen):
    """The last trade."""

    price: Number
    size: int | None = None
    exchange: int | None = None
    ts: int


class Day(_Frozen):
    """The contract's bar of the session; `change_percent` in percent. `ts` is the time of the newest part of it."""

    open: Number | None = None
    high: Number | None = None
    low: Number | None = None
    close: Number | None = None
    volume: Number | None = None
    vwap: Number | None = None
    previous_close: Number | None = None
    change: Number | None = None
    change_percent: Number | None = None
    ts: int | None = None


class Greeks(_Frozen):
    """`iv` a fraction per year; `delta` per point; `theta` per calendar day; `vega` per volatility point.

    `absent` says why a contract has none of them in a chain whose greeks are `local`.
    """

    iv: Number | None = None
    delta: Number | None = None
    gamma: Number | None = None
    theta: Number | None = None
    vega: Number | None = None
    source: Literal["local", "provider"]
    absent: Absence | None = None
    ts: int


class Contract(_Frozen):
    """One contract of a chain. A section that the provider does not give is absent."""

    ticker: str
    symbol: str
    root: str
    expiration: date
    strike: Number
    type: OptionType
    style: str
    multiplier: Number
    open_interest: Number | None = None
    v: int = 1
    ts: int
    quote: Quote | None = None
    trade: Trade | None = None
    day: Day | None = None
    greeks: Greeks | None = None

    def canonical_json(self) -> str:
        """The stored form, in the order of the fields above."""
        members = []
        for name in Contract.model_fields:
            value = getattr(self, name)
            if value is None:
                continue
            text = f"{{{section_body(value)}}}" if isinstance(value, _Frozen) else value_text(value)
            if text != "{}":
                members.append(f'"{name}":{text}')
        return "{" + ",".join(members) + "}"


def section_body(section: Quote | Trade | Day | Greeks | BaseModel) -> str:
    """The members of a section as canonical JSON, without the braces."""
    fields = type(section).model_fields
    return members_text((name, getattr(section, name)) for name in fields)


def members_text(members: Iterable[tuple[str, Number | str | None]]) -> str:
    """`"name":value` joined by commas; what is None is left out."""
    return ",".join(f'"{name}":{value_text(value)}' for name, value in members if value is not None)


def value_text(value: Number | str | date) -> str:
    """One scalar as canonical JSON."""
    if isinstance(value, (int, float)):
        return number_text(value)
    return json.dumps(value if isinstance(value, str) else value.isoformat(), ensure_ascii=False)


def number_text(value: Number) -> str:
    """The shortest decimal that reads back as the same number; whole numbers without a point.

    Small numbers have no exponent down to 1e-12: all digits stand behind the point, as in what the scripts take fastest.
    """
    text = repr(value).removesuffix(".0")
    return plain_decimal(text) if "e" in text else text


def plain_decimal(text: str) -> str:
    """A number's text without its exponent, where it is from -12 to -1; any other as it is."""
    mantissa, _, power = text.partition("e")
    places = -int(power or 0)
    if not 1 <= places <= _MOST_PLACES:
        return text
    digits = mantissa.replace(".", "").removeprefix("-")
    return f"{'-' if text.startswith('-') else ''}0.{'0' * (places - 1)}{digits}"


def mid_price(bid: Number | None, ask: Number | None) -> float | None:
    """Half-way between bid and ask; None when a side is missing, nobody offers, or the market is crossed."""
    if bid is None or ask is None or ask <= 0 or bid < 0 or bid > ask:
        return None
    return round((bid + ask) / 2, 6)
