"""What the page is given to work with, and the orders that it takes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from marketswarm.errors import BadArgument, UnknownSymbol

ReadRefreshes = Callable[[int], list[dict[str, Any]]]
"""Gives the last n entries of the refresh log, newest first."""

EVERY_SYMBOL = "*"
TASKS = ("chain.reload", "chain.load")
MAX_STRIKES_EACH_SIDE = 500
_FIELDS = ("symbol", "task", "strikes_each_side", "expiration")


@dataclass(frozen=True, slots=True)
class RefreshDesk:
    """What can be ordered, and where the record of the last orders is read."""

    symbols: tuple[str, ...]
    read_refreshes: ReadRefreshes


@dataclass(frozen=True, slots=True)
class RefreshOrder:
    """One task to send. `kwargs` holds plain JSON values; what was not said is left to the task."""

    task: str
    kwargs: dict[str, Any]


def take_orders(body: Any, symbols: Sequence[str]) -> list[RefreshOrder]:
    """The tasks that a request asks for: one per symbol.

    Args:
        body: the decoded JSON of the request.
        symbols: the configured symbols.

    Raises:
        BadArgument: for the first field that cannot be used; names it, its value and what is allowed.
    """
    if not isinstance(body, Mapping):
        raise BadArgument("body", body, "a JSON object")
    for name in body:
        if name not in _FIELDS:
            raise BadArgument(str(name), body[name], f"only the fields {', '.join(_FIELDS)}")
    task = _task(body.get("task"))
    options = {
        "strikes_each_side": _strikes(body.get("strikes_each_side")),
        "expiration": _day(body.get("expiration")),
    }
    said = {name: value for name, value in options.items() if value is not None}
    return [
        RefreshOrder(task, {"symbol": symbol, **said}) for symbol in _symbols(body.get("symbol"), symbols)
    ]


def _symbols(value: Any, configured: Sequence[str]) -> Sequence[str]:
    if value == EVERY_SYMBOL:
        return configured
    name = value.strip().upper() if isinstance(value, str) else value
    if name not in configured:
        raise UnknownSymbol("symbol", value, ", ".join((*configured, EVERY_SYMBOL)))
    return [name]


def _task(value: Any) -> str:
    if value is None:
        return TASKS[0]
    if not isinstance(value, str) or value not in TASKS:
        raise BadArgument("task", value, ", ".join(TASKS))
    return value


def _strikes(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_STRIKES_EACH_SIDE:
        raise BadArgument("strikes_each_side", value, f"a whole number from 1 to {MAX_STRIKES_EACH_SIDE}")
    return value


def _day(value: Any) -> str | None:
    if value is None:
        return None
    try:
        if isinstance(value, str) and date.fromisoformat(value).isoformat() == value:
            return value
    except ValueError:
        pass
    raise BadArgument("expiration", value, "a day as YYYY-MM-DD")
