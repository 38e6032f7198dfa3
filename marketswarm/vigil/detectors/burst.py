"""`volatility_burst`: spot has been moving much faster, for minutes, than this session and the options let expect.

The pace of the last five minutes is bipower, so one jump does not make a burst. It is held against the larger of two: the session's
own pace until then, at this time of the day; and a share of the pace that options price. Until half an hour of the session is known
options alone tell what to expect.
"""

import math

import numpy as np
from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field, model_validator

from marketswarm.maths.jumps import bipower_products
from marketswarm.vigil.sighting import Detector, Moment, Sighting
from marketswarm.vigil.spot_path import SpotPath, day_factor, implied_pace, in_session, session_path

_ENOUGH = 0.8  # of the steps of the last minutes: fewer tell no pace


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
    """The session's variance per step until five minutes ago, without the U of the day.

    Attributes:
        through_ms: the newest step that is counted.
        steps: how many; `variance` their sum.
    """

    day: str = ""
    through_ms: int = 0
    steps: int = 0
    variance: float = 0.0


def watch(memory: Memory, moment: Moment) -> tuple[Memory, tuple[Sighting, ...] | None]:
    """How fast spot moves."""
    if not in_session(moment):
        return memory, ()
    path = session_path(moment)
    if path is None:
        return memory, None
    rules: Thresholds = moment.thresholds
    products, ends = bipower_products(path.returns), path.times[2:]
    is_known, since_ms = np.isfinite(products), moment.tick.ts - int(rules.minutes * 60_000)
    is_recent = is_known & (ends > since_ms)
    memory = _counted(memory, path, is_known & (ends <= since_ms), moment)
    if is_recent.sum() < _ENOUGH * rules.minutes * 6:
        return memory, None
    recent = math.sqrt(float(products[is_recent].mean()))
    sighting = _sighting(recent, memory, moment)
    return memory, None if sighting is None else (sighting,)


def _counted(memory: Memory, path: SpotPath, is_past: np.ndarray, moment: Moment) -> Memory:
    """The memory with the steps that have become past since."""
    if memory.day != moment.session.day:
        memory = Memory(day=moment.session.day)
    ends, products = path.times[2:], bipower_products(path.returns)
    new = np.flatnonzero(is_past & (ends > memory.through_ms))
    if not new.size:
        return memory
    variances = [float(products[at]) / day_factor(moment, int(ends[at])) ** 2 for at in new]
    return Memory(
        day=memory.day,
        through_ms=int(ends[new[-1]]),
        steps=memory.steps + len(variances),
        variance=memory.variance + math.fsum(variances),
    )


def _sighting(recent: float, memory: Memory, moment: Moment) -> Sighting | None:
    rules: Thresholds = moment.thresholds
    implied = implied_pace(moment)
    session = None
    if memory.steps >= rules.warm:
        session = math.sqrt(memory.variance / memory.steps) * day_factor(moment, moment.tick.ts)
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
    method="bipower volatility of five minutes against the session's and the implied one",
    memory=Memory,
    watch=watch,
    needs_chain=False,
)
