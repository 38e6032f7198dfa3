"""`spot_jump`: one return of ten seconds that the recent pace does not explain, and that is large enough to matter.

Three measures must be passed: Lee and Mykland's statistic over the last 45 minutes, a robust z over the last ten, and a size in
ticks and expected moves. The magnitude is the least of the three, each over its threshold. In the first quarter of an hour there is
no pace yet: the return is then held against the ten seconds that options price. A return across a gap is not tested. Soon after a
jump only one that is far larger is told, whichever way it goes: not the way back, and not the rest of it, but the crash after a tremor.
"""

import math
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field

from marketswarm.maths.jumps import bipower_volatility, robust_scale
from marketswarm.vigil.sighting import Detector, Moment, Sighting
from marketswarm.vigil.spot_path import SpotPath, implied_pace, in_session, move_measure, session_path


class Thresholds(BaseModel):
    """What makes a return a jump."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    statistic: float = Field(
        default=4.7,
        ge=3,
        le=20,
        description="least |L|, in standard deviations of a step; 4.7 is one false day in 100",
    )
    robust: float = Field(default=6.0, ge=3, le=50, description="least |z| over the last ten minutes")
    ticks: float = Field(default=3.0, ge=1, le=100, description="least size, in ticks")
    moves: float = Field(default=0.04, ge=0, le=1, description="least size, in expected moves of the open")
    tick: float = Field(default=0.01, gt=0, le=10, description="smallest step of the price, points")
    window: int = Field(
        default=270, ge=30, le=358, description="returns that tell the pace; 270 are 45 minutes"
    )
    robust_window: int = Field(default=60, ge=20, le=358, description="returns behind z; 60 are ten minutes")
    warm: int = Field(default=90, ge=20, le=358, description="returns without which options tell the pace")
    quiet_s: float = Field(
        default=120, ge=0, le=3600, description="seconds after a jump in which only a far larger one is told"
    )
    larger: float = Field(
        default=2.0,
        ge=1,
        le=100,
        description="times the jump that was told last, from which on another is far larger",
    )


class Memory(Struct, frozen=True):
    """The last jump that was told: when, ms, and how large, of logs and without its sign; 0 before the first."""

    told_ms: int = 0
    told_size: float = 0.0


class Tested(NamedTuple):
    """One return under test: |L| and |z| in standard deviations, z absent while options tell the pace; the pace of a step."""

    statistic: float
    robust: float | None
    pace: float


def watch(memory: Memory, moment: Moment) -> tuple[Memory, tuple[Sighting, ...] | None]:
    """The newest return, when it is a jump."""
    if not in_session(moment):
        return memory, ()
    path, move = session_path(moment), move_measure(moment, until_fixed=True)
    if path is None or move is None or not path.returns.size or not math.isfinite(path.returns[-1]):
        return memory, None
    tested = _tested(path, moment)
    if tested is None:
        return memory, None
    size = _size(path, moment.thresholds, move)
    sighting = _sighting(tested, size, path, moment)
    if sighting.magnitude < sighting.enter or _is_quiet(memory, _way(path), moment):
        return memory, ()
    return Memory(moment.tick.ts, abs(_way(path))), (sighting,)


def _is_quiet(memory: Memory, way: float, moment: Moment) -> bool:
    """Whether a jump was told so lately that this one, not far larger, is not."""
    rules: Thresholds = moment.thresholds
    is_lately = 0 <= moment.tick.ts - memory.told_ms < rules.quiet_s * 1_000
    return is_lately and abs(way) < rules.larger * memory.told_size


def _way(path: SpotPath) -> float:
    """Of the newest step, of logs."""
    return math.log(float(path.spots[-1]) / float(path.spots[-2]))


def _tested(path: SpotPath, moment: Moment) -> Tested | None:
    rules: Thresholds = moment.thresholds
    newest, earlier = abs(float(path.returns[-1])), path.returns[:-1]
    floor = 0.5 * rules.tick / moment.tick.spot
    if np.isfinite(earlier).sum() < rules.warm:
        implied = implied_pace(moment)
        return None if implied is None else Tested(newest / max(implied, floor), None, implied)
    pace, scale = bipower_volatility(earlier[-rules.window :]), robust_scale(earlier[-rules.robust_window :])
    if pace is None or scale is None:
        return None
    return Tested(newest / max(pace, floor), newest / max(scale, floor), pace)


def _size(path: SpotPath, rules: Thresholds, move: float) -> float:
    """Of the newest step, over the least that matters."""
    before, now = float(path.spots[-2]), float(path.spots[-1])
    return abs(now - before) / max(rules.ticks * rules.tick, rules.moves * move)


def _sighting(tested: Tested, size: float, path: SpotPath, moment: Moment) -> Sighting:
    rules: Thresholds = moment.thresholds
    parts = [tested.statistic / rules.statistic, size]
    if tested.robust is not None:
        parts.append(tested.robust / rules.robust)
    before, now = float(path.spots[-2]), float(path.spots[-1])
    seconds = int(path.times[-1] - path.times[-2]) / 1_000
    basis_points = _way(path) * 1e4
    evidence = {
        "return": moment.fact(basis_points, "basis points"),
        "change": moment.fact(now - before, "points"),
        "interval": moment.fact(seconds, "seconds"),
        "statistic": moment.fact(tested.statistic, "sigmas"),
        "pace": moment.fact(tested.pace * 1e4, "basis points"),
        "pace_source": moment.fact("implied" if tested.robust is None else "realised", "name"),
    }
    if tested.robust is not None:
        evidence["robust_z"] = moment.fact(tested.robust, "sigmas")
    return Sighting(
        type="spot_jump",
        magnitude=min(parts),
        enter=1.0,
        leave=1.0,
        title=f"Spot {'jumped' if now > before else 'fell'} {abs(basis_points):.1f} bp in {seconds:.0f} s",
        direction="up" if now > before else "down",
        cooldown_s=0.0,  # the quiet time is kept here: the machine's would swallow a crash after a jump of the same importance
        is_pulse=True,
        evidence=evidence,
    )


DETECTOR = Detector(
    name="jump",
    version=2,
    method="Lee-Mykland statistic on ten-second returns, with a robust z and a least size",
    memory=Memory,
    watch=watch,
    needs_chain=False,
)
