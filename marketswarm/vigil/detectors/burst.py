"""`volatility_burst`: spot has been moving much faster, for minutes, than this session and the options let expect.

The pace of the last five minutes is of medians of three returns, so a jump of any size makes no burst. It is held against the larger of
two: the session's own pace until then, at this time of the day; and a share of the pace that options priced when the session began,
before they could know of the burst. Until half an hour of the session is known options alone tell what to expect. While a burst lasts
it is no part of the session's pace; after an hour it is.
"""

import math
from typing import Final

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from marketswarm.maths.jumps import median_squares
from marketswarm.maths.normal import Floats
from marketswarm.vigil.sighting import Detector, Moment, Sighting
from marketswarm.vigil.spot_path import day_factor, even_pace, in_session, session_path

_MINUTE_MS: Final = 60_000
_LONGEST_MS: Final = 60 * _MINUTE_MS  # what lasts longer is the session's pace
_ENOUGH: Final = 0.8  # of the steps of the last minutes: fewer tell no pace


class Thresholds(BaseModel):
    """What makes minutes a burst."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enter: float = Field(default=2.0, ge=1, le=20, description="times the expected pace at which it begins")
    leave: float = Field(
        default=1.5, ge=0.5, le=20, description="times the expected pace below which it ends"
    )
    minutes: float = Field(default=5.0, ge=2, le=20, description="length of what is judged")
    warm: int = Field(
        default=180, ge=30, le=2340, description="steps without which a session has no pace of its own"
    )
    implied_share: float = Field(
        default=0.6, ge=0, le=2, description="of the implied pace that is expected even in a quiet session"
    )
    tick: float = Field(default=0.01, gt=0, le=10, description="smallest step of the price, points")
    dwell: int = Field(default=6, ge=1, le=60, description="ticks in a row")
    cooldown_s: float = Field(default=600, ge=0, le=7200, description="seconds after its end")

    @model_validator(mode="after")
    def _bands_lie_apart(self) -> "Thresholds":
        if self.leave >= self.enter:
            raise ValueError(f"leave is {self.leave}; it must be less than enter, {self.enter}")
        return self


class Memory(Struct, frozen=True):
    """The session's variance per step until five minutes ago, without the U of the day, and without bursts.

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
    squares, ends = median_squares(path.returns), path.times[3:]
    is_recent = ends > moment.tick.ts - int(rules.minutes * _MINUTE_MS)
    memory = _counted(memory, squares[~is_recent], ends[~is_recent], moment)
    recent = squares[is_recent & np.isfinite(squares)]
    if recent.size < _ENOUGH * rules.minutes * 6:
        return memory, None
    sighting = _sighting(math.sqrt(float(recent.mean())), memory, moment)
    if sighting is None:
        return memory, None
    return replace(memory, since_ms=_lasting(memory, sighting, moment)), (sighting,)


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


def _sighting(recent: float, memory: Memory, moment: Moment) -> Sighting | None:
    rules: Thresholds = moment.thresholds
    factor = day_factor(moment, moment.tick.ts)
    implied = memory.implied * factor if memory.implied else None
    session = None
    if memory.steps >= rules.warm:
        session = math.sqrt(memory.variance / memory.steps) * factor
    expected = _expected(session, implied, rules)
    if expected is None:
        return None
    times = recent / max(expected, 0.5 * rules.tick / moment.tick.spot)
    evidence = {
        "pace": moment.fact(recent * 1e4, "basis points"),
        "expected_pace": moment.fact(expected * 1e4, "basis points"),
        "times": moment.fact(times, "times"),
    }
    if session is not None:
        evidence["session_pace"] = moment.fact(session * 1e4, "basis points")
    if implied is not None:
        evidence["implied_pace"] = moment.fact(implied * 1e4, "basis points")
    return Sighting(
        type="volatility_burst",
        magnitude=times,
        enter=rules.enter,
        leave=rules.leave,
        title=f"Spot moves {times:.1f} times as fast as expected",
        dwell=rules.dwell,
        cooldown_s=rules.cooldown_s,
        ending="Spot is back at its usual pace",
        evidence=evidence,
    )


def _expected(session: float | None, implied: float | None, rules: Thresholds) -> float | None:
    if session is None:
        return implied
    return session if implied is None else max(session, rules.implied_share * implied)


DETECTOR = Detector(
    name="burst",
    version=1,
    method="volatility of five minutes by medians of three against the session's and the implied one",
    memory=Memory,
    watch=watch,
    needs_chain=False,
)
