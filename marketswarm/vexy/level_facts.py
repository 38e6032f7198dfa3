"""From published levels and the session to numbers that may be told, by their names. Pure.

Levels of a degraded chain are not told: what stands on bad data is not known. What comes of spots alone is.
"""

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any, Final, NamedTuple

from marketswarm.model.message import MessageFact, MessageLevel
from marketswarm.vexy.context import Context, Levels, SymbolFacts
from marketswarm.vexy.facts import Figures, put_figure
from marketswarm.vexy.phrases import regime_of
from marketswarm.vexy.referring import NAMES, Phrase, Reference, listed, reference

_STRIKES: Final = ("call_wall", "put_wall", "heaviest", "max_pain", "call_peak", "put_peak")
_MINUTE_MS: Final = 60_000
_SIGNIFICANT: Final = 0.15  # of a side's exposure, from which a wall stands out: Vigil's own bound
_TOLD: Final[tuple[tuple[str, str, str], ...]] = (
    ("net_gamma", "net_gamma", "exposure"),
    ("regime", "regime", "ratio"),
    ("flip", "flip", "price"),
    ("live_flip", "live_flip", "price"),
    ("charm", "charm", "decay"),
    ("put_call_open_interest", "puts_per_call", "multiple"),
    ("put_call_volume", "puts_per_call_today", "multiple"),
    ("move_left", "move_left", "points"),
    ("move_open", "move_open", "points"),
    ("sigma", "sigma", "points"),
)
_OF_SPOTS: Final = frozenset({"spot", "move_open", "realised"})


class Mark(NamedTuple):
    """A level as a price: its name, where it stands, and the fact of it."""

    name: str
    price: float
    fact: MessageFact

    @property
    def named(self) -> Phrase:
        """`call wall 6,850`."""
        return Phrase(f"{NAMES[self.name]} {self.fact.text}", (self.fact,))

    @property
    def reference(self) -> Reference:
        """`the 6,850 call wall`."""
        return reference(self.name, self.fact)


def number_of(levels: Levels, name: str, member: str = "") -> float | None:
    """A level's value, or a member of it, where it is a number and may be told."""
    value = _document(levels, name).get("value")
    if member:
        value = value.get(member) if isinstance(value, Mapping) else None
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def level_figures(symbol: str, known: SymbolFacts) -> Figures:
    """Name → number of every level that can be told."""
    told: Figures = {}
    near = known.spot or number_of(known.levels, "spot") or 0.0
    for level, name, kind in _TOLD:
        _put(told, symbol, known.levels, level, kind, name=name, near=near)
    _put(told, symbol, known.levels, "realised", "volatility", name="realised", member="volatility")
    if number_of(known.levels, "volatility") is not None:
        _put(told, symbol, known.levels, "realised", "volatility", name="implied", member="implied")
    left = number_of(known.levels, "move_left")
    if left is not None and near > 0:
        source, as_of = f"levels:{symbol}/move_left over spot", _as_of(known.levels, "move_left")
        put_figure(told, "move_left_share", "percent", left / near, source=source, as_of=as_of)
    return told


def measure_words(symbol: str, levels: Levels) -> dict[str, Any]:
    """What the expected move is of: the open and the day, or, where it was fixed later than that, what was left of it then."""
    told: Figures = {}
    if levels.get("move_open", {}).get("since_open") is False:
        as_of = _as_of(levels, "move_open")
        source = f"levels:{symbol}/move_open.as_of"
        put_figure(told, "since", "clock", as_of - as_of % _MINUTE_MS, source=source, as_of=as_of)
    if "since" not in told:
        return {"of_the_open": "of the open", "its_open": "its open", "the_day": "the day"}
    since = told["since"]
    return {
        "of_the_open": Phrase(f"of {since.text}", (since,)),
        "its_open": "the first price seen",
        "the_day": Phrase(f"the day from {since.text} on", (since,)),
        "is_late": True,
    }


def flip_words(symbol: str, levels: Levels) -> dict[str, Any]:
    """What is said behind a flip: that it is the nearest of several, where the model changes its sign more than once."""
    rows, told = _document(levels, "crossings").get("value"), Figures()
    if isinstance(rows, list) and len(rows) > 1:
        source, as_of = f"levels:{symbol}/crossings", _as_of(levels, "crossings")
        put_figure(told, "flips", "crossings", len(rows), source=source, as_of=as_of)
    if "flips" not in told:
        return {"of_flips": ""}
    return {"of_flips": Phrase(f" (nearest of {told['flips'].text} flips)", (told["flips"],))}


def marks_of(symbol: str, known: SymbolFacts) -> tuple[Mark, ...]:
    """The levels that are prices and stand out, one for each price, in the order of `NAMES`."""
    found: dict[float, Mark] = {}
    for name in NAMES:
        price = _price(known.levels, name)
        if price is None or price in found:
            continue
        told: Figures = {}
        _put(
            told,
            symbol,
            known.levels,
            name,
            "strike" if name in _STRIKES else "price",
            name=f"at_{name}",
            member="strike" if name.endswith("_wall") else "",
        )
        if f"at_{name}" in told:
            found[price] = Mark(name, price, told[f"at_{name}"])
    return tuple(found.values())


def message_level(symbol: str, name: str, price: float, known: SymbolFacts) -> MessageLevel:
    """A price with how far it is from spot, where that is known."""
    move = number_of(known.levels, "move_open")
    away = None if known.spot is None else round(price - known.spot, 4)
    moves = None if away is None or not move or move <= 0 else round(away / move, 4)
    moves = moves if moves is not None and isfinite(moves) else None  # an expected move of next to nothing
    return MessageLevel(symbol=symbol, name=name, price=price, distance_points=away, distance_moves=moves)


