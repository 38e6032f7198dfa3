"""Settings that are more than one value, as they are written in a variable. A wrong text is a ValueError that says what is allowed."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_settings import NoDecode


def split_symbols(value: Any) -> Any:
    """`SPX,SPY` as its symbols; what is no text is left to the model."""
    if not isinstance(value, str):
        return value
    names = [name.strip().upper() for name in value.split(",")]
    for name in names:
        if not name.isascii() or not name.replace(".", "").isalnum() or len(name) > 10:
            raise ValueError("symbols like SPX, separated by commas")
    if len(set(names)) != len(names):
        raise ValueError("each symbol once, separated by commas")
    return names


def split_points(value: Any) -> Any:
    """`SPX=20,NDX=80` as symbol → points."""
    if not isinstance(value, str):
        return value
    points: dict[str, float] = {}
    for part in value.split(","):
        symbol, _, number = part.partition("=")
        try:
            points[symbol.strip().upper()] = float(number)
        except ValueError:
            points.clear()
        if not points or not symbol.strip() or not 0 < points[symbol.strip().upper()] < float("inf"):
            raise ValueError("SYMBOL=POINTS pairs such as SPX=20,NDX=80, points above 0")
    return points


def split_clock(value: Any) -> Any:
    """`START,SINCE,SPEED` as its numbers."""
    if not isinstance(value, str):
        return value
    try:
        start, since, speed = value.split(",")
        clock = int(start), int(since), float(speed)
    except ValueError:
        clock = (0, 0, 0.0)
    if min(clock[:2]) <= 0 or not 0 < clock[2] < float("inf"):
        raise ValueError("START,SINCE,SPEED: two times in ms since the epoch, and a number above 0")
    return clock


SymbolOrder = Annotated[tuple[str, ...], NoDecode, BeforeValidator(split_symbols)]
SymbolSet = Annotated[frozenset[str], NoDecode, BeforeValidator(split_symbols)]
PointsBySymbol = Annotated[Mapping[str, float], NoDecode, BeforeValidator(split_points)]
ReplayClock = Annotated[tuple[int, int, float] | None, NoDecode, BeforeValidator(split_clock)]
