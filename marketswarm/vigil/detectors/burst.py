"""`volatility_burst`: spot has been moving much faster, for minutes, than this session and the options let expect.

The pace of the last minutes is of medians of three returns, so a jump of any size makes no burst; a price that is far from both its
neighbours, as a bad print is, would make two such returns side by side and is left out before. Five minutes are judged, and
fifteen beside them, which are surer, so that less of it is enough; the five alone say that it is over. Both are held against the larger of two: the session's own pace
until then, at this time of the day; and a share of the pace that options priced when the session began, before they could know of the
burst. Until half an hour of the session is known options alone tell what to expect. While a burst lasts it is no part of the session's
pace; after an hour it is.
"""

import math
from typing import Final

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from marketswarm.maths.jumps import lone_prints, median_squares, step_returns
from marketswarm.maths.normal import Floats
from marketswarm.vigil.sighting import Detector, Moment, Sighting
from marketswarm.vigil.spot_path import (
    LONGEST_STEP_MS,
    SpotPath,
    day_factor,
    even_pace,
    in_session,
    session_path,
)

_MINUTE_MS: Final = 60_000
_LONGEST_MS: Final = 60 * _MINUTE_MS  # what lasts longer is the session's pace
_ENOUGH: Final = 0.8  # of the steps of the last minutes: fewer tell no pace


