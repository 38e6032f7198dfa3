"""One event of each type, as Vigil tells it: some stretches of the simulated market, the same at each run.

Numbers are rounded for reading, so that the last digits of another machine's arithmetic change no page.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

import numpy as np

from marketswarm.model.event import Event, EventType
from marketswarm.rehearsal.cases import cases_named
from marketswarm.rehearsal.run import Rehearsal
from marketswarm.rehearsal.stage import PERIOD_MS, Scene, Stage
from marketswarm.vigil.engine import Engine, News
from marketswarm.vigil.registry import DETECTORS
from marketswarm.vigil.thresholds import default_thresholds

_DIGITS: Final = 4
_OLD_MS: Final = 600_000
_LINES: Final = (
    ("id", "episode"),
    ("type", "symbol", "expiration", "state", "direction", "key"),
    ("severity", "importance", "ts"),
    ("title",),
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some ticks of a case with a seed.

    Attributes:
        later_min: minutes after the case's beginning.
        thin_from: the tick from which two of five contracts have old quotes: no scenario makes bad data.
    """

    case: str
    seed: int
    ticks: int
    later_min: float = 0.0
    thin_from: int | None = None

    @property
    def stage(self) -> Stage:
        """What is played."""
        (case,) = cases_named((self.case,))
        stage = case.stage(self.seed)
        return replace(stage, ticks=self.ticks, begin_ms=stage.begin_ms + round(self.later_min * 60_000))


STRETCHES: Final = (
    Stretch("crash", 5, 420),  # most of what there is, after three quarters of an hour of a usual market
    Stretch("pin", 1, 60),
    Stretch("roll", 1, 26, later_min=11.0, thin_from=2),
)
"""Some seconds of a core; the first event of a type is shown."""


class _Thinning(Rehearsal):
    """A rehearsal whose chain becomes thin."""

    def __init__(self, stretch: Stretch) -> None:
        super().__init__(stretch.stage, Engine(DETECTORS, default_thresholds()))
        self._stretch = stretch

    def _news(self, scene: Scene) -> News:
        first = self._stretch.thin_from
        if first is None or scene.ts < self._stretch.stage.begin_ms + first * PERIOD_MS:
            return super()._news(scene)
        columns = scene.columns
        is_quoted = np.arange(columns.size) % 5 > 1
        thin = replace(columns, quote_ts=np.where(is_quoted, columns.quote_ts, columns.quote_ts - _OLD_MS))
        return super()._news(replace(scene, columns=thin))


@cache
def examples() -> Mapping[EventType, Event]:
    """Type → the first event of it that begins."""
    found: dict[EventType, Event] = {}
    for event in _told():
        if event.state == "enter":
            found.setdefault(event.type, event)
    return found


def _told() -> Iterator[Event]:
    for stretch in STRETCHES:
        for told in _Thinning(stretch).ticks():
            yield from told


def example_text(event: Event) -> str:
    """The event as JSON, some members a line and a fact a line."""
    plain = json.loads(event.model_dump_json(exclude_none=True))
    lines = [f" {_members(plain, names)}," for names in _LINES]
    facts = [
        f"  {json.dumps(name)}: {json.dumps(_rounded(fact))}" for name, fact in plain["evidence"].items()
    ]
    body = "\n".join(
        [*lines, ' "evidence": {', ",\n".join(facts), " },", f" {_members(plain, ('method', 'version'))}"]
    )
    return f"{{\n{body}\n}}\n"


def _members(plain: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return ", ".join(f"{json.dumps(name)}: {json.dumps(plain[name])}" for name in names if name in plain)


def _rounded(fact: Mapping[str, Any]) -> dict[str, Any]:
    """A fact with a number of few digits; times and texts stay."""
    value = fact["value"]
    return {**fact, "value": _short(value) if isinstance(value, float) else value}


def _short(value: float) -> float:
    """Whole points stay whole, and what is below them has four digits."""
    return float(f"{value:.{_DIGITS}g}") if abs(value) < 10 ** (_DIGITS - 1) else round(value, 1)
