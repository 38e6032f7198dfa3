"""What was told, counted by detector and type. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from marketswarm.model.event import EVENT_TYPES, Event, EventType
from marketswarm.vigil.sighting import Detector


@dataclass(slots=True)
class Row:
    """The events of one type that one detector told.

    Attributes:
        detector: its name; empty for what is told of the telling itself, such as digests.
        type: empty when the detector told nothing.
        begun, updates, ended: how many.
        highest: the highest severity, 0 to 100.
        first_ms, last_ms: of the first and the last event, ms since the epoch; 0 when there is none.
        symbols: symbol → how many have begun of it.
    """

    detector: str
    type: EventType | None = None
    begun: int = 0
    updates: int = 0
    ended: int = 0
    highest: int = 0
    first_ms: int = 0
    last_ms: int = 0
    symbols: Counter[str] = field(default_factory=Counter)

    def count(self, event: Event) -> None:
        """Take one in."""
        self.begun += event.state == "enter"
        self.updates += event.state == "update"
        self.ended += event.state == "exit"
        self.highest = max(self.highest, event.severity)
        self.first_ms = min(self.first_ms or event.ts, event.ts)
        self.last_ms = max(self.last_ms, event.ts)
        if event.state == "enter":
            self.symbols[event.symbol] += 1

    def as_json(self) -> dict[str, Any]:
        """Plain values; what is not there is left out."""
        if self.type is None:
            return {"detector": self.detector, "begun": 0}
        told: dict[str, Any] = {"detector": self.detector} if self.detector else {}
        return told | {
            "type": self.type,
            "begun": self.begun,
            "updates": self.updates,
            "ended": self.ended,
            "highest": self.highest,
            "first": self.first_ms,
            "last": self.last_ms,
            "symbols": dict(sorted(self.symbols.items())),
        }


def tally(events: Iterable[Event], detectors: Sequence[Detector]) -> list[Row]:
    """A row for each detector and type that was told, and one for each detector that told nothing; in the detectors' order."""
    names = {one.method: one.name for one in detectors}
    rows: dict[tuple[str, EventType], Row] = {}
    for event in events:
        place = names.get(event.method, ""), event.type
        rows.setdefault(place, Row(*place)).count(event)
    found: list[Row] = []
    for name in [*(one.name for one in detectors), ""]:
        own = [rows[name, kind] for kind in EVENT_TYPES if (name, kind) in rows]
        found += own or ([Row(name)] if name else [])
    return found
