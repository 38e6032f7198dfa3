"""What each event puts on which widget. Pure.

A mark whose number is not in the evidence is left out: nothing is drawn that nobody has told.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from marketswarm.model.event import Direction, Event, EventType
from marketswarm.model.message import AnnotationKind, ColourRole, Target, Widget
from marketswarm.vexy import numbers
from marketswarm.vexy.context import SymbolFacts

_MINUTE_MS: Final = 60_000
_PULSE_MS, _NOTE_MS = _MINUTE_MS, 15 * _MINUTE_MS
_TREND: Final[dict[Direction, ColourRole]] = {"up": "up", "down": "down", "": "neutral"}


class Mark(NamedTuple):
    """One mark before it has its name and version.

    Attributes:
        until_ms: when it goes by itself; None when only another event takes it away.
    """

    widget: Widget
    kind: AnnotationKind
    target: Target
    label: str
    colour: ColourRole
    until_ms: int | None


def marks_of(event: Event, *, closes_ms: int, facts: SymbolFacts) -> list[Mark]:
    """What an event puts where, while it lasts; nothing for one that is not drawn.

    Args:
        event: one that begins, or has become more important.
        closes_ms: end of the session, with which all goes that has no end of its own.
        facts: what is known of the symbol.
    """
    build = _MARKS.get(event.type)
    try:
        return build(event, _At(event.ts, max(closes_ms, event.ts), facts)) if build else []
    except numbers.Unspeakable:
        return []


def expected_move_band(symbol_facts: SymbolFacts, *, closes_ms: int) -> list[Mark]:
    """The expected move around the open, once it is fixed; nothing while either is not known."""
    move, opened = symbol_facts.levels.get("move_open", {}).get("value"), symbol_facts.open
    if not isinstance(move, (int, float)) or opened is None or move <= 0:
        return []
    target = Target(type="band", low=round(opened - move, 4), high=round(opened + move, 4))
    return [Mark("spot", "band", target, f"Expected move ±{numbers.price(move)}", "neutral", closes_ms)]


def stale_badges(reason: str) -> list[Mark]:
    """That the numbers there cannot be trusted, and why; until somebody takes them away."""
    label = f"Stale: {reason}" if reason else "Stale"
    target = Target(type="metric", metric="quality")
    return [Mark(widget, "badge", target, label, "urgent", None) for widget in _OF_THE_DATA]


# -- event by event -----------------------------------------------------------


class _At(NamedTuple):
    """When an event is, when its session closes, and what is known of its symbol."""

    ts: int
    closes_ms: int
    facts: SymbolFacts


def _cluster(event: Event, at: _At) -> list[Mark]:
    low, high, share = (_number(event, name) for name in ("low", "high", "share"))
    if low is None or high is None or low > high:
        return []
    label = "Gamma cluster" if share is None else f"Gamma cluster {numbers.percent(share)}"
    target = Target(type="band", low=low, high=high)
    return [Mark(widget, "band", target, label, "neutral", at.closes_ms) for widget in _BY_STRIKE]


def _in_cluster(event: Event, at: _At) -> list[Mark]:
    centre = _number(event, "centre")
    if centre is None:
        return []
    target = Target(type="metric", metric="cluster")
    return [Mark("spot", "badge", target, f"In cluster {numbers.price(centre)}", "neutral", at.closes_ms)]


def _jump(event: Event, at: _At) -> list[Mark]:
    size = _number(event, "return")
    label = "Jump" if size is None else f"Jump {numbers.basis_points(size)}"
    target = Target(type="point", x=event.ts, y=at.facts.spot)
    return [Mark("spot", "pulse", target, label, _TREND[event.direction], at.ts + _NOTE_MS)]


def _burst(event: Event, at: _At) -> list[Mark]:
    pace = _number(event, "times")
    label = "Fast" if pace is None else f"{numbers.times(pace)} the usual pace"
    return [Mark("spot", "badge", Target(type="metric", metric="pace"), label, "warning", at.closes_ms)]


def _jump_risk(event: Event, at: _At) -> list[Mark]:
    side = "right" if event.key == "right" else "left"
    tail = _number(event, f"{side}_tail")
    is_dear = "dear" if tail is None else f"{numbers.multiple(tail)} × flat"
    label, target = f"{side} tail {is_dear}".capitalize(), Target(type="metric", metric=f"{side}_tail")
    return [Mark("smile", "badge", target, label, "warning", at.closes_ms)]


def _smile(event: Event, at: _At) -> list[Mark]:
    word = {"up": "up", "down": "down", "": "changed"}[event.direction]
    target = Target(type="metric", metric=event.key or "level")
    return [
        Mark(
            "smile",
            "note",
            target,
            f"{event.key or 'level'} {word}".capitalize(),
            "warning",
            at.ts + _NOTE_MS,
        )
    ]


def _drift(event: Event, at: _At) -> list[Mark]:
    anchor = _number(event, "anchor")
    if anchor is None:
        return []
    target, label = Target(type="strike", strike=anchor), f"Drift from {numbers.price(anchor)}"
    return [Mark("spot", "note", target, label, _TREND[event.direction], at.ts + _NOTE_MS)]


def _key_strike(event: Event, at: _At) -> list[Mark]:
    strike = _number(event, "strike")
    if strike is None:
        return []
    name, _, rest = event.key.partition(":")
    phase = rest.partition(":")[2]
    target = Target(type="strike", strike=strike)
    label = f"{_STRIKE_NAMES.get(name, 'Strike')} {numbers.strike(strike)}"
    if not phase:
        return [Mark(widget, "line", target, label, "warning", at.closes_ms) for widget in ("ladder", "spot")]
    return [
        Mark(widget, "pulse", target, f"{label} {phase}", _TREND[event.direction], at.ts + _PULSE_MS)
        for widget in ("ladder", "spot")
    ]


def _regime(event: Event, at: _At) -> list[Mark]:
    ratio = _number(event, "regime")
    label = f"Model {event.key}" if ratio is None else f"Model {event.key} {numbers.ratio(ratio)}"
    colour: ColourRole = "warning" if event.key == "negative" else "neutral"
    return [Mark("gamma", "badge", Target(type="metric", metric="regime"), label, colour, at.closes_ms)]


def _flip(event: Event, at: _At) -> list[Mark]:
    flip = _number(event, "flip")
    if flip is None:
        return []
    side = {"up": "above", "down": "below", "": "across"}[event.direction]
    label, target = f"Spot {side} the flip {numbers.price(flip)}", Target(type="strike", strike=flip)
    return [Mark(widget, "line", target, label, _TREND[event.direction], at.closes_ms) for widget in _LINES]


def _wall(event: Event, at: _At) -> list[Mark]:
    strike = _number(event, "to")
    if strike is None:
        return []
    colour: ColourRole = "up" if event.key == "call" else "down"
    label, target = (
        f"{event.key} wall {numbers.strike(strike)}".capitalize(),
        Target(type="strike", strike=strike),
    )
    return [Mark(widget, "line", target, label, colour, at.closes_ms) for widget in _LINES]


def _pin(event: Event, at: _At) -> list[Mark]:
    strike = _number(event, "strike")
    if strike is None:
        return []
    target = Target(type="strike", strike=strike)
    label = f"Pin risk {numbers.strike(strike)}"
    return [Mark(widget, "badge", target, label, "warning", at.closes_ms) for widget in ("ladder", "gamma")]


def _expected_move(event: Event, at: _At) -> list[Mark]:
    moves = _number(event, "moves")
    what, how = (
        ("Range", numbers.in_moves) if event.key == "range" else ("From the open", numbers.signed_moves)
    )
    label = what if moves is None else f"{what} {how(moves)}"
    target = Target(type="metric", metric=f"expected_move_{event.key}")
    return [Mark("spot", "badge", target, label, "warning", at.closes_ms)]


def _quality(event: Event, at: _At) -> list[Mark]:
    """What is said of the data stays over a close: the next session shows whether it is good again."""
    if event.key == "lag":
        target = Target(type="metric", metric="lag")
        return [Mark("feed", "note", target, "Ticks were judged late", "warning", at.ts + _PULSE_MS)]
    if event.key:  # levels that are missing show so themselves
        return []
    reason = event.evidence.get("reason")
    return stale_badges(reason.value if reason is not None and isinstance(reason.value, str) else "")


_BY_STRIKE: Final[tuple[Widget, ...]] = ("ladder", "gamma")
_LINES: Final[tuple[Widget, ...]] = ("ladder", "spot", "gamma")
_OF_THE_DATA: Final[tuple[Widget, ...]] = ("feed", "ladder", "gamma")
_STRIKE_NAMES: Final = {
    "call_wall": "Call wall",
    "put_wall": "Put wall",
    "heaviest": "Heaviest strike",
    "max_pain": "Max pain",
}
_MARKS: Final[dict[EventType, Callable[[Event, _At], list[Mark]]]] = {
    "cluster_formed": _cluster,
    "cluster_shifted": _cluster,
    "spot_in_cluster": _in_cluster,
    "spot_jump": _jump,
    "volatility_burst": _burst,
    "jump_risk": _jump_risk,
    "smile_break": _smile,
    "drift": _drift,
    "key_strike": _key_strike,
    "regime": _regime,
    "flip_cross": _flip,
    "wall_moved": _wall,
    "pin_risk": _pin,
    "expected_move": _expected_move,
    "data_quality": _quality,
}


def _number(event: Event, name: str) -> float | None:
    fact = event.evidence.get(name)
    value = None if fact is None else fact.value
    return float(value) if isinstance(value, (int, float)) else None
