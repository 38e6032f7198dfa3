"""Which events are told in one sentence: those of one kind, of several symbols, within seconds; and which say nothing new. Pure."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Final

from marketswarm.model.event import Event
from marketswarm.vexy.event_words import template_of

TOGETHER_MS: Final = 20_000

Way = tuple[str, int, str]
"""Symbol, tick and direction."""


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


def jumps_of(events: Iterable[Event]) -> set[Way]:
    """The ways of spot that jumps among them tell of."""
    return {_way(one) for one in events if one.type == "spot_jump"}


def are_echoes(events: Iterable[Event], jumps: AbstractSet[Way]) -> bool:
    """Whether all of them are drifts that began with one of those jumps, and so say nothing new beside it."""
    return all(one.type == "drift" and one.state != "exit" and _way(one) in jumps for one in events)


def _way(event: Event) -> Way:
    return event.symbol, event.ts, event.direction


def kind_of(event: Event) -> str:
    """What two events must share: type and state; both regimes are one kind. Empty for what is not told."""
    template = template_of(event)
    if template is None:
        return ""
    return template.replace("negative", "positive").replace("touched_again", "touched")


def _fits(event: Event, group: list[Event]) -> bool:
    return event.ts - group[0].ts <= TOGETHER_MS and event.symbol not in {one.symbol for one in group}
