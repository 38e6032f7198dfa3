"""From an event's evidence to the numbers that may be told of it, by their names. Pure.

A name that is not known here is not told, and neither is what is no number. Everything keeps where it is from and when it was so.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from marketswarm.model.event import Event, EventType, Fact
from marketswarm.model.message import MessageFact
from marketswarm.vexy.numbers import Unspeakable, figure

Figures = dict[str, MessageFact]


class Telling(NamedTuple):
    """One way of telling a piece of evidence: the name in the words, and the kind of number.

    Attributes:
        scale: what the value is multiplied with, to be in the kind's unit.
    """

    name: str
    kind: str
    scale: float = 1.0


_COMMON: Final[dict[str, tuple[Telling, ...]]] = {
    "strike": (Telling("strike", "strike"),),
    "centre": (Telling("centre", "price"),),
    "low": (Telling("low", "price"),),
    "high": (Telling("high", "price"),),
    "flip": (Telling("flip", "price"),),
    "anchor": (Telling("anchor", "price"),),
    "open": (Telling("open", "price"),),
    "spot": (Telling("spot", "price"),),
    "move_open": (Telling("move_open", "points"),),
    "move_left": (Telling("move_left", "points"),),
    "change": (Telling("change", "points"), Telling("signed_change", "signed_points")),
    "distance": (Telling("distance", "points"), Telling("signed_distance", "signed_points")),
    "moves": (Telling("moves", "of_move"), Telling("em", "in_moves")),
    "way": (Telling("moves", "of_move"), Telling("em", "in_moves")),
    "share": (Telling("share", "percent"),),
    "ratio": (Telling("ratio", "ratio"),),
    "regime": (Telling("regime", "ratio"),),
    "return": (Telling("step", "basis_points"),),
    "interval": (Telling("interval", "duration"),),
    "statistic": (Telling("statistic", "sigmas"), Telling("multiple", "times")),
    "robust_z": (Telling("robust_z", "sigmas"),),
    "pace": (Telling("pace", "basis_points"),),
    "expected_pace": (Telling("expected_pace", "basis_points"),),
    "session_pace": (Telling("session_pace", "basis_points"),),
    "implied_pace": (Telling("implied_pace", "basis_points"),),
    "long_pace": (Telling("long_pace", "basis_points"),),
    "minutes": (Telling("window", "minutes"),),
    "times": (Telling("multiple", "times"),),
    "left_tail": (Telling("tail", "times"), Telling("tail_ratio", "multiple")),
    "right_tail": (Telling("tail", "times"), Telling("tail_ratio", "multiple")),
    "session_median": (Telling("usual_tail", "times"), Telling("usual_tail_ratio", "multiple")),
    "last_hour": (Telling("hour_tail_ratio", "multiple"),),
    "z": (Telling("z", "deviations"),),
    "score": (Telling("score", "score"),),
    "spot_moved": (Telling("spot_moved", "signed_moves"),),
    "fit_error": (Telling("fit_error", "vol_points"),),
    "tests": (Telling("tests", "often"),),
    "since_test": (Telling("since_test", "duration"),),
    "lasted": (Telling("lasted", "duration"),),
    "exposure": (Telling("exposure", "exposure"),),
    "dominance": (Telling("dominance", "percent"),),
    "coverage": (Telling("coverage", "percent"),),
    "stale": (Telling("stale", "percent"),),
    "age": (Telling("age", "duration"),),
    "to_settlement": (Telling("left", "minutes"),),
}
_OF_LEVEL: Final = {
    "before": (Telling("before", "volatility", 0.01),),
    "after": (Telling("after", "volatility", 0.01),),
    "change": (Telling("change", "vol_points"),),
    "score": (Telling("cusum", "deviations"),),
}
_OF_SHAPE: Final = {
    "before": (Telling("before", "fine_ratio"),),
    "after": (Telling("after", "fine_ratio"),),
    "change": (Telling("change", "fine_ratio"),),
    "score": (Telling("cusum", "deviations"),),
}
_BY_TYPE: Final[dict[EventType, dict[str, tuple[Telling, ...]]]] = {
    "cluster_shifted": {"from": (Telling("before", "price"),)},
    "wall_moved": {"from": (Telling("before", "strike"),), "to": (Telling("strike", "strike"),)},
    "expiry_roll": {"from": (Telling("before", "day"),), "to": (Telling("after", "day"),)},
}
_PRICES: Final = ("spot", "strike", "flip", "anchor", "open", "centre", "to", "high")


def evidence_figures(event: Event, spot: float | None) -> Figures:
    """Name → number of all that an event knows and that can be told.

    Args:
        event: with its evidence.
        spot: the price that distances are near to, where it is known.
    """
    near = _near(event, spot)
    told: Figures = {}
    for field, fact in event.evidence.items():
        for one in _tellings(event, field):
            _put(told, one, fact, source=f"event:{event.id}/{field}", near=near)
    return told


def put_figure(
    told: Figures, name: str, kind: str, value: object, *, source: str, as_of: int, near: float = 0.0
) -> None:
    """Add a number where it is one and can be told."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return
    try:
        told[name] = figure(name, kind, value, source=source, as_of=as_of, near=near)
    except Unspeakable:
        return


def reason_of(event: Event) -> str:
    """Why data is bad, as an event says it; empty where it does not."""
    fact = event.evidence.get("reason")
    return str(fact.value) if fact is not None else ""


def _tellings(event: Event, field: str) -> tuple[Telling, ...]:
    if event.type == "smile_break":
        of_part: Mapping[str, tuple[Telling, ...]] = _OF_LEVEL if event.key == "level" else _OF_SHAPE
        return of_part.get(field, _COMMON.get(field, ()))
    return _BY_TYPE.get(event.type, {}).get(field, _COMMON.get(field, ()))


def _put(told: Figures, one: Telling, fact: Fact, *, source: str, near: float) -> None:
    value = fact.value
    if one.scale != 1.0:
        value = value * one.scale if isinstance(value, (int, float)) else value
    put_figure(told, one.name, one.kind, value, source=source, as_of=fact.as_of, near=near)


def _near(event: Event, spot: float | None) -> float:
    """A price beside the event's distances; 0 where none is known, which gives them two digits."""
    if spot is not None:
        return spot
    values = (event.evidence[name].value for name in _PRICES if name in event.evidence)
    return next((float(one) for one in values if isinstance(one, (int, float))), 0.0)
