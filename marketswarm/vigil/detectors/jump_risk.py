"""`jump_risk`: puts far below spot have become dear against the volatility at the money, by the session's own measure.

The price at two sigmas down over that of a flat smile depends on the time to settlement more than on fear, so that it says
nothing by itself: it is held against its last hour, by a robust z of its logarithm, and against the session's median.
"""

import math
from statistics import median

from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field

from marketswarm.maths.cusum import deviation_of
from marketswarm.vigil.evidence import facts, is_expiring, scope_of
from marketswarm.vigil.sighting import Detector, Moment, Sighting

_HOUR = 60  # samples, one a minute
_SESSION_EVERY, _SESSION_MOST = 5, 100  # minutes; samples: more than a session has
_GRAIN = 0.02  # of the logarithm: what a tick in a cheap option makes


class Thresholds(BaseModel):
    """What makes tails dear."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enter: float = Field(default=4.0, gt=0, le=50, description="robust z against the last hour")
    leave: float = Field(default=1.0, ge=0, le=50, description="z below which it is over")
    dearer: float = Field(default=0.20, ge=0, le=10, description="share above the session's median, at least")
    dwell: int = Field(default=3, ge=1, le=60, description="evaluations in a row")
    warm_up: int = Field(default=30, ge=3, le=60, description="minutes of samples before it is judged")
    quiet_before_settlement_min: float = Field(
        default=20,
        ge=0,
        le=390,
        description="minutes before the close of the expiration's day without judgement",
    )
    cooldown_s: float = Field(default=600, ge=0, le=7200, description="seconds after its end")


class Memory(Struct, frozen=True):
    """Logarithms of the tail ratio of one chain on one day.

    Attributes:
        minute: of the last sample, since the epoch.
        hour: one a minute, oldest first. `session`: one every five minutes.
    """

    scope: str = ""
    minute: int = 0
    hour: tuple[float, ...] = ()
    session: tuple[float, ...] = ()


def watch(memory: Memory, moment: Moment) -> tuple[Memory, tuple[Sighting, ...] | None]:
    """How dear the left tail is."""
    if not moment.session.is_open:
        return memory, ()
    rules: Thresholds = moment.thresholds
    tail = _tail_of(moment)
    if tail is None or (
        is_expiring(moment)
        and moment.session.minutes_to_close(moment.tick.ts) < rules.quiet_before_settlement_min
    ):
        return memory, None
    if memory.scope != scope_of(moment):
        memory = Memory(scope=scope_of(moment))
    sighted = (_sighting(tail, memory, moment),) if len(memory.hour) >= rules.warm_up else None
    return _sampled(memory, tail, moment.tick.ts // 60_000), sighted


def _tail_of(moment: Moment) -> float | None:
    """Price at two sigmas down over that of a flat smile; None unless a good fit gives one."""
    smile = moment.picture.smile if moment.picture is not None else None
    if smile is None or not smile.is_good or smile.left_tail is None:
        return None
    return smile.left_tail if 0 < smile.left_tail < math.inf else None


def _sampled(memory: Memory, tail: float, minute: int) -> Memory:
    if minute <= memory.minute:
        return memory
    sample = round(math.log(tail), 4)
    is_fifth = minute // _SESSION_EVERY != memory.minute // _SESSION_EVERY
    session = (*memory.session, sample)[-_SESSION_MOST:] if is_fifth else memory.session
    return Memory(memory.scope, minute, (*memory.hour, sample)[-_HOUR:], session)


def _sighting(tail: float, memory: Memory, moment: Moment) -> Sighting:
    rules: Thresholds = moment.thresholds
    usual = median(memory.hour)
    spread = deviation_of(tuple(abs(one - usual) for one in memory.hour), _GRAIN)
    z = (math.log(tail) - usual) / spread
    of_session = math.exp(median(memory.session))
    size = z
    if tail < (1 + rules.dearer) * of_session:
        size = min(z, (rules.enter + min(rules.leave, rules.enter)) / 2)  # it may go on, and not begin
    return Sighting(
        type="jump_risk",
        magnitude=size,
        enter=rules.enter,
        leave=rules.leave,
        title=f"Left tail costs {tail:.3g} times flat, after {of_session:.3g}",
        dwell=rules.dwell,
        cooldown_s=rules.cooldown_s,
        ending="Left tail costs what it usually does",
        evidence=facts(
            moment,
            {
                "left_tail": (tail, "price over flat smile"),
                "session_median": (of_session, "price over flat smile"),
                "last_hour": (math.exp(usual), "price over flat smile"),
                "z": (z, "robust deviations"),
            },
        ),
    )


DETECTOR = Detector(
    name="jump_risk",
    version=1,
    method="robust z of the logarithm of the left tail's price over a flat smile, against the last hour",
    memory=Memory,
    watch=watch,
)
