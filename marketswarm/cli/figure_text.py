"""Numbers with units as people say them: dollars in millions, shares in per cent, points with two decimals."""

from typing import Any, Final

from marketswarm.cli.status_view import age_text

_SCALES: Final = ((1e12, "tn"), (1e9, "bn"), (1e6, "M"), (1e3, "k"))
_PERCENT: Final = {"share", "fraction per year"}
_BARE: Final = {"ratio", "score", "net over gross", "price over flat smile"}
_SIZES: Final = {
    "points": 2,
    "sigmas": 2,
    "expected moves": 2,
    "vol points": 2,
    "basis points": 1,
    "minutes": 0,
}
"""Unit → decimals."""


def figure_text(value: Any, unit: str, *, signed: bool = False) -> str:
    """A number with its unit; a word as it is.

    Args:
        value: a number, or a word.
        unit: as it stands beside it; one that is not known here is written behind the number.
        signed: whether a number above 0 gets a plus.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    sign = "+" if signed else ""
    if unit.startswith("USD"):
        return f"{money_text(value, signed=signed)}{unit.removeprefix('USD')}"
    if unit in _PERCENT:
        return f"{value:{sign}.1%}"
    if unit == "seconds":
        return age_text(value * 1000)
    if unit in _SIZES:
        return f"{value:{sign},.{_SIZES[unit]}f} {unit}"
    if unit in _BARE:
        return f"{value:{sign}.2f}"
    number = f"{value:{sign},.4g}" if abs(value) < 10_000 else f"{value:{sign},.0f}"
    return f"{number} {_of_one(unit) if number.lstrip('+-') == '1' else unit}".strip()


def _of_one(unit: str) -> str:
    """`times` as it is of one."""
    return "time" if unit == "times" else unit


def money_text(value: float, *, signed: bool = True) -> str:
    """USD in the scale in which three digits say it: +1.23 bn."""
    for scale, name in _SCALES:
        if abs(value) >= 0.9995 * scale:
            scaled = value / scale
            digits = 2 if abs(scaled) < 9.995 else 1 if abs(scaled) < 99.95 else 0
            return f"{scaled:{'+' if signed else ''}.{digits}f} {name} USD"
    return f"{value:{'+' if signed else ''}.0f} USD"
