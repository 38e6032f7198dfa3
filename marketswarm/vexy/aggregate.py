"""Which events are told in one sentence: those of one kind, of several symbols, within seconds; and which say nothing new. Pure."""

from collections.abc import Iterable
from typing import Final

from marketswarm.model.event import Event
from marketswarm.vexy.event_words import template_of

TOGETHER_MS: Final = 20_000


def together(events: Iterable[Event]) -> tuple[tuple[Event, ...], ...]:
    """The events in groups, in the order of their first: a group is told as one, and has each symbol once.

    Of one kind are those that the same template tells, whichever way they go; what no template tells is left out.
    """
    groups: list[list[Event]] = []
    for event in sorted(events, key=lambda one: (one.ts, one.symbol, one.id)):
        kind = kind_of(event)
        if not kind:
            continue
        home = next((one for one in groups if kind_of(one[0]) == kind and _fits(event, one)), None)
        if home is None:
            groups.append([event])
        else:
            home.append(event)
    return tuple(tuple(one) for one in groups)


def echoes_of(events: Iterable[Event]) -> tuple[Event, ...]:
    """Drifts that are a jump of the same tick, which tells of the same way of spot."""
    told = list(events)
    jumps = {(one.symbol, one.ts, one.direction) for one in told if one.type == "spot_jump"}
    return tuple(
        one
        for one in told
        if one.type == "drift" and one.state != "exit" and (one.symbol, one.ts, one.direction) in jumps
    )


def kind_of(event: Event) -> str:
    """What two events must share: type and state; both regimes are one kind. Empty for what is not told."""
    template = template_of(event)
    if template is None:
        return ""
    return template.replace("negative", "positive").replace("touched_again", "touched")


def _fits(event: Event, group: list[Event]) -> bool:
    return event.ts - group[0].ts <= TOGETHER_MS and event.symbol not in {one.symbol for one in group}
