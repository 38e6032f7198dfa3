"""What stands on the widgets: events in, marks out, each under a name that stays the same through all its states. Pure.

A mark is state, not text: what is stored is what stands now. It is taken away when its event ends, when another chain comes into
force, when the levels contradict it, or when its time is up; a new state of it has the next version, so that a reader who has seen
a later one leaves an earlier one out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, get_args

from marketswarm.model.event import Event, EventType
from marketswarm.model.message import Annotation, Widget
from marketswarm.vexy.context import Levels, SymbolFacts
from marketswarm.vexy.marks import Mark, marks_of

Standing = Mapping[str, Annotation]
"""Id → the mark as it is stored."""

LABEL_MOST: Final = 40
_FADING_MS: Final = 300_000
_WIDGETS: Final[tuple[Widget, ...]] = get_args(Widget)
QUALITY: Final = "quality"
"""What is said of the data: it does not go with a chain."""

_STAYS: Final = (f"/{QUALITY}", f"/{QUALITY}/lag")

_SAME_MARK: Final[dict[EventType, str]] = {
    "cluster_formed": "cluster",
    "cluster_shifted": "cluster",
    "cluster_dissolved": "cluster",
    "data_quality": QUALITY,
    "flip_cross": "flip",
    "wall_moved": "wall",
}
"""Types whose marks are one: what is told later takes the place of what was told before."""

_LEVEL_OF: Final = {"wall/call": "call_wall", "wall/put": "put_wall"}
"""What a mark is of → the level that says where it is."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What becomes of one symbol's marks.

    Attributes:
        put: id → its new state. `taken`: id → the same, cleared.
    """

    put: dict[str, Annotation] = field(default_factory=dict)
    taken: dict[str, Annotation] = field(default_factory=dict)

    @property
    def all(self) -> tuple[Annotation, ...]:
        """In the order of their names."""
        both = self.put | self.taken
        return tuple(both[name] for name in sorted(both))

    def then(self, later: "Changes") -> "Changes":
        """Both, the later ones winning."""
        put = {name: one for name, one in self.put.items() if name not in later.taken}
        taken = {name: one for name, one in self.taken.items() if name not in later.put}
        return Changes(put | later.put, taken | later.taken)

    def onto(self, standing: Standing) -> dict[str, Annotation]:
        """What stands afterwards."""
        left = {name: one for name, one in standing.items() if name not in self.taken}
        return left | self.put


def changes_of(event: Event, standing: Standing, *, closes_ms: int, facts: SymbolFacts) -> Changes:
    """What an event does to the marks of its symbol.

    Args:
        event: as Vigil tells it.
        standing: the symbol's marks as they are now.
        closes_ms: end of the session, with which all goes that has no end of its own.
        facts: what is known of the symbol.
    """
    if event.type == "expiry_roll":
        return cleared(standing, (name for name in standing if not name.endswith(_STAYS)))
    if event.state == "exit" or event.type == "cluster_dissolved":
        return _ended(event, standing)
    marks = marks_of(event, closes_ms=closes_ms, facts=facts)
    return placed(marks, standing, symbol=event.symbol, what=_what(event), ts=event.ts, source=event.id)


def placed(
    marks: Sequence[Mark], standing: Standing, *, symbol: str, what: str, ts: int, source: str = ""
) -> Changes:
    """Marks of one thing, one a widget, each with the version after the one that stands there."""
    named = {f"{symbol}/{mark.widget}/{what}": mark for mark in marks}
    return Changes(
        put={
            name: Annotation(
                id=name,
                symbol=symbol,
                widget=mark.widget,
                target=mark.target,
                kind=mark.kind,
                state="active",
                label=mark.label[:LABEL_MOST],
                colour=mark.colour,
                from_ts=ts,
                until_ts=mark.until_ms,
                version=_next_version(standing, name, ts),
                source_event=source,
            )
            for name, mark in named.items()
        }
    )


def cleared(standing: Standing, names: Iterable[str]) -> Changes:
    """Those marks, taken away, of those that stand."""
    return Changes(
        taken={
            name: standing[name].model_copy(
                update={"state": "cleared", "version": standing[name].version + 1}
            )
            for name in names
            if name in standing
        }
    )


def expired(standing: Standing, now_ms: int) -> list[str]:
    """The names of marks whose time is up; nobody has to be told, since each says when it goes."""
    return sorted(
        name for name, one in standing.items() if one.until_ts is not None and one.until_ts <= now_ms
    )


def outdated(standing: Standing, levels: Levels, judged_ms: int) -> list[str]:
    """The names of marks of walls that stand elsewhere by now: soon after a move another one is no event.

    Args:
        standing: the symbol's marks.
        levels: its levels, as they are stored.
        judged_ms: of which moment; marks that are younger stay.
    """
    return sorted(
        name
        for name, one in standing.items()
        if one.from_ts < judged_ms
        and (level := _LEVEL_OF.get(name.split("/", 2)[2])) is not None
        and (strike := _strike(levels.get(level, {}).get("value"))) is not None
        and strike != one.target.strike
    )


def mark_text(one: Annotation) -> str:
    """A mark as it is stored: what is not known is left out."""
    return one.model_dump_json(exclude_none=True)


# -- inside -----------------------------------------------------------------


def _strike(value: object) -> float | None:
    strike = value.get("strike") if isinstance(value, Mapping) else None
    return float(strike) if isinstance(strike, (int, float)) else None


def _what(event: Event) -> str:
    """What a mark is of: the same for all that is told of it."""
    name = _SAME_MARK.get(event.type, event.type)
    return f"{name}/{event.key}" if event.key else name


def _ended(event: Event, standing: Standing) -> Changes:
    """Its marks go; those of a dissolved cluster fade."""
    names = [f"{event.symbol}/{widget}/{_what(event)}" for widget in _WIDGETS]
    if event.type == "cluster_dissolved":
        return Changes(put={name: _fading(standing[name], event.ts) for name in names if name in standing})
    return cleared(standing, names)


def _fading(one: Annotation, ts: int) -> Annotation:
    update = {"state": "fading", "until_ts": ts + _FADING_MS, "version": one.version + 1}
    return one.model_copy(update=update)


def _next_version(standing: Standing, name: str, ts: int) -> int:
    """One more than what stands; where nothing stands, the time in seconds, which is more than what stood there before."""
    return standing[name].version + 1 if name in standing else ts // 1_000
