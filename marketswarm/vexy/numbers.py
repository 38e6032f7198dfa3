"""How numbers stand in a sentence, each as text and as the fact behind it. Pure.

A text is whole with its unit, and has no sign unless its name says so: in words a direction is a word. What is too small for
its digits is said to be less than the least of them, so that nothing that is something is ever told as zero.
"""

import math
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from marketswarm.model.event import Number
from marketswarm.model.message import MessageFact

_NEW_YORK: Final = ZoneInfo("America/New_York")
_WHOLE_FROM: Final = 1_000.0
_LARGEST: Final = 1e13  # beyond it no number is told: no market has one, and no moment
_MINUS: Final = "−"
_MAGNITUDES: Final = ((1e9, "billion"), (1e6, "million"), (1e3, "thousand"))
_OFTEN: Final = ("never", "once", "twice")


class Unspeakable(ValueError):
    """A number that cannot be said in these words: not finite, too large, or no date."""


def decimals_near(price: float) -> int:
    """Of prices and distances: 1 from a price of 1,000 on, 2 below."""
    return 1 if abs(price) >= _WHOLE_FROM else 2


def fixed(value: float, decimals: int) -> str:
    """The amount, thousands apart; `less than 0.1` for what would be told as zero and is none."""
    amount = abs(_spoken(value))
    text = f"{amount:,.{decimals}f}"
    if amount and not float(text.replace(",", "")):
        return f"less than {10.0**-decimals:.{decimals}f}"
    return text


def signed(value: float, decimals: int) -> str:
    """With its sign, `+0.41`, `−0.12`; zero has none."""
    text = f"{abs(_spoken(value)):,.{decimals}f}"
    if not float(text.replace(",", "")):
        return text
    return f"{_MINUS if value < 0 else '+'}{text}"


def strike(value: float) -> str:
    """`6,850`, `602.5`: decimals only where there are some."""
    text = f"{_spoken(value):,.2f}"
    return text.rstrip("0").rstrip(".").replace("-", _MINUS)


def price(value: float) -> str:
    """`6,795.4`, `602.35`."""
    return f"{_spoken(value):,.{decimals_near(value)}f}".replace("-", _MINUS)


def points(value: float, near: float) -> str:
    """A distance between prices that are near to one: `32.4 points`."""
    return _counted(fixed(value, decimals_near(near)), "point")


def signed_points(value: float, near: float) -> str:
    """`−32.4 points`."""
    return _counted(signed(value, decimals_near(near)), "point")


def percent(share: float) -> str:
    """Of a share: `22 %`, `4.5 %`, `0.67 %`."""
    amount = abs(_spoken(share)) * 100
    decimals = 0 if amount >= 9.95 or not amount else 1 if amount >= 0.995 else 2
    return f"{fixed(amount, decimals)} %"


def signed_percent(share: float) -> str:
    """`−1.23 %`."""
    return f"{signed(share * 100, 2)} %"


def volatility(fraction: float) -> str:
    """A volatility a year: `15.4 %`."""
    return f"{fixed(fraction * 100, 1)} %"


def vol_points(value: float) -> str:
    """`1.2 vol points`, `0.24 vol points`."""
    return _counted(fixed(value, 1 if abs(_spoken(value)) >= 1 else 2), "vol point")


def sigmas(value: float) -> str:
    """`12.9 sigmas`."""
    return _counted(fixed(value, 1), "sigma")


def deviations(value: float) -> str:
    """`5.3 deviations`."""
    return _counted(fixed(value, 1), "deviation")


def of_move(moves: float) -> str:
    """Expected moves in words: `0.51 of the expected move`, `1.02 times the expected move`."""
    text = fixed(moves, 2)
    return f"{text} {'times' if abs(moves) >= 0.995 else 'of'} the expected move"


def in_moves(moves: float) -> str:
    """The same, short: `0.51 EM`."""
    return f"{fixed(moves, 2)} EM"


def signed_moves(moves: float) -> str:
    """`−0.21 EM`."""
    return f"{signed(moves, 2)} EM"


def times(value: float) -> str:
    """`2.4 times`, `13 times`."""
    amount = abs(_spoken(value))
    return f"{fixed(amount, 0 if amount >= 9.95 else 1)} times"


def multiple(value: float) -> str:
    """The bare factor: `2.66`."""
    return fixed(value, 2)


def basis_points(value: float) -> str:
    """`11.2 bp`."""
    return f"{fixed(value, 1 if abs(_spoken(value)) >= 1 else 2)} bp"


def ratio(value: float) -> str:
    """Between −1 and 1: `+0.41`."""
    return signed(value, 2)


def fine_ratio(value: float) -> str:
    """The same with three digits: `−0.081`."""
    return signed(value, 3)


def score(value: float) -> str:
    """`0.32`."""
    return fixed(value, 2)


def duration(seconds: float) -> str:
    """`40 seconds`, `14 minutes`, `2 hours 5 minutes`: to whole minutes from 90 seconds on."""
    whole = round(abs(_spoken(seconds)))
    if whole < 1:
        return "less than 1 second"
    if whole < 90:
        return _counted(str(whole), "second")
    hours, minutes = divmod(round(whole / 60), 60)
    parts = [_counted(f"{hours:,}", "hour")] if hours else []
    return " ".join([*parts, _counted(str(minutes), "minute")] if minutes or not hours else parts)


