"""Which template tells an event, and what stands in it. Pure."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final, NamedTuple

from marketswarm.model.event import EVENT_TYPES, Event, EventType
from marketswarm.model.message import MessageFact, MessageLevel
from marketswarm.vexy.context import Context, Levels, SymbolFacts
from marketswarm.vexy.digest_words import counted_kinds
from marketswarm.vexy.facts import Figures, evidence_figures, put_figure, reason_of
from marketswarm.vexy.level_facts import (
    Mark,
    distance_figure,
    flip_words,
    level_figures,
    marks_of,
    measure_words,
    message_level,
    number_of,
    session_figures,
)
from marketswarm.vexy.phrases import (
    are,
    because,
    direction_words,
    jump_verb,
    opening,
    regime_means,
    regime_of,
    role_of,
    size_of_drift,
    verb,
)
from marketswarm.vexy.referring import plain_symbol, reference
from marketswarm.vexy.wordbook import terms

Vars = dict[str, Any]


class Seen(NamedTuple):
    """What is known of one event: itself, its numbers, and its symbol."""

    event: Event
    figures: Figures
    known: SymbolFacts

    def number(self, name: str) -> float | None:
        """A piece of its evidence, where it is a number."""
        fact = self.event.evidence.get(name)
        return float(fact.value) if fact is not None and isinstance(fact.value, (int, float)) else None


_PULSES: Final[frozenset[EventType]] = frozenset(
    {
        "cluster_formed",
        "cluster_shifted",
        "cluster_dissolved",
        "spot_jump",
        "smile_break",
        "drift",
        "wall_moved",
        "expiry_roll",
        "digest",
    }
)
_SESSION_OVER: Final = "The session is over"
_STRIKE_STATES: Final = {"enter": "approached", "update": "nearer", "exit": "left"}
_BREACH_STATES: Final = {"enter": "breach", "update": "breach_more", "exit": "breach_over"}
_TAILS: Final = {"": "", "right": "right_"}
_AWAY: Final = ("distance", "signed_distance", "moves", "em")
_PLACES: Final = {"strike": "strike", "flip": "flip", "centre": "cluster"}


def template_of(event: Event) -> str | None:
    """The template of an event; None for what is not told: what ends because the session does, and ends of what has none."""
    if event.state == "exit" and event.title == _SESSION_OVER:
        return None
    if event.type == "key_strike":
        return _strike_template(event)
    if event.type == "data_quality" and event.key:
        return "data_quality.lag" if event.key == "lag" and event.state == "enter" else None
    if event.type == "expected_move":
        return _move_template(event)
    if event.type in _PULSES and event.state != "enter":
        return None
    if event.type in {"smile_break", "jump_risk"}:
        return _smile_template(event)
    if event.type == "regime" and event.state == "enter":
        return f"regime.{event.key}" if event.key in {"positive", "negative"} else None
    return f"{event.type}.{event.state}"


def event_words(event: Event, context: Context) -> Vars:
    """Name → fact, phrase, reference or word, of all that is known of an event."""
    symbol, known = event.symbol, context.of(event.symbol)
    figures = evidence_figures(event, known.spot)
    _without_nothing(figures)
    put_figure(figures, "at", "clock", event.ts, source=f"event:{event.id}/ts", as_of=event.ts)
    told: Vars = {
        "symbol": plain_symbol(symbol),
        "opening": opening(context.epoch),
        "levels": level_figures(symbol, known),
        "session": session_figures(symbol, context),
        **measure_words(symbol, known.levels),
        **flip_words(symbol, known.levels),
        **direction_words(event.direction),
        **figures,
    }
    told["fell"] = _verb(event)
    special = _SPECIAL.get(event.type)
    if special is not None:
        told |= special(Seen(event, figures, known))
    return told


def event_levels(event: Event, known: SymbolFacts) -> tuple[MessageLevel, ...]:
    """The prices that an event is about."""
    name, level, found = strike_name(event), partial(message_level, event.symbol), []
    for field, kind in _PLACES.items():
        fact = event.evidence.get(field)
        if fact is not None and isinstance(fact.value, (int, float)):
            found.append(level(name if kind == "strike" else kind, float(fact.value), known))
    if event.type == "wall_moved" and "to" in event.evidence:
        place = event.evidence["to"].value
        if isinstance(place, (int, float)):
            found.append(level(f"{event.key}_wall", float(place), known))
    return tuple(found)


def strike_name(event: Event) -> str:
    """What a strike is: `call_wall`, …; `strike` where an event does not say."""
    return event.key.split(":")[0] if event.type == "key_strike" else "strike"


def _strike_template(event: Event) -> str | None:
    phase = event.key.split(":")[2] if event.key.count(":") == 2 else ""
    if not phase:
        return f"key_strike.{_STRIKE_STATES[event.state]}"
    if phase not in {"touched", "broken", "held"} or event.state != "enter":
        return None
    tests = event.evidence.get("tests")
    if (
        phase == "touched"
        and tests is not None
        and isinstance(tests.value, (int, float))
        and tests.value >= 2
    ):
        return "key_strike.touched_again"
    return f"key_strike.{phase}"


def _smile_template(event: Event) -> str | None:
    if event.type == "jump_risk":
        return f"jump_risk.{_TAILS[event.key]}{event.state}" if event.key in _TAILS else None
    return f"smile_break.{event.key}" if event.key in {"level", "skew", "curvature"} else None


def _move_template(event: Event) -> str | None:
    if event.key == "range":
        return {"enter": "expected_move.range", "update": "expected_move.range_more"}.get(event.state)
    return f"expected_move.{_BREACH_STATES[event.state]}"


def _verb(event: Event) -> str:
    if event.type == "spot_jump":
        return jump_verb(event.direction)
    return verb(event.direction, size_of_drift(event.key, event.severity))


def _without_nothing(figures: Figures) -> None:
    """A distance of nothing is none: it would have no side."""
    if "distance" in figures and figures["distance"].value == 0:
        for name in _AWAY:
            figures.pop(name, None)


def _side(distance: float | None, *, from_strike: bool) -> Vars:
    """Where spot stands against a level, by their difference."""
    if not distance:
        return {}
    return {"side": "above" if (distance > 0) != from_strike else "below"}


def _cluster(seen: Seen) -> Vars:
    told: Vars = {}
    ratio = seen.number("ratio")
    if ratio is not None and _is_inside(seen):
        told["role"] = role_of(ratio)
    place = seen.figures.get("centre") or _of_key(seen.event, seen.event.key)
    if place is not None:
        told["it"] = place
    return told


def _is_inside(seen: Seen) -> bool:
    """Whether spot is in the cluster: to a price elsewhere it does nothing yet."""
    own = seen.number("spot")
    spot = own if own is not None else seen.known.spot
    low, high = seen.number("low"), seen.number("high")
    return spot is not None and low is not None and high is not None and low <= spot <= high


def _of_key(event: Event, text: str) -> MessageFact | None:
    """A strike as an event's key names it."""
    try:
        strike = float(text)
    except ValueError:
        return None
    told: Figures = {}
    put_figure(told, "strike", "strike", strike, source=f"event:{event.id}/key", as_of=event.ts)
    return told.get("strike")


