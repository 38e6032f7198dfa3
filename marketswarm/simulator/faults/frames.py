"""Frames that cannot be used, beside true ones that can."""

from collections.abc import Iterable
from itertools import cycle, islice

from marketswarm.simulator.connection import Connection
from marketswarm.simulator.faults.effect import Effect
from marketswarm.simulator.faults.events import Disturbance, Event, events_of, frame_of, is_talk
from marketswarm.simulator.faults.fault import Draw, Fault, Values, share, whole

_JUNK = (
    "this is no JSON",
    '[{"ev":"Q","sym":"O:SPX',
    '{"ev":"Q","sym":"O:SPY"}',
    '[null,17,"Q",[]]',
    '[{"ev":"ZZ","sym":"O:SPY"},{"sym":"O:SPY"}]',
    "",
    "[" * 5000,
)


class WrongTypes(Disturbance):
    """Before an event stands a copy of it with words for numbers and numbers for words."""

    def __init__(self, values: Values, draw: Draw) -> None:
        self._share, self._draw = values["share"], draw

    def disturb(self, connection: Connection, events: list[Event]) -> list[Event]:
        """The true event stays, behind the spoilt one."""
        disturbed: list[Event] = []
        for event in events:
            if self._draw() < self._share:
                disturbed.append(self._spoilt(event))
            disturbed.append(event)
        return disturbed

    def _spoilt(self, event: Event) -> Event:
        names = [name for name in event if name != "ev"]
        name = names[int(self._draw() * len(names))]
        value = event[name]
        return event | {name: [value] if self._draw() < 0.5 else {"value": value}}


class Garbage(Effect):
    """Frames that are no list of events, between the true ones."""

    def __init__(self, values: Values, draw: Draw) -> None:
        self._share, self._draw = values["share"], draw

    def pass_frame(self, connection: Connection, frame: str) -> Iterable[str]:
        """The frame, and before some of them one that says nothing."""
        if is_talk(frame) or self._draw() >= self._share:
            return (frame,)
        return (_JUNK[int(self._draw() * len(_JUNK))], frame)


class GiantFrame(Effect):
    """Some frames repeat their events until they are larger than many clients accept."""

    def __init__(self, values: Values, draw: Draw) -> None:
        self._bytes, self._share, self._draw = values["bytes"], values["share"], draw

    def pass_frame(self, connection: Connection, frame: str) -> Iterable[str]:
        """A frame of the same events, again and again in their order."""
        events = events_of(frame)
        if not events or self._draw() >= self._share:
            return (frame,)
        times = self._bytes // max(1, len(frame) - 2) + 1
        return (frame_of(islice(cycle(events), times * len(events))),)


FAULTS = (
    Fault(
        "wrong-types",
        "data",
        "sends beside true events copies of them with a list or an object where a number or a word belongs",
        "the truth at every moment; a copy is counted as malformed, or taken where the spoilt part is one that nobody reads",
        WrongTypes,
        (share("0.2", "share of the events"),),
    ),
    Fault(
        "garbage",
        "data",
        "sends between true frames some that are no JSON, no array, or arrays of no events",
        "the truth at every moment; each counted by its reason",
        Garbage,
        (share("0.2", "share of the frames"),),
    ),
    Fault(
        "giant-frame",
        "data",
        "sends frames of more than 1 MiB, which repeat their events",
        "the truth: the frame is read, or the connection closed with 1009 and opened again",
        GiantFrame,
        (
            whole("bytes", "1500000", (1_048_577, 16_000_000), "the least size"),
            share("0.05", "share of the frames"),
        ),
    ),
)
