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

Vars = dict[str, Any]

_DID: Final[dict[str, str]] = {
    "cluster_formed.enter": "saw gamma gather in a cluster",
    "cluster_shifted.enter": "saw a gamma cluster move {higher}",
    "cluster_dissolved.enter": "lost a gamma cluster",
    "spot_in_cluster.enter": "came into a gamma cluster",
    "spot_in_cluster.update": "saw more gamma gather around the price",
    "spot_in_cluster.exit": "no longer traded in a gamma cluster",
    "spot_jump.enter": "{fell} in one step",
    "volatility_burst.enter": "became restless",
    "volatility_burst.update": "sped up further",
    "volatility_burst.exit": "calmed down",
    "jump_risk.enter": "saw far puts become dear",
    "jump_risk.update": "saw far puts become dearer still",
    "jump_risk.exit": "saw far puts return to their usual price",
    "jump_risk.right_enter": "saw far calls become dearer",
    "jump_risk.right_update": "saw far calls become dearer still",
    "jump_risk.right_exit": "saw far calls return to their usual price",
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
    "cluster_formed": ("at", "centre"),
    "cluster_shifted": ("to", "centre"),
    "cluster_dissolved": ("at", "centre"),
    "spot_in_cluster": ("at", "centre"),
    "spot_jump": ("by", "change"),
    "volatility_burst": ("at", "multiple", "its pace"),
    "jump_risk": ("at", "tail", "flat"),
    "smile_break": ("to", "after"),
    "drift": ("by", "change"),
    "key_strike": ("", "it"),
    "regime": ("at", "regime"),
    "flip_cross": ("at", "flip"),
    "wall_moved": ("to", "strike"),
    "pin_risk": ("at", "strike"),
    "expected_move": ("at", "em"),
    "expiry_roll": ("to", "after"),
    "data_quality": ("with", "coverage", "covered"),
    "digest": ("with", "total", "more"),
}
"""Event type → how an amount is told of each symbol: the word before it, its name, and the word behind it."""

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
    told: Vars = {"meaning": _term(events[0]), "span": _span(events)}
    if any("is_late" in one for one in words):
        told["is_late"] = True
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


def _term(event: Event) -> str:
    """What a beginner is told the meaning of."""
    if event.type == "jump_risk" and event.key == "right":
        return "right_tail"
    return _TERMS.get(event.type, "none")


def _group(places: Sequence[int], events: Sequence[Event], words: Sequence[Vars]) -> Vars:
    first = places[0]
    return {
        "names": joined([str(words[at]["symbol"]) for at in places]),
        "did": _did(events[first], words[first]),
    }


def _did(event: Event, words: Mapping[str, Any]) -> str:
    plain = {name: value for name, value in words.items() if isinstance(value, str)}
    upward = {"up": "upwards", "down": "downwards"}.get(event.direction, "")
    try:
        return _DID[kind_of(event)].format(**plain, upward=upward).strip()
    except KeyError:  # a word that hangs on a direction which is not known
        return "did the same"


def _amount(event: Event, words: Mapping[str, Any]) -> Phrase | None:
    """`SPX by 7.6 points`; None where the event does not say how much."""
    before, name, *behind = _AMOUNTS[event.type]
    found, symbol = words.get(name), words["symbol"]
    if isinstance(found, Reference):
        text, facts = found.full
    elif isinstance(found, MessageFact):
        text, facts = found.text, (found,)
    else:
        return None
    named = tuple(one.model_copy(update={"name": f"{symbol}.{one.name}"}) for one in facts)
    return Phrase(" ".join(one for one in (symbol, before, text, *behind) if one), named)


def _span(events: Sequence[Event]) -> Any:
    """How far apart they are, as a fact; words where they are of one tick."""
    times = [one.ts for one in events]
    apart = max(times) - min(times)
    if not apart:
        return "the same ten seconds"
    return MessageFact(
        name="span",
        value=apart / 1_000,
        unit="seconds",
        text=duration(apart / 1_000),
        source="events",
        as_of=max(times),
    )
