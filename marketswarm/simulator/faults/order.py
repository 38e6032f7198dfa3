"""Faults of the order of events: twice, again behind newer ones, numbered as if many were missing. The newest is always true."""

from marketswarm.simulator.connection import Connection
from marketswarm.simulator.faults.events import Disturbance, Event
from marketswarm.simulator.faults.fault import Draw, Fault, Values, share, whole

_ORDERED = frozenset({"Q", "T"})


class Duplicates(Disturbance):
    """Events come twice."""

    def __init__(self, values: Values, draw: Draw) -> None:
        self._share, self._draw = values["share"], draw

    def disturb(self, connection: Connection, events: list[Event]) -> list[Event]:
        """The second one comes at the end of the frame."""
        return events + [event for event in events if self._draw() < self._share]


class Reorder(Disturbance):
    """A contract's event before the last one comes again behind it."""

    def __init__(self, values: Values, draw: Draw) -> None:
        self._share, self._draw = values["share"], draw
        self._before: dict[tuple[Connection, str, str], Event] = {}

    def disturb(self, connection: Connection, events: list[Event]) -> list[Event]:
        """Each true event, and behind some of them the older one."""
        disturbed: list[Event] = []
        for event in events:
            disturbed.append(event)
            if event["ev"] not in _ORDERED or "sym" not in event:
                continue
            name = (connection, event["ev"], event["sym"])
            older, self._before[name] = self._before.get(name), event
            if older is not None and self._draw() < self._share:
                disturbed.append(older)
        return disturbed


class SequenceJump(Disturbance):
    """Sequence numbers leap ahead, and back at the end."""

    def __init__(self, values: Values, _draw: Draw) -> None:
        self._by = values["by"]

    def disturb(self, connection: Connection, events: list[Event]) -> list[Event]:
        """The same events with other numbers."""
        return [event | {"q": event["q"] + self._by} if "q" in event else event for event in events]


class LatePrints(Disturbance):
    """Behind a trade comes one that happened long before it, at another price."""

    def __init__(self, values: Values, draw: Draw) -> None:
        self._share, self._by_ms, self._draw = values["share"], values["by"] * 1000, draw

    def disturb(self, connection: Connection, events: list[Event]) -> list[Event]:
        """The true trade first."""
        disturbed: list[Event] = []
        for event in events:
            disturbed.append(event)
            if event["ev"] == "T" and self._draw() < self._share:
                late = {"t": event["t"] - self._by_ms, "p": round(event["p"] * 1.1 + 0.05, 2), "c": [2]}
                disturbed.append(event | late | {"q": event["q"] - 1})
        return disturbed


_AT_ONCE = "the truth at every moment"
FAULTS = (
    Fault(
        "duplicates",
        "data",
        "sends events twice",
        _AT_ONCE,
        Duplicates,
        (share("0.1", "share of the events"),),
    ),
    Fault(
        "reorder",
        "data",
        "sends quotes and trades again behind newer ones, with their old time and sequence",
        f"{_AT_ONCE}: what is older is refused",
        Reorder,
        (share("0.3", "share of the events"),),
    ),
    Fault(
        "sequence-jump",
        "data",
        "lets sequence numbers leap ahead, and back at the end",
        f"{_AT_ONCE}: the vendor's numbers are not consecutive",
        SequenceJump,
        (whole("by", "1000000", (1, 10**12), "how far"),),
    ),
    Fault(
        "late-prints",
        "data",
        "sends trades behind newer ones, long past and at other prices",
        f"{_AT_ONCE}: the newest trade stays",
        LatePrints,
        (share("0.5", "share of the trades"), whole("by", "90", (1, 86_400), "how many seconds late")),
    ),
)
