"""What stands in one sentence about several symbols: `SPX and NDX both dropped`, or `SPX rose, while NDX fell`. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from marketswarm.model.event import Event, EventType
from marketswarm.model.message import MessageFact
from marketswarm.vexy.aggregate import kind_of
from marketswarm.vexy.context import Context
from marketswarm.vexy.event_words import event_words
from marketswarm.vexy.numbers import duration
from marketswarm.vexy.phrases import both
from marketswarm.vexy.referring import Phrase, Reference, joined, listed
from marketswarm.vexy.wordbook import terms

Vars = dict[str, Any]

_DID: Final[dict[str, str]] = {
    "cluster_formed.enter": "saw gamma gather in a cluster",
    "cluster_shifted.enter": "saw a gamma cluster move {higher}",
    "cluster_dissolved.enter": "lost a gamma cluster",
    "spot_in_cluster.enter": "came into a gamma cluster",
    "spot_in_cluster.update": "saw more gamma gather around the price",
    "spot_in_cluster.exit": "left a gamma cluster",
    "spot_jump.enter": "{fell} in one step",
    "volatility_burst.enter": "became restless",
    "volatility_burst.update": "sped up further",
    "volatility_burst.exit": "calmed down",
    "jump_risk.enter": "saw far puts become dear",
    "jump_risk.update": "saw far puts become dearer still",
    "jump_risk.exit": "saw far puts return to their usual price",
    "smile_break.level": "saw implied volatility step {higher}",
    "smile_break.skew": "saw their skew change",
    "smile_break.curvature": "saw the wings of the smile change",
    "drift.enter": "{fell}",
    "key_strike.approached": "came near a key strike",
    "key_strike.nearer": "came closer to a key strike",
    "key_strike.left": "moved away from a key strike",
    "key_strike.touched": "reached a key strike from {under}",
    "key_strike.broken": "broke through a key strike {upward}",
    "key_strike.held": "did not break a key strike",
    "regime.positive": "turned {key} in the gamma model",
    "regime.update": "became more clearly {key} in the gamma model",
    "regime.exit": "are no longer clearly {key} in the gamma model",
    "flip_cross.enter": "crossed {above} the gamma flip",
    "flip_cross.update": "moved further {above} the gamma flip",
    "flip_cross.exit": "came back {under} the gamma flip",
    "wall_moved.enter": "saw a wall move {higher}",
    "pin_risk.enter": "came close to a heavy strike late in the day",
    "pin_risk.update": "stayed close to a heavy strike",
    "pin_risk.exit": "came free of a heavy strike",
    "expected_move.breach": "went {higher} than options priced for the day",
    "expected_move.breach_more": "moved still further {above} the open",
    "expected_move.breach_over": "came back within the expected move",
    "expected_move.range": "made a range as wide as options priced",
    "expected_move.range_more": "made the range still wider",
    "expiry_roll.enter": "rolled to the next expiration",
    "data_quality.enter": "lost the data that levels stand on",
    "data_quality.update": "lost still more data",
    "data_quality.exit": "have good data again",
    "data_quality.lag": "were not judged for a while",
    "digest.enter": "had more events than were told",
}
_AMOUNTS: Final[dict[EventType, tuple[str, ...]]] = {
    "cluster_formed": ("centre",),
    "cluster_shifted": ("centre",),
    "cluster_dissolved": ("centre",),
    "spot_in_cluster": ("centre",),
    "spot_jump": ("change",),
    "volatility_burst": ("multiple",),
    "jump_risk": ("tail",),
    "smile_break": ("after",),
    "drift": ("change", "em"),
    "key_strike": ("it",),
    "regime": ("regime",),
    "flip_cross": ("flip",),
    "wall_moved": ("wall", "strike"),
    "pin_risk": ("strike",),
    "expected_move": ("em",),
    "expiry_roll": ("after",),
    "data_quality": ("coverage",),
    "digest": ("total",),
}
_TERMS: Final[dict[EventType, str]] = {
    "cluster_formed": "cluster",
    "cluster_shifted": "cluster",
    "cluster_dissolved": "cluster",
    "spot_in_cluster": "cluster",
    "jump_risk": "tail",
    "smile_break": "smile",
    "drift": "expected_move",
    "key_strike": "strike",
    "regime": "model",
    "flip_cross": "flip",
    "pin_risk": "pin",
    "expected_move": "expected_move",
    "expiry_roll": "expiry",
}


def together_words(events: Sequence[Event], context: Context) -> Vars:
    """Name → phrase or word, for `together.same` and `together.opposed`."""
    words = [event_words(one, context) for one in events]
    sides: dict[str, list[int]] = {}
    for at, event in enumerate(events):
        sides.setdefault(side_of(event), []).append(at)
    told: Vars = {"meaning": meaning_of(events[0].type), "span": _span(events)}
    each = [_amount(event, one) for event, one in zip(events, words, strict=True)]
    if all(one is not None for one in each):
        told["each"] = listed([one for one in each if one is not None])
    groups = [_group(places, events, words) for places in sides.values()]
    if len(groups) == 2:
        return told | {"one": groups[0], "other": groups[1]}
    return told | _group(range(len(events)), events, words) | {"both": both(len(events))}


def are_opposed(events: Sequence[Event]) -> bool:
    """Whether they go two ways."""
    return len({side_of(one) for one in events}) == 2


def side_of(event: Event) -> str:
    """Which way an event goes; of a regime its sign."""
    return event.direction or (event.key if event.type == "regime" else "")


def meaning_of(kind: EventType) -> str:
    """What a beginner is told of the term; empty where nothing needs to be said."""
    return terms()[_TERMS[kind]] if kind in _TERMS else ""


def _group(places: Sequence[int], events: Sequence[Event], words: Sequence[Vars]) -> Vars:
    first = places[0]
    return {
        "names": joined([str(words[at]["symbol"]) for at in places]),
        "did": _did(events[first], words[first]),
    }


def _did(event: Event, words: Mapping[str, Any]) -> str:
    plain = {name: value for name, value in words.items() if isinstance(value, str)}
    upward = {"up": "upwards", "down": "downwards"}.get(event.direction, "")
    kind = kind_of(event)
    if kind.startswith("regime."):
        plain["key"] = event.key
    try:
        return _DID[kind].format(**plain, upward=upward).strip()
    except KeyError:  # a word that hangs on a direction which is not known
        return "did the same"


def _amount(event: Event, words: Mapping[str, Any]) -> Phrase | None:
    """`SPX 7.6 points`; None where the event does not say how much."""
    parts: list[str] = []
    facts: list[MessageFact] = []
    for name in _AMOUNTS[event.type]:
        found = words.get(name)
        if isinstance(found, Reference):
            found = found.full
        if isinstance(found, Phrase):
            parts, facts = [*parts, found.text], [*facts, *found.facts]
        elif isinstance(found, MessageFact):
            parts, facts = [*parts, found.text], [*facts, found]
        elif isinstance(found, str):
            parts.append(found)
    if not facts:
        return None
    named = [one.model_copy(update={"name": f"{words['symbol']}.{one.name}"}) for one in facts]
    shown = (
        f"{parts[0]} ({', '.join(parts[1:])})"
        if event.type == "drift" and len(parts) > 1
        else " ".join(parts)
    )
    return Phrase(f"{words['symbol']} {shown}", tuple(named))


def _span(events: Sequence[Event]) -> Any:
    """How far apart they are, as a fact; words where they are of one tick."""
    times = [one.ts for one in events]
    apart = max(times) - min(times)
    if not apart:
        return "the same tick"
    return MessageFact(
        name="span",
        value=apart / 1_000,
        unit="seconds",
        text=duration(apart / 1_000),
        source="events",
        as_of=max(times),
    )
