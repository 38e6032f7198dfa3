"""Whether the events of one rehearsal are those that its labels promise. Pure.

A label is found when an episode of one of its types runs at some moment of the label's time. An event is false on a quiet day when
it claims something that was not made to happen there: a jump, a burst, a break, dear tails, bad data. Drift, strikes, walls and
clusters are measurements, true wherever they are told; they are counted beside.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from marketswarm.model.event import Event, EventType
from marketswarm.simulator.scenarios.course import Label

CLAIMS: Final[frozenset[EventType]] = frozenset(
    {"spot_jump", "volatility_burst", "jump_risk", "smile_break", "data_quality"}
)
PULSES: Final[frozenset[EventType]] = frozenset({"spot_jump", "smile_break", "drift", "expiry_roll"})
"""Promised types that are told once, without an end: such an event must itself lie within the label's time."""


class Promise(NamedTuple):
    """What a label of one kind promises.

    Attributes:
        types: one of these.
        within_s: of the label's beginning, where the label has no end of its own.
        keys: one of these; empty for any.
        is_directed: the event's direction is that of the label's size.
    """

    types: tuple[EventType, ...]
    within_s: float
    keys: tuple[str, ...] = ()
    is_directed: bool = False


PROMISES: Final[dict[str, Promise]] = {
    "jump": Promise(("spot_jump",), 30.0, is_directed=True),
    "trend": Promise(("drift",), 3600.0, ("macro", "extreme"), is_directed=True),
    "volatility": Promise(("volatility_burst",), 900.0),
    "smile": Promise(("smile_break",), 900.0, ("curvature",)),
    "pin": Promise(("pin_risk",), 7200.0),
    "settlement": Promise(("expiry_roll",), 60.0),
}


class Finding(NamedTuple):
    """What became of one label: the first event that fits, and how many seconds after the label's beginning it was told."""

    label: Label
    event: Event | None
    delay_s: float | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one rehearsal.

    Attributes:
        findings: one a label that promises anything.
        claims: events that claim something; `all_events` with those that measure.
    """

    findings: tuple[Finding, ...]
    claims: tuple[Event, ...]
    all_events: int


def judge(labels: Iterable[Label], events: Sequence[Event], begin_ms: int) -> Verdict:
    """Compare what was made to happen with what was told.

    Args:
        labels: in seconds since the beginning.
        events: all of one symbol, in order.
        begin_ms: the beginning, ms since the epoch.
    """
    findings = tuple(
        _found(label, PROMISES[label.kind], events, begin_ms) for label in labels if label.kind in PROMISES
    )
    began = [event for event in events if event.state == "enter"]
    return Verdict(findings, tuple(event for event in began if event.type in CLAIMS), len(began))


def _found(label: Label, promise: Promise, events: Sequence[Event], begin_ms: int) -> Finding:
    from_ms = begin_ms + round(label.at_s * 1000)
    last_s = label.until_s if label.until_s is not None else label.at_s + promise.within_s
    until_ms = begin_ms + round(last_s * 1000)
    ended = {event.episode: event.ts for event in events if event.state == "exit"}
    for event in events:
        if event.state != "enter" or event.ts > until_ms or not _fits(event, label, promise):
            continue
        over_ms = event.ts if event.type in PULSES else ended.get(event.episode, until_ms)
        if over_ms >= from_ms:
            return Finding(label, event, max(0.0, (event.ts - from_ms) / 1000))
    return Finding(label, None, None)


def _fits(event: Event, label: Label, promise: Promise) -> bool:
    if event.type not in promise.types or (promise.keys and event.key not in promise.keys):
        return False
    if not promise.is_directed or label.size is None:
        return True
    return event.direction == ("up" if label.size > 0 else "down")