def minutes(value: float) -> str:
    """The same of minutes."""
    return duration(value * 60)


def often(count: float) -> str:
    """`once`, `twice`, `3 times`."""
    whole = round(_spoken(count))
    return _OFTEN[whole] if 0 <= whole < len(_OFTEN) else f"{whole:,} times"


def count(value: float) -> str:
    """`3`."""
    return f"{round(_spoken(value)):,}"


def money(value: float) -> str:
    """`$1.2 billion`, `−$257 million`, `$850`."""
    amount, sign = abs(_spoken(value)), _MINUS if value < 0 else ""
    for size, word in _MAGNITUDES:
        if amount >= 0.9995 * size:
            shown = amount / size
            return f"{sign}${shown:,.{1 if shown < 9.95 else 0}f} {word}"
    return f"{sign if amount >= 0.5 else ''}${amount:,.0f}"


def exposure(value: float) -> str:
    """Gamma: `−$257 million per 1 % move`."""
    return f"{money(value)} per 1 % move"


def decay(value: float) -> str:
    """Charm: `$6.0 million of delta a minute`, without its sign."""
    return f"{money(abs(value))} of delta a minute"


def clock(ts: float) -> str:
    """A moment in New York: `16:00 ET`, or with its seconds where it has some."""
    moment = _new_york(ts)
    return f"{moment:%H:%M:%S} ET" if moment.second else f"{moment:%H:%M} ET"


def day(text: str) -> str:
    """A date: `Tuesday 24 November`."""
    try:
        found = date.fromisoformat(text)
    except ValueError as broken:
        raise Unspeakable(f"{text!r} is no date") from broken
    return f"{found:%A} {found.day} {found:%B}"


class Grammar(NamedTuple):
    """How one kind of number is said, and its unit."""

    unit: str
    say: Callable[[float], str]


GRAMMARS: Final[dict[str, Grammar]] = {
    "strike": Grammar("points", strike),
    "price": Grammar("points", price),
    "percent": Grammar("share", percent),
    "signed_percent": Grammar("share", signed_percent),
    "volatility": Grammar("fraction per year", volatility),
    "vol_points": Grammar("vol points", vol_points),
    "sigmas": Grammar("sigmas", sigmas),
    "deviations": Grammar("robust deviations", deviations),
    "of_move": Grammar("expected moves", of_move),
    "in_moves": Grammar("expected moves", in_moves),
    "signed_moves": Grammar("expected moves", signed_moves),
    "times": Grammar("times", times),
    "multiple": Grammar("times", multiple),
    "basis_points": Grammar("basis points", basis_points),
    "ratio": Grammar("net over gross", ratio),
    "fine_ratio": Grammar("ratio", fine_ratio),
    "score": Grammar("score", score),
    "duration": Grammar("seconds", duration),
    "minutes": Grammar("minutes", minutes),
    "often": Grammar("times", often),
    "count": Grammar("events", count),
    "crossings": Grammar("crossings", count),
    "exposure": Grammar("USD per 1 % move", exposure),
    "decay": Grammar("USD of delta per minute", decay),
    "clock": Grammar("ms since the epoch", clock),
}
"""Kinds that a number alone decides; distances need the price that they are near to, and dates are texts."""


def figure(
    name: str, kind: str, value: Number | str, *, source: str, as_of: int, near: float = 0.0
) -> MessageFact:
    """A number as it is told.

    Args:
        name: of the fact.
        kind: of `GRAMMARS`, or `points` and `signed_points`, or `day` for an ISO date.
        value: in the kind's unit.
        source: where it is from.
        as_of: when it was so, ms.
        near: a price beside it, for the digits of a distance.

    Raises:
        Unspeakable: for a value that cannot be told.
    """
    if kind == "day":
        text, unit = day(str(value)), "date"
    elif isinstance(value, str):
        raise Unspeakable(f"{value!r} is no number")
    elif kind in {"points", "signed_points"}:
        text, unit = (points if kind == "points" else signed_points)(value, near), "points"
    else:
        unit, say = GRAMMARS[kind]
        text = say(value)
    return MessageFact(name=name, value=value, unit=unit, text=text, source=source, as_of=as_of)


def _spoken(value: float) -> float:
    if not math.isfinite(value) or abs(value) >= _LARGEST:
        raise Unspeakable(f"{value!r} cannot be told")
    return value


def _counted(text: str, unit: str) -> str:
    """Number and unit, in the singular for one of it: `1 minute`, and `1.0 points`."""
    return f"{text} {unit}" if text == "1" else f"{text} {unit}s"


def _new_york(ts: float) -> datetime:
    try:
        return datetime.fromtimestamp(_spoken(ts) / 1_000, UTC).astimezone(_NEW_YORK)
    except (OverflowError, OSError, ValueError) as broken:
        raise Unspeakable(f"{ts!r} is no moment") from broken