class Thresholds(BaseModel):
    """What makes minutes a burst."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enter: float = Field(default=2.0, ge=1, le=20, description="times the expected pace at which it begins")
    leave: float = Field(
        default=1.2, ge=0.5, le=20, description="times the expected pace below which the shorter time ends it"
    )
    minutes: float = Field(default=5.0, ge=2, le=20, description="length of what is judged")
    long_minutes: float = Field(
        default=15.0, ge=2, le=40, description="length of what is judged beside it, in which less is enough"
    )
    long_share: float = Field(
        default=0.8, gt=0, le=1, description="of `enter` that is enough in the longer time"
    )
    warm: int = Field(
        default=180, ge=30, le=2340, description="steps without which a session has no pace of its own"
    )
    implied_share: float = Field(
        default=0.65, ge=0, le=2, description="of the implied pace that is expected even in a quiet session"
    )
    tick: float = Field(default=0.01, gt=0, le=10, description="smallest step of the price, points")
    dwell: int = Field(default=6, ge=1, le=60, description="ticks in a row")
    cooldown_s: float = Field(default=600, ge=0, le=7200, description="seconds after its end")

    @model_validator(mode="after")
    def _bands_lie_apart(self) -> "Thresholds":
        if self.leave >= self.enter:
            raise ValueError(f"leave is {self.leave}; it must be less than enter, {self.enter}")
        if self.long_minutes < self.minutes:
            raise ValueError(
                f"long_minutes is {self.long_minutes}; it must be at least minutes, {self.minutes}"
            )
        return self


class Memory(Struct, frozen=True):
    """The session's variance per step until a quarter of an hour ago, without the U of the day, and without bursts.

    Attributes:
        through_ms: the newest step that was looked at.
        steps: how many are counted; `variance` their sum.
        implied: pace of a step, on average over the session, as options priced it when the session was first seen; 0 unknown.
        since_ms: when the burst that lasts began; 0 when none does.
    """

    day: str = ""
    through_ms: int = 0
    steps: int = 0
    variance: float = 0.0
    implied: float = 0.0
    since_ms: int = 0


def watch(memory: Memory, moment: Moment) -> tuple[Memory, tuple[Sighting, ...] | None]:
    """How fast spot moves."""
    if not in_session(moment):
        return memory, ()
    path = session_path(moment)
    if path is None:
        return memory, None
    rules: Thresholds = moment.thresholds
    if memory.day != moment.session.day:
        memory = Memory(day=moment.session.day)
    memory = replace(memory, implied=memory.implied or even_pace(moment) or 0.0)
    squares, ends = _squares(path, moment)
    is_past = ends <= moment.tick.ts - int(rules.long_minutes * _MINUTE_MS)
    memory = _counted(memory, squares[is_past], ends[is_past], moment)
    recent, longer = (
        _pace(squares, ends, minutes, moment) for minutes in (rules.minutes, rules.long_minutes)
    )
    sighting = _sighting(recent, longer, memory, moment) if recent is not None else None
    if sighting is None:
        return memory, None
    return replace(memory, since_ms=_lasting(memory, sighting, moment)), (sighting,)


def _squares(path: SpotPath, moment: Moment) -> tuple[Floats, NDArray[np.int64]]:
    """Squares of the path without prints that stand alone, and when the last step of each ended."""
    rules: Thresholds = moment.thresholds
    is_kept = ~lone_prints(path.spots, _least(rules, moment))
    times, returns = path.times, path.returns
    if not is_kept.all():
        times = times[is_kept]
        returns = step_returns(times, path.spots[is_kept], LONGEST_STEP_MS)
    return median_squares(returns), times[3:]


def _least(rules: Thresholds, moment: Moment) -> float:
    """Half a tick, of logs: no pace is taken below it."""
    return 0.5 * rules.tick / moment.tick.spot


def _pace(squares: Floats, ends: NDArray[np.int64], minutes: float, moment: Moment) -> float | None:
    """Of the last minutes, a step; None when too few of their steps are known."""
    known = squares[(ends > moment.tick.ts - int(minutes * _MINUTE_MS)) & np.isfinite(squares)]
    return math.sqrt(float(known.mean())) if known.size >= _ENOUGH * minutes * 6 else None


def _counted(memory: Memory, squares: Floats, ends: NDArray[np.int64], moment: Moment) -> Memory:
    """The memory with the steps that have become past since."""
    new = np.flatnonzero((ends > memory.through_ms) & np.isfinite(squares))
    if not new.size:
        return memory
    memory = replace(memory, through_ms=int(ends[new[-1]]))
    if memory.since_ms and moment.tick.ts - memory.since_ms < _LONGEST_MS:
        return memory
    variances = [float(squares[at]) / day_factor(moment, int(ends[at])) ** 2 for at in new]
    total = memory.variance + math.fsum(variances)
    return replace(memory, steps=memory.steps + len(variances), variance=total)


def _lasting(memory: Memory, sighting: Sighting, moment: Moment) -> int:
    """Since when a burst lasts, by the bands alone."""
    if sighting.magnitude < sighting.leave:
        return 0
    if sighting.magnitude >= sighting.enter:
        return memory.since_ms or moment.tick.ts
    return memory.since_ms


def _sighting(recent: float, longer: float | None, memory: Memory, moment: Moment) -> Sighting | None:
    rules: Thresholds = moment.thresholds
    factor = day_factor(moment, moment.tick.ts)
    implied = memory.implied * factor if memory.implied else None
    session = None
    if memory.steps >= rules.warm:
        session = math.sqrt(memory.variance / memory.steps) * factor
    expected = _expected(session, implied, rules)
    if expected is None:
        return None
    least = max(expected, _least(rules, moment))
    times, long_times = recent / least, longer / least if longer is not None else 0.0
    is_long = times >= rules.leave and long_times > times * rules.long_share
    paces = {
        "pace": recent,
        "long_pace": longer,
        "expected_pace": expected,
        "session_pace": session,
        "implied_pace": implied,
    }
    return Sighting(
        type="volatility_burst",
        magnitude=long_times / rules.long_share if is_long else times,
        enter=rules.enter,
        leave=rules.leave,
        title=f"Spot moves {long_times if is_long else times:.1f} times as fast as expected",
        dwell=rules.dwell,
        cooldown_s=rules.cooldown_s,
        ending="Spot is back at its usual pace",
        evidence={
            **{
                name: moment.fact(pace * 1e4, "basis points")
                for name, pace in paces.items()
                if pace is not None
            },
            "times": moment.fact(long_times if is_long else times, "times"),
            "minutes": moment.fact(rules.long_minutes if is_long else rules.minutes, "minutes"),
        },
    )


def _expected(session: float | None, implied: float | None, rules: Thresholds) -> float | None:
    if session is None:
        return implied
    return session if implied is None else max(session, rules.implied_share * implied)


DETECTOR = Detector(
    name="burst",
    version=3,
    method="volatility of five and of fifteen minutes by medians of three against the session's and the implied one",
    memory=Memory,
    watch=watch,
    needs_chain=False,
)