def quality_of(levels: Levels) -> dict[str, float | str]:
    """How far what is told can be trusted."""
    quality: dict[str, float | str] = {}
    for document in levels.values():
        for name in ("coverage", "degraded"):
            if name in document and isinstance(document[name], (int, float, str)):
                quality.setdefault(name, document[name])
    source = levels.get("quality", {}).get("value")
    if isinstance(source, Mapping) and isinstance(source.get("greeks_source"), str):
        quality["greeks_source"] = source["greeks_source"]
    if levels.get("spot", {}).get("delayed"):
        quality["delayed"] = "yes"
    return quality


def session_figures(symbol: str, context: Context) -> Figures:
    """Name → number of what the session has been so far."""
    known, session = context.of(symbol), context.session
    told: Figures = {}
    where = f"session:{session.day.isoformat()}"
    as_of = known.spot_ts or context.now

    def put(name: str, kind: str, value: object, source: str = "") -> None:
        near = known.spot or known.close or known.open or 0.0
        put_figure(told, name, kind, value, source=f"{where}/{source or name}", as_of=as_of, near=near)

    for name in ("open", "high", "low", "previous_close", "close"):
        put(name, "price", getattr(known, name))
    put("spot", "price", known.spot)
    put("closes_at", "clock", session.close_ms, "close_ms")
    put("auction_at", "clock", session.close_ms - 10 * 60_000, "close_ms")
    put("opens_at", "clock", session.open_ms, "open_ms")
    put("left", "minutes", max(0.0, session.minutes_left(context.now)), "close_ms")
    put("day", "day", session.day.isoformat())
    if session.next_day is not None:
        put("next_day", "day", session.next_day.isoformat())
    if known.expiration is not None:
        put("expiration", "day", known.expiration.isoformat())
    for name, kind, value, source in _measured(known):
        put(name, kind, value, source)
    return told


def _measured(known: SymbolFacts) -> Iterator[tuple[str, str, float, str]]:
    """What is measured between the session's prices: name, kind, value, and how."""
    move = number_of(known.levels, "move_open")
    now = known.close if known.close is not None else known.spot
    if known.open is not None and known.previous_close:
        gap = known.open - known.previous_close
        yield "gap", "points", gap, "open less previous_close"
        yield "gap_share", "percent", gap / known.previous_close, "open over previous_close"
        if move:
            yield "gap_moves", "of_move", gap / move, "gap over move_open"
    if known.high is not None and known.low is not None:
        yield "range", "points", known.high - known.low, "high less low"
        if move:
            yield "range_moves", "of_move", (known.high - known.low) / move, "range over move_open"
            yield "range_em", "in_moves", (known.high - known.low) / move, "range over move_open"
    if now is not None and known.previous_close:
        yield "day_change", "points", now - known.previous_close, "latest less previous_close"
        yield "day_share", "signed_percent", now / known.previous_close - 1, "latest over previous_close"
    if now is not None and known.open is not None:
        yield "since_open", "points", now - known.open, "latest less open"
        if move:
            yield "since_open_moves", "of_move", (now - known.open) / move, "latest less open over move_open"
            yield "since_open_em", "in_moves", (now - known.open) / move, "latest less open over move_open"


def regime_word(levels: Levels) -> str | None:
    """`positive`, `negative` or `neutral`; None where it is not known."""
    found = number_of(levels, "regime")
    return None if found is None else regime_of(found)


def named_marks(marks: tuple[Mark, ...], names: tuple[str, ...]) -> Phrase | None:
    """`call wall 6,850, put wall 6,750 and gamma flip 6,795.4`, of those that are known; None when none is."""
    found = [mark.named for name in names for mark in marks if mark.name == name]
    return listed(found) if found else None


def distance_figure(mark: Mark, known: SymbolFacts, name: str, kind: str = "points") -> MessageFact | None:
    """How far spot is from a level, in points or in expected moves; None where it is not known."""
    if known.spot is None:
        return None
    away: float | None = mark.price - known.spot
    if kind != "points":
        move = number_of(known.levels, "move_open")
        away = away / move if move and away is not None else None
    if away is None:
        return None
    told: Figures = {}
    source = f"{mark.fact.source} less spot"
    as_of = known.spot_ts or mark.fact.as_of
    put_figure(told, name, kind, away, source=source, as_of=as_of, near=known.spot)
    return told.get(name)


def _document(levels: Levels, name: str) -> Mapping[str, Any]:
    """A level's document; an empty one where it is degraded, or not there."""
    found = levels.get(name, {})
    return {} if "degraded" in found and name not in _OF_SPOTS else found


def _price(levels: Levels, name: str) -> float | None:
    if name.endswith("_wall"):
        dominance = number_of(levels, name, "dominance")
        if dominance is not None and dominance < _SIGNIFICANT:
            return None
        return number_of(levels, name, "strike")
    return number_of(levels, name)


def _put(
    told: Figures,
    symbol: str,
    levels: Levels,
    level: str,
    kind: str,
    *,
    name: str,
    member: str = "",
    near: float = 0.0,
) -> None:
    value = number_of(levels, level, member)
    if value is None:
        return
    source = f"levels:{symbol}/{level}" + (f".{member}" if member else "")
    put_figure(told, name, kind, value, source=source, as_of=_as_of(levels, level), near=near)


def _as_of(levels: Levels, level: str) -> int:
    told = levels[level].get("as_of", 0)
    return int(told) if isinstance(told, (int, float)) else 0
