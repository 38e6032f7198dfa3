"""Feeds a series of spots to one detector, and tells what it sighted: without dwell and cooldown, which are the machine's."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import sqrt
from typing import Any

from msgspec.structs import replace

from marketswarm.vigil.picture import Picture
from marketswarm.vigil.sighting import Detector, Marks, Moment, SessionTime, Sighting, Tick

STEP_MS = 10_000
OPEN_MS = 1_795_444_200_000  # 2026-11-23, 09:30 in New York
SESSION = SessionTime(day="2026-11-23", open_ms=OPEN_MS, close_ms=OPEN_MS + 390 * 60_000, is_open=True)
SESSION_YEARS = 390 / 525_600
SESSIONS = 252


@dataclass(frozen=True)
class Seen:
    """What was sighted at or over its threshold at one tick."""

    ts: int
    sighting: Sighting


def marks_at(
    spot: float, *, volatility: float = 0.16, session: SessionTime = SESSION, **changes: Any
) -> Marks:
    """Marks of options that expire today: they price a day of that volatility per year of 252 sessions."""
    day = volatility / sqrt(SESSIONS)
    known = Marks(
        as_of=session.open_ms,
        move_open=0.79788 * day * spot,
        move_left=0.79788 * day * spot,
        sigma=day * spot,
        volatility=day / sqrt(SESSION_YEARS),
        years=SESSION_YEARS,
    )
    return replace(known, **changes)


def pace_of(volatility: float = 0.16) -> float:
    """Standard deviation of ten seconds, on average over a session of that volatility."""
    return volatility / sqrt(SESSIONS * 2_340)


def ticks_of(spots: Iterable[float], *, start_ms: int = OPEN_MS + STEP_MS) -> list[Tick]:
    """A spot each ten seconds."""
    return [Tick(start_ms + STEP_MS * n, spot) for n, spot in enumerate(spots)]


def moments(
    ticks: Iterable[Tick],
    marks: Marks,
    *,
    thresholds: Any,
    session: SessionTime = SESSION,
    picture: Picture | None = None,
) -> Iterator[Moment]:
    """One tick after the other, with the hour before it, and the session's open, high and low."""
    before: list[Tick] = []
    for tick in ticks:
        marks = _with(marks, tick.spot)
        hour = tuple(one for one in before[-360:] if one.ts >= tick.ts - 3_600_000)
        yield Moment("SPX", None, tick, hour, session, marks, picture, thresholds)
        before.append(tick)


def answers(
    detector: Detector, all_moments: Iterable[Moment], memory: Any = None
) -> Iterator[tuple[Moment, Any, tuple[Sighting, ...] | None]]:
    """Each moment with the memory after it and what the detector said."""
    memory = detector.memory() if memory is None else memory
    for moment in all_moments:
        memory, sightings = detector.watch(memory, moment)
        yield moment, memory, sightings


def drive(
    detector: Detector, ticks: Iterable[Tick], marks: Marks, *, thresholds: Any, **given: Any
) -> list[Seen]:
    """All sightings that are at or over `enter`, in the order of ticks."""
    return [
        Seen(moment.tick.ts, one)
        for moment, _, sightings in answers(detector, moments(ticks, marks, thresholds=thresholds, **given))
        for one in sightings or ()
        if one.magnitude >= one.enter
    ]


def beginnings(seen: Iterable[Seen]) -> list[Seen]:
    """What would be told: each pulse, and the `dwell`th of neighbours of one key and direction; once until an hour's rest."""
    runs: dict[tuple[str, str], tuple[int, int]] = {}
    told: list[Seen] = []
    for one in seen:
        name, sighting = (one.sighting.key, one.sighting.direction), one.sighting
        last, length = runs.get(name, (0, 0))
        gap = one.ts - last
        length = length + 1 if gap == STEP_MS or (length >= sighting.dwell and gap < 3_600_000) else 1
        runs[name] = (one.ts, length)
        if sighting.is_pulse or length == sighting.dwell:
            told.append(one)
    return told


def _with(marks: Marks, spot: float) -> Marks:
    known = [value for value in (marks.high, marks.low, spot) if value is not None]
    return replace(marks, open=spot if marks.open is None else marks.open, high=max(known), low=min(known))