def _jump(seen: Seen) -> Vars:
    source = seen.event.evidence.get("pace_source")
    is_implied = source is not None and source.value == "implied"
    return {"usual_pace": "the pace that options price" if is_implied else "its recent pace"}


def _burst(seen: Seen) -> Vars:
    """The pace that the multiple is of: that of the longer minutes, where they gave it."""
    times, expected = seen.number("times"), seen.number("expected_pace")
    short, longer = seen.number("pace"), seen.number("long_pace")
    if times is None or expected is None or short is None or longer is None:
        return {}
    is_long = abs(longer - times * expected) < abs(short - times * expected)
    return {"pace": seen.figures["long_pace"]} if is_long and "long_pace" in seen.figures else {}


def _strike(seen: Seen) -> Vars:
    parts, name = seen.event.key.split(":"), strike_name(seen.event)
    at = seen.figures.get("strike") or (_of_key(seen.event, parts[1]) if len(parts) > 1 else None)
    told: Vars = {"meaning": name if name in terms() else "strike"}
    told |= _side(seen.number("distance"), from_strike=True)
    if at is None:
        return told
    told["it"] = reference(name, at)
    if "distance" not in seen.event.evidence:
        told |= _away(seen, at)
    told |= _held(seen.event.symbol, name, at, seen.known)
    if seen.event.direction:
        found = _next_mark(seen.event, float(at.value), seen.known)
        told |= {"next": found.reference} if found is not None else {}
    return told


