"""`smile_break`: level, skew or curvature of the smile has changed, and not by noise.

Once a minute each of the three goes through a CUSUM of what is new in it. Skew and curvature are shares of the level, so that all of
a smile rising moves the level alone. A spot that moved in the same minute moves the smile with it: then the event says so.
"""

from typing import Literal

from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field

from marketswarm.maths.cusum import Break, Cusum, CusumRule, follow
from marketswarm.vigil.evidence import facts, is_expiring, is_known, scope_of
from marketswarm.vigil.picture import SmileLevels
from marketswarm.vigil.sighting import Detector, Moment, Sighting
from marketswarm.vigil.spot_path import move_measure

Part = Literal["level", "skew", "curvature"]
_PARTS: tuple[Part, ...] = ("level", "skew", "curvature")
_MINUTE_MS = 60_000
_LATE_MS = 30_000  # beyond a minute, within which a spot still is that of a minute ago
_GRAIN = 0.2  # of a floor: the least deviation that a part is given
_SHOWN: dict[Part, tuple[float, str]] = {
    "level": (100, "vol points"),
    "skew": (1, "of the level a sigma"),
    "curvature": (1, "of the level a sigma squared"),
}


class Thresholds(BaseModel):
    """What makes a break."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    half_life: float = Field(default=20, gt=0, le=390, description="of the running mean, minutes")
    window: int = Field(default=60, ge=5, le=390, description="minutes for the robust deviation")
    warm_up: int = Field(
        default=30, ge=3, le=390, description="minutes before anything is judged, at most the window"
    )
    slack: float = Field(default=0.5, ge=0, le=5, description="deviations that do not count")
    limit: float = Field(default=10, gt=0, le=100, description="sum of deviations that is a break")
    clip: float = Field(
        default=3.5, gt=0, le=100, description="deviations that one minute may count, at most"
    )
    span: int = Field(
        default=20, ge=5, le=360, description="minutes in which the least change must have come"
    )
    steps: int = Field(default=8, ge=2, le=60, description="minutes in which a part that wanders is measured")
    sharp: float = Field(
        default=3,
        ge=0,
        le=50,
        description="deviations of its usual way in as many minutes that it has to come",
    )
    level: float = Field(
        default=0.0075, gt=0, le=1, description="least change of the level, fraction per year"
    )
    level_share: float = Field(
        default=0.06, ge=0, le=5, description="least change of the level as a share of it, where that is more"
    )
    skew: float = Field(default=0.02, gt=0, le=5, description="least change of skew over level, per sigma")
    curvature: float = Field(
        default=0.02, gt=0, le=5, description="least change of curvature over level, per sigma squared"
    )
    points: int = Field(default=10, ge=3, le=500, description="quotes that a fit stands on, at least")
    joint_move: float = Field(
        default=0.15,
        gt=0,
        le=5,
        description="share of the expected move that spot made in a minute, to be named with it",
    )
    quiet_after_open_min: float = Field(
        default=10, ge=0, le=390, description="minutes after the open in which nothing is told"
    )
    quiet_before_settlement_min: float = Field(
        default=20,
        ge=0,
        le=390,
        description="minutes before the close of the expiration's day in which nothing is judged",
    )
    cooldown_s: float = Field(
        default=300, ge=0, le=7200, description="seconds until the same way of the same part is told again"
    )


class Memory(Struct, frozen=True):
    """The series of one chain on one day; `minute` of the last good fit, since the epoch."""

    scope: str = ""
    minute: int = 0
    level: Cusum = Cusum()
    skew: Cusum = Cusum()
    curvature: Cusum = Cusum()


def watch(memory: Memory, moment: Moment) -> tuple[Memory, tuple[Sighting, ...] | None]:
    """Which parts have broken with the first good fit of this minute."""
    if not moment.session.is_open:
        return memory, ()
    smile = moment.picture.smile if moment.picture is not None else None
    if smile is None or not _is_good(smile, moment.thresholds) or _is_late(moment):
        return memory, None
    if memory.scope != scope_of(moment):
        memory = Memory(scope=scope_of(moment))
    minute = moment.tick.ts // _MINUTE_MS
    if minute <= memory.minute:
        return memory, ()
    if minute > memory.minute + 1:  # a fit counts only after a good one
        return _with(memory, minute, {}), ()
    return _followed(memory, minute, smile, moment)


def _followed(
    memory: Memory, minute: int, smile: SmileLevels, moment: Moment
) -> tuple[Memory, tuple[Sighting, ...]]:
    series: dict[Part, Cusum] = {}
    sightings: list[Sighting] = []
    rules: Thresholds = moment.thresholds
    is_early = moment.session.minutes_from_open(moment.tick.ts) < rules.quiet_after_open_min
    for part in _PARTS:
        before = _series(memory, part)
        rule = _rule(_floor(part, rules), _least(part, before, rules), rules)
        series[part], found = follow(before, _value(part, smile), rule)
        if found is not None and not is_early:
            sightings.append(_broke(part, found, rule.least, smile, moment))
    return _with(memory, minute, series), tuple(sightings)


def _is_good(smile: SmileLevels, rules: Thresholds) -> bool:
    is_whole = smile.is_good and smile.level > 0 and smile.points >= rules.points
    return is_whole and all(is_known(_value(part, smile)) for part in _PARTS)


def _is_late(moment: Moment) -> bool:
    """Whether so little time is left to settlement that quotes' ticks alone move the smile."""
    rules: Thresholds = moment.thresholds
    left = moment.session.minutes_to_close(moment.tick.ts)
    return is_expiring(moment) and left < rules.quiet_before_settlement_min


