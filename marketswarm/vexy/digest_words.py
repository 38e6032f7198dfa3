"""Events counted by their kind, as they stand in a digest: `2 drifts and 1 crossing of the flip`. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from marketswarm.model.event import EVENT_TYPES, EventType
from marketswarm.model.message import MessageFact
from marketswarm.vexy.facts import Figures, put_figure
from marketswarm.vexy.referring import Phrase, listed

NOUNS: Final[dict[EventType, tuple[str, str]]] = {
    "cluster_formed": ("new cluster", "new clusters"),
    "cluster_shifted": ("shift of a cluster", "shifts of clusters"),
    "cluster_dissolved": ("dissolved cluster", "dissolved clusters"),
    "spot_in_cluster": ("visit to a cluster", "visits to clusters"),
    "spot_jump": ("jump", "jumps"),
    "volatility_burst": ("burst of fast moves", "bursts of fast moves"),
    "jump_risk": ("change in the price of far options", "changes in the price of far options"),
    "smile_break": ("break in the smile", "breaks in the smile"),
    "drift": ("drift", "drifts"),
    "key_strike": ("event at a key strike", "events at key strikes"),
    "regime": ("change of the gamma model", "changes of the gamma model"),
    "flip_cross": ("crossing of the flip", "crossings of the flip"),
    "wall_moved": ("move of a wall", "moves of walls"),
    "pin_risk": ("pin risk", "pin risks"),
    "expected_move": ("breach of the expected move", "breaches of the expected move"),
    "expiry_roll": ("roll to the next expiration", "rolls to the next expiration"),
    "data_quality": ("change in data quality", "changes in data quality"),
    "digest": ("digest", "digests"),
}
"""Event type → what one of it is called, and several."""

_NAMED_MOST: Final = 3  # kinds; the rest is counted together, so that the sentence stays one


def counted_kinds(counts: Mapping[EventType, Any], *, source: str, as_of: int) -> dict[str, Any]:
    """`kinds`, `total` and `things` of what is counted; nothing where nothing is."""
    known = {one: count for one in EVENT_TYPES if (count := _whole(counts.get(one))) > 0}
    if not known:
        return {}
    ranked = sorted(known, key=lambda one: (-known[one], EVENT_TYPES.index(one)))
    named = ranked if len(ranked) == _NAMED_MOST + 1 else ranked[:_NAMED_MOST]
    phrases = [_phrase(one, known[one], NOUNS[one], source, as_of) for one in named]
    rest = sum(known[one] for one in ranked[len(named) :])
    if rest:
        phrases.append(_phrase("others", rest, ("other", "others"), source, as_of))
    total = sum(known.values())
    return {
        "kinds": listed(phrases),
        "total": _count("total", total, source, as_of),
        "things": "event" if total == 1 else "events",
    }


def a_noun(kind: EventType) -> str:
    """`a drift`, `an event at a key strike`."""
    noun = NOUNS[kind][0]
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _phrase(name: str, count: int, nouns: tuple[str, str], source: str, as_of: int) -> Phrase:
    fact = _count(name, count, source, as_of)
    return Phrase(f"{fact.text} {nouns[count != 1]}", (fact,))


def _count(name: str, count: int, source: str, as_of: int) -> MessageFact:
    told: Figures = {}
    put_figure(told, name, "count", count, source=f"{source}/{name}", as_of=as_of)
    return told[name]


def _whole(count: object) -> int:
    if not isinstance(count, (int, float)) or isinstance(count, bool):
        return 0
    return int(count) if 0 <= count < 1e9 else 0
