"""How many events of one symbol are told: six in any minute. What is over becomes one digest. Pure."""

from collections.abc import Collection
from datetime import date
from typing import Final

from msgspec import Struct

from marketswarm.model.event import EVENT_TYPES, Event, EventType, Fact, importance_of
from marketswarm.vigil.severity import event_id

PER_MINUTE = 6
_GROUND: Final[frozenset[EventType]] = frozenset({"expiry_roll", "data_quality"})
_MINUTE_MS = 60_000


class Budget(Struct, frozen=True, omit_defaults=True):
    """What was told in the last minute, and what was not.

    Attributes:
        told: when events were told, ms, ascending.
        over: type → how many were not told since `over_since`, ms; `worst` the highest severity among them.
    """

    told: tuple[int, ...] = ()
    over: dict[str, int] = {}
    over_since: int = 0
    worst: int = 0


def spend(
    budget: Budget, events: tuple[Event, ...], ts: int, again: Collection[str] = ()
) -> tuple[Budget, tuple[Event, ...], tuple[Event, ...]]:
    """The budget after a tick, the events that are told, and those that are not.

    A critical event is always told, and so are a roll and what becomes of the data. While a digest is due, one place of six is
    kept for it. Ends that find no room are not counted for the digest, since they are tried again; for the same
    reason they have what room the rest of the tick leaves. Nor are beginnings that are tried `again`, by
    id: they were counted when they first found none.
    """
    times = [one for one in budget.told if one > ts - _MINUTE_MS]
    over, since, worst = dict(budget.over), budget.over_since, budget.worst
    told: set[int] = set()
    for place in sorted(range(len(events)), key=lambda place: events[place].state == "exit"):
        event = events[place]
        if _always(event) or len(times) < PER_MINUTE - bool(over):
            times.append(ts)
            told.add(place)
            continue
        if event.state != "exit" and event.id not in again:
            since = since if over else ts
            over[event.type] = over.get(event.type, 0) + 1
            worst = max(worst, event.severity)
    spent = Budget(tuple(times), over, since, worst)
    return (
        spent,
        tuple(event for place, event in enumerate(events) if place in told),
        tuple(event for place, event in enumerate(events) if place not in told),
    )


def _always(event: Event) -> bool:
    """Whether it is told whatever else there is: what is critical, and what all other events are to be read by."""
    return event.importance == "critical" or event.type in _GROUND


def digest_of(
    budget: Budget, *, symbol: str, expiration: date | None, day: str, ts: int
) -> tuple[Budget, tuple[Event, ...]]:
    """The digest, once a minute has passed since the first event that it counts; else nothing.

    Args:
        budget: before this tick's events.
        symbol: of the underlying.
        expiration: of the chain in force.
        day: of the session, YYYY-MM-DD.
        ts: of the tick, ms.
    """
    if not budget.over or ts < budget.over_since + _MINUTE_MS:
        return budget, ()
    name = event_id(symbol=symbol, type="digest", key="", direction="", day=day, slot=ts, state="enter")
    count = sum(budget.over.values())
    digest = Event(
        id=name,
        episode=name,
        type="digest",
        symbol=symbol,
        expiration=expiration,
        state="enter",
        severity=budget.worst,
        importance=importance_of(budget.worst),
        ts=ts,
        title=f"{count} more event{'s' if count > 1 else ''}, beyond {PER_MINUTE} in a minute",
        evidence={
            one: Fact(value=budget.over[one], unit="events", as_of=ts)
            for one in EVENT_TYPES
            if one in budget.over
        },
        method="counted",
        version=1,
    )
    return Budget((*budget.told, ts)), (digest,)