def _value(part: Part, smile: SmileLevels) -> float:
    if part == "level":
        return smile.level
    return (smile.skew if part == "skew" else smile.curvature) / smile.level


def _floor(part: Part, rules: Thresholds) -> float:
    return {"level": rules.level, "skew": rules.skew, "curvature": rules.curvature}[part]


def _least(part: Part, series: Cusum, rules: Thresholds) -> float:
    """The least change: volatility of 30 % moves twice as far as one of 15 %, and no more has happened."""
    share = rules.level_share if part == "level" else 0.0
    return max(_floor(part, rules), share * (series.mean or 0.0))


def _rule(floor: float, least: float, rules: Thresholds) -> CusumRule:
    return CusumRule(
        floor=floor * _GRAIN,
        least=least,
        span=rules.span,
        half_life=rules.half_life,
        window=rules.window,
        warm_up=min(rules.warm_up, rules.window),
        slack=rules.slack,
        limit=rules.limit,
        clip=rules.clip,
        steps=rules.steps,
        sharp=rules.sharp,
    )


def _series(memory: Memory, part: Part) -> Cusum:
    return {"level": memory.level, "skew": memory.skew, "curvature": memory.curvature}[part]


def _with(memory: Memory, minute: int, series: dict[Part, Cusum]) -> Memory:
    level, skew, curvature = (series.get(part, _series(memory, part)) for part in _PARTS)
    return Memory(memory.scope, minute, level, skew, curvature)


def _broke(part: Part, found: Break, least: float, smile: SmileLevels, moment: Moment) -> Sighting:
    rules: Thresholds = moment.thresholds
    scale, unit = _SHOWN[part]
    change = scale * (found.after - found.before)
    moved = _moved(moment)
    is_joint = moved is not None and abs(moved) > rules.joint_move
    title = f"Smile {part} broke {found.direction} by {abs(change):.2g}"
    title += " vol points" if part == "level" else ""
    return Sighting(
        type="smile_break",
        magnitude=abs(found.after - found.before) / least,
        enter=1.0,
        leave=1.0,
        title=title + (", with spot" if is_joint else ""),
        key=part,
        direction=found.direction,
        cooldown_s=rules.cooldown_s,
        is_pulse=True,
        evidence={
            **facts(
                moment,
                {
                    "before": (scale * found.before, unit),
                    "after": (scale * found.after, unit),
                    "change": (change, unit),
                    "score": (found.score, "deviations"),
                    "spot_moved": (moved, "expected moves"),
                    "fit_error": (100 * smile.error, "vol points"),
                },
            ),
            "with_spot": moment.fact("yes" if is_joint else "no", "text"),
        },
    )


def _moved(moment: Moment) -> float | None:
    """What spot did in this minute, in expected moves; None when it is not known."""
    move, now = move_measure(moment), moment.tick
    earlier = next((one for one in reversed(moment.before) if one.ts <= now.ts - _MINUTE_MS), None)
    if move is None or earlier is None or earlier.ts < now.ts - _MINUTE_MS - _LATE_MS:
        return None
    return (now.spot - earlier.spot) / move


DETECTOR = Detector(
    name="smile",
    version=2,
    method="two-sided CUSUM of level, skew and curvature of the quadratic smile, once a minute",
    memory=Memory,
    watch=watch,
)
