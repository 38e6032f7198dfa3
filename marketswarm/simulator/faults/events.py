"""Frames as events, and what a fault does to them. Talk passes untouched, and so does what is no list of events."""

from collections.abc import Iterable
from typing import Any

import msgspec

from marketswarm.simulator.connection import Connection
from marketswarm.simulator.faults.effect import Effect

Event = dict[str, Any]


def events_of(frame: str) -> list[Event] | None:
    """The events of a frame; None for talk, and for what another fault has spoilt."""
    try:
        events = msgspec.json.decode(frame)
    except msgspec.DecodeError:
        return None
    if not isinstance(events, list) or not all(isinstance(event, dict) for event in events):
        return None
    return None if any(event.get("ev") == "status" for event in events) else events


def is_talk(frame: str) -> bool:
    """Whether a frame holds statuses."""
    return '"status"' in frame[:40]


def frame_of(events: Iterable[Event]) -> str:
    """The frame of these events."""
    return msgspec.json.encode(list(events)).decode()


class Disturbance(Effect):
    """A fault of the data: what it makes of a frame's events."""

    def pass_frame(self, connection: Connection, frame: str) -> Iterable[str]:
        """The frame of what was made of the events."""
        events = events_of(frame)
        if events is None:
            return (frame,)
        disturbed = self.disturb(connection, events)
        return (frame_of(disturbed),) if disturbed else ()

    def disturb(self, connection: Connection, events: list[Event]) -> list[Event]:
        """What goes out in place of these events."""
        raise NotImplementedError
