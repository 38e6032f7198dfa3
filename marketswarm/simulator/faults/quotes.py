"""Quotes that are wrong for a while: each contract's true one is owed, and paid at the end at the latest."""

from collections.abc import Callable
from functools import partial

from marketswarm.simulator.connection import Connection
from marketswarm.simulator.faults.effect import Site
from marketswarm.simulator.faults.events import Disturbance, Event, frame_of
from marketswarm.simulator.faults.fault import Draw, Fault, Values, share


class WrongQuotes(Disturbance):
    """Some quotes are replaced by others of the sequence before, so that the true ones count as newer when they come."""

    def __init__(self, spoil: Callable[[Event], Event], values: Values, draw: Draw) -> None:
        self._spoil, self._share, self._draw = spoil, values["share"], draw
        self._owed: dict[Connection, dict[str, Event]] = {}

    def disturb(self, connection: Connection, events: list[Event]) -> list[Event]:
        """Wrong quotes in place of some true ones; a later true one pays what was owed."""
        owed = self._owed.setdefault(connection, {})
        disturbed: list[Event] = []
        for event in events:
            if event["ev"] != "Q" or "bp" not in event:
                disturbed.append(event)
            elif self._draw() < self._share:
                owed[event["sym"]] = event
                disturbed.append(event | self._spoil(event) | {"q": event["q"] - 1})
            else:
                owed.pop(event["sym"], None)
                disturbed.append(event)
        return disturbed

    async def end(self, site: Site) -> None:
        """Pay what is owed."""
        for connection, owed in self._owed.items():
            if owed:
                connection.deliver((frame_of(owed.values()),))
        self._owed.clear()


def crossed(quote: Event) -> Event:
    """The bid above the ask."""
    return {"bp": quote["ap"], "ap": quote["bp"]}


def zero(_quote: Event) -> Event:
    """Nobody quotes either side."""
    return {"bp": 0, "ap": 0, "bs": 0, "as": 0}


_ENDS = "the truth within a flush of the end; meanwhile the quote as it was sent"
_SHARE = (share("0.2", "share of the quotes"),)
FAULTS = (
    Fault(
        "crossed",
        "data",
        "sends quotes with the bid above the ask, and the true ones later",
        f"{_ENDS}, counted as crossed",
        partial(WrongQuotes, crossed),
        _SHARE,
        excludes=frozenset({"quotes"}),
    ),
    Fault(
        "zero-quotes",
        "data",
        "sends quotes with prices and sizes of 0, and the true ones later",
        f"{_ENDS}: nobody quotes, which is no price of 0",
        partial(WrongQuotes, zero),
        _SHARE,
        excludes=frozenset({"quotes"}),
    ),
)