def _away(seen: Seen, at: MessageFact) -> Vars:
    """How far a strike is from spot, for an end that nobody sighted."""
    known, strike = seen.known, float(at.value)
    if known.spot is None or known.spot == strike:
        return {}
    mark = Mark("strike", strike, at)
    found = {
        "distance": distance_figure(mark, known, "distance"),
        "moves": distance_figure(mark, known, "moves", "of_move"),
        "em": distance_figure(mark, known, "em", "in_moves"),
    }
    figures = {name: fact for name, fact in found.items() if fact is not None}
    return {**figures, **_side(strike - known.spot, from_strike=True)}


def _held(symbol: str, name: str, at: MessageFact, known: SymbolFacts) -> Vars:
    """What the level itself says of the strike, where it still is the same one."""
    told: Figures = {}
    if number_of(known.levels, name, "strike") == at.value:
        share = number_of(known.levels, name, "share")
        _from_level(told, "held", share, known.levels, f"levels:{symbol}/{name}")
    rows = known.levels.get("key_strikes", {}).get("value")
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict) and row.get("strike") == at.value and "touch" in row:
            _from_level(told, "odds", row["touch"], known.levels, f"levels:{symbol}/key_strikes")
    return dict(told)


def _from_level(told: Figures, name: str, value: object, levels: Levels, source: str) -> None:
    as_of = levels.get(source.rpartition("/")[2], {}).get("as_of", 0)
    if isinstance(as_of, int) and isinstance(value, float) and 0 < value <= 1:
        put_figure(told, name, "percent", value, source=source, as_of=as_of)


def _next_mark(event: Event, strike: float, known: SymbolFacts) -> Mark | None:
    """The nearest level beyond a strike that was broken."""
    upward = event.direction == "up"
    beyond = [
        one for one in marks_of(event.symbol, known) if (one.price > strike if upward else one.price < strike)
    ]
    return min(beyond, key=lambda one: abs(one.price - strike), default=None)


def _regime(seen: Seen) -> Vars:
    told = _side(seen.number("distance"), from_strike=False)
    return told | ({"key": seen.event.key} if seen.event.key in {"positive", "negative"} else {})


def _flip(seen: Seen) -> Vars:
    told: Vars = {}
    if "flip" in seen.figures:
        told["it"] = reference("flip", seen.figures["flip"])
    regime = seen.number("regime")
    if regime is not None:
        told["leaning"] = regime_means(regime_of(regime))
    return told


def _wall(seen: Seen) -> Vars:
    if seen.event.key not in {"call", "put"}:
        return {}
    return {"wall": f"{seen.event.key} wall", "meaning": f"{seen.event.key}_wall"}


def _pin(seen: Seen) -> Vars:
    place = seen.figures.get("strike") or _of_key(seen.event, seen.event.key)
    told: Vars = {"it": place} if place is not None else {}
    if "left" in seen.figures:
        told["are"] = are(seen.figures["left"].text)
    return told


def _smile(seen: Seen) -> Vars:
    joint = seen.event.evidence.get("with_spot")
    told: Vars = (
        {"joint": True} if joint is not None and joint.value == "yes" and "spot_moved" in seen.figures else {}
    )
    before, after = seen.number("before"), seen.number("after")
    if seen.event.key == "level" and seen.event.direction:
        told["turned"] = "rose" if seen.event.direction == "up" else "fell"
    elif seen.event.key == "skew" and before is not None and after is not None and before != after:
        if (
            max(before, after) < 0
        ):  # puts dearer than calls, as it is with indices: else neither word is right
            told["turned"] = "steepened" if after < before else "flattened"
    elif seen.event.key == "curvature" and seen.event.direction:
        told["turned"] = "rose" if seen.event.direction == "up" else "sank"
    return told


def _quality(seen: Seen) -> Vars:
    why = because(reason_of(seen.event))
    return {"because": why} if why is not None else {}


def _digest(seen: Seen) -> Vars:
    counts = {one: fact.value for one in EVENT_TYPES if (fact := seen.event.evidence.get(one)) is not None}
    return counted_kinds(counts, source=f"event:{seen.event.id}", as_of=seen.event.ts)


_SPECIAL: Final[dict[EventType, Callable[[Seen], Vars]]] = {
    "cluster_formed": _cluster,
    "cluster_shifted": _cluster,
    "cluster_dissolved": _cluster,
    "spot_in_cluster": _cluster,
    "spot_jump": _jump,
    "volatility_burst": _burst,
    "key_strike": _strike,
    "regime": _regime,
    "flip_cross": _flip,
    "wall_moved": _wall,
    "pin_risk": _pin,
    "smile_break": _smile,
    "data_quality": _quality,
    "digest": _digest,
}
