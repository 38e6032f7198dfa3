"""`jump_risk`: options far from spot have become dear against the volatility at the money, by the session's own measure.

Two tails are watched, each by itself: puts far below spot under an empty key, calls far above it under `right`. The price at two
sigmas over that of a flat smile depends on the time to settlement more than on fear, so that it says nothing by itself: it is held
against its last hour, by a robust z of its logarithm, and against the session's median.
"""

import math
from collections.abc import Mapping
from statistics import median
from typing import Final, NamedTuple

from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field, model_validator

from marketswarm.maths.cusum import deviation_of
from marketswarm.model.event import Fact
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

    @model_validator(mode="after")
    def _bands_lie_apart(self) -> "Thresholds":
        if self.leave >= self.enter:
            raise ValueError(f"leave is {self.leave}; it must be less than enter, {self.enter}")
        return self

    @property
    def between(self) -> float:
        """A magnitude with which what lasts goes on, and nothing begins."""
        return (self.enter + self.leave) / 2


class Tail(NamedTuple):
    """One of the two: the key of its events, its name in the smile and in evidence, and in titles."""

    key: str
    name: str
    title: str


_LEFT: Final = Tail("", "left_tail", "Left tail")
_RIGHT: Final = Tail("right", "right_tail", "Right tail")


class Samples(Struct, frozen=True):
    """Logarithms of one tail's ratio.

    Attributes:
        minute: of the last sample, since the epoch.
        hour: one a minute, oldest first. `session`: one every five minutes.
    """

    minute: int = 0
    hour: tuple[float, ...] = ()
    session: tuple[float, ...] = ()


class Memory(Struct, frozen=True):
    """Both tails of one chain on one day."""

    scope: str = ""
    left: Samples = Samples()
    right: Samples = Samples()


def watch(memory: Memory, moment: Moment) -> tuple[Memory, tuple[Sighting, ...] | None]:
    """How dear each tail is."""
    if not moment.session.is_open:
        return memory, ()
    rules: Thresholds = moment.thresholds
    left, right = _ratio(_LEFT, moment), _ratio(_RIGHT, moment)
    if (left is None and right is None) or (
        is_expiring(moment)
        and moment.session.minutes_to_close(moment.tick.ts) < rules.quiet_before_settlement_min
    ):
        return memory, None
    if memory.scope != scope_of(moment):
        memory = Memory(scope=scope_of(moment))
    seen = _judged(_LEFT, left, memory.left, moment), _judged(_RIGHT, right, memory.right, moment)
    minute = moment.tick.ts // 60_000
    memory = Memory(memory.scope, _sampled(memory.left, left, minute), _sampled(memory.right, right, minute))
    if seen == (None, None):
        return memory, None
    return memory, (seen[0] or _unseen(_LEFT, moment), seen[1] or _unseen(_RIGHT, moment))


def _ratio(tail: Tail, moment: Moment) -> float | None:
    """Price at two sigmas over that of a flat smile; None unless a good fit gives one."""
    smile = moment.picture.smile if moment.picture is not None else None
    if smile is None or not smile.is_good:
        return None
    ratio: float | None = getattr(smile, tail.name)
    return ratio if ratio is not None and 0 < ratio < math.inf else None


def _sampled(samples: Samples, ratio: float | None, minute: int) -> Samples:
    if ratio is None or minute <= samples.minute:
        return samples
    sample = round(math.log(ratio), 4)
    is_fifth = minute // _SESSION_EVERY != samples.minute // _SESSION_EVERY
    session = (*samples.session, sample)[-_SESSION_MOST:] if is_fifth else samples.session
    return Samples(minute, (*samples.hour, sample)[-_HOUR:], session)


def _judged(tail: Tail, ratio: float | None, samples: Samples, moment: Moment) -> Sighting | None:
    """How dear one tail is; None where it is not known, or what is usual is not."""
    rules: Thresholds = moment.thresholds
    if ratio is None or len(samples.hour) < rules.warm_up:
        return None
    usual = median(samples.hour)
    z = (math.log(ratio) - usual) / deviation_of(tuple(abs(one - usual) for one in samples.hour), _GRAIN)
    of_session = math.exp(median(samples.session))
    is_dear = ratio >= (1 + rules.dearer) * of_session
    return _sighting(
        tail,
        moment,
        magnitude=z if is_dear else min(z, rules.between),
        title=f"{tail.title} costs {ratio:.3g} times flat, after {of_session:.3g}",
        evidence=facts(
            moment,
            {
                tail.name: (ratio, "price over flat smile"),
                "session_median": (of_session, "price over flat smile"),
                "last_hour": (math.exp(usual), "price over flat smile"),
                "z": (z, "robust deviations"),
            },
        ),
    )


def _unseen(tail: Tail, moment: Moment) -> Sighting:
    """A tail that cannot be judged while the other one can: nothing of it begins, and nothing ends."""
    return _sighting(
        tail, moment, magnitude=moment.thresholds.between, title=f"{tail.title} is not known", evidence={}
    )


def _sighting(
    tail: Tail, moment: Moment, *, magnitude: float, title: str, evidence: Mapping[str, Fact]
) -> Sighting:
    rules: Thresholds = moment.thresholds
    return Sighting(
        type="jump_risk",
        magnitude=magnitude,
        enter=rules.enter,
        leave=rules.leave,
        title=title,
        key=tail.key,
        dwell=rules.dwell,
        cooldown_s=rules.cooldown_s,
        ending=f"{tail.title} costs what it usually does",
        evidence=evidence,
    )


DETECTOR = Detector(
    name="jump_risk",
    version=2,
    method="robust z of the logarithm of each tail's price over a flat smile, against the last hour",
    memory=Memory,
    watch=watch,
)
