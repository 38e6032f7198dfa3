"""How much of one symbol is said: no words twice within their cooldown, six messages a minute, thirty an hour. Pure.

What is kept back is counted, and becomes one digest. Time is that of what happened, never a clock's.
"""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from marketswarm.model.event import EVENT_TYPES, EventType, Importance
from marketswarm.vexy.draft import Suppressed

PER_MINUTE: Final = 6
PER_HOUR: Final = 30
COOLDOWN_MS: Final[dict[Importance, int]] = {
    "info": 300_000,
    "notice": 180_000,
    "warning": 60_000,
    "critical": 0,
}
"""How long after a message none with the same `dedup_key` is said, unless it weighs more."""

DIGEST_AFTER_MS: Final = 600_000
"""So long after the first that was kept back they are told in one sentence."""

_MINUTE_MS, _HOUR_MS = 60_000, 3_600_000
_RANK: Final[dict[Importance, int]] = {name: rank for rank, name in enumerate(COOLDOWN_MS)}
_MOST_REFS: Final = 20


class Said(Struct, frozen=True, array_like=True):
    """When something was said last, ms, and how important it was."""

    ts: int
    importance: Importance


class KeptBack(Struct, frozen=True, omit_defaults=True):
    """What was not said since the last digest.

    Attributes:
        counts: type → how many. `since`, `until`: the first and the last, ms.
        worst: the highest severity among them.
        refs: ids of the newest events.
    """

    counts: dict[EventType, int] = {}
    since: int = 0
    until: int = 0
    worst: int = 0
    refs: tuple[str, ...] = ()


class Budget(Struct, frozen=True, omit_defaults=True):
    """One symbol's.

    Attributes:
        times: of the messages of the last hour, ms.
        said: dedup_key → when it was said last; forgotten once no cooldown can hold any more.
    """

    times: tuple[int, ...] = ()
    said: dict[str, Said] = {}
    kept: KeptBack = KeptBack()


def is_hot(budget: Budget, key: str, importance: Importance, ts: int) -> bool:
    """Whether the same was said so shortly before that it is not said again; what weighs more than before always is."""
    last = budget.said.get(key)
    if last is None or _RANK[importance] > _RANK[last.importance]:
        return False
    return abs(ts - last.ts) < COOLDOWN_MS[importance]


def has_room(budget: Budget, ts: int) -> bool:
    """Whether the minute and the hour around that moment have room for one more."""
    minute = sum(1 for one in budget.times if abs(one - ts) < _MINUTE_MS)
    hour = sum(1 for one in budget.times if abs(one - ts) < _HOUR_MS)
    return minute < PER_MINUTE and hour < PER_HOUR


def spent(budget: Budget, key: str, importance: Importance, ts: int) -> Budget:
    """The budget after such a message; what is an hour away, in either direction, holds nothing back any more."""
    times = tuple(one for one in budget.times if abs(ts - one) < _HOUR_MS)
    return reminded(replace(budget, times=(*times, ts)), key, importance, ts)


def reminded(budget: Budget, key: str, importance: Importance, ts: int) -> Budget:
    """The budget that knows that this was said, without its place among the messages."""
    longest = max(COOLDOWN_MS.values())
    said = {name: one for name, one in budget.said.items() if abs(ts - one.ts) < longest}
    return replace(budget, said=said | {key: Said(ts, importance)})


def kept_back(budget: Budget, type: EventType, severity: int, event_id: str, ts: int) -> Budget:  # noqa: A002
    """The budget after an event that was not told."""
    kept = budget.kept
    return replace(
        budget,
        kept=KeptBack(
            counts=kept.counts | {type: kept.counts.get(type, 0) + 1},
            since=min(kept.since, ts) if kept.counts else ts,
            until=max(kept.until, ts),
            worst=max(kept.worst, severity),
            refs=(*kept.refs, event_id)[-_MOST_REFS:],
        ),
    )


def digest_due(budget: Budget, now_ms: int) -> bool:
    """Whether what was kept back is to be told now."""
    return bool(budget.kept.counts) and now_ms >= budget.kept.since + DIGEST_AFTER_MS


def suppressed(budget: Budget, symbol: str) -> Suppressed:
    """What was kept back, as it is put into words; types in their own order."""
    kept = budget.kept
    counts = {name: kept.counts[name] for name in EVENT_TYPES if name in kept.counts}
    return Suppressed(symbol, counts, kept.since, kept.until, kept.worst, kept.refs)


def emptied(budget: Budget) -> Budget:
    """The budget after its digest."""
    return replace(budget, kept=KeptBack())
