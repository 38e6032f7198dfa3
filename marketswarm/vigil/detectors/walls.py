"""`wall_moved`: another strike has become the call wall, or the put wall.

A strike takes the place of the one that was told only when it is clearly stronger for some evaluations in a row, so that two
strikes of equal weight do not take turns. A wall that does not stand out takes nobody's place, nor does one so near that it makes no
difference to the day: that is in the levels.
"""

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace
from pydantic import BaseModel, ConfigDict, Field

from marketswarm.vigil.evidence import facts, is_known, scope_of
from marketswarm.vigil.picture import GammaLevels, Wall
from marketswarm.vigil.sighting import Detector, Moment, Sighting
from marketswarm.vigil.spot_path import move_measure, shown

Side = Literal["call", "put"]
_WEIGHTIEST = 1.5  # times what begins to weigh: a model's strike that jumps is never critical


class Thresholds(BaseModel):
    """What makes another wall."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stronger: float = Field(
        default=0.10,
        ge=0,
        le=10,
        description="by which share the new strike's exposure exceeds that of the old",
    )
    dominance: float = Field(
        default=0.15,
        ge=0,
        le=1,
        description="share of its side's exposure below which a wall does not stand out",
    )
    dwell: int = Field(default=3, ge=1, le=60, description="evaluations in a row")
    least_move: float = Field(
        default=0.3,
        ge=0,
        le=10,
        description="share of the expected move by which a wall has to stand away from the one told last",
    )
    telling_move: float = Field(
        default=0.5,
        gt=0,
        le=10,
        description="share of the expected move at which a wall's way begins to weigh more",
    )
    past_move: float = Field(
        default=0.1,
        ge=0,
        le=5,
        description="share of the expected move by which spot is past a wall that counts no more",
    )
    cooldown_s: float = Field(
        default=3600, ge=0, le=7200, description="seconds until a side is told again to have moved that way"
    )


class Held(Struct, frozen=True, array_like=True):
    """One side: the wall that was told last, or stood first, the strike that challenges it, and for how many evaluations in a row."""

    strike: float | None = None
    challenger: float | None = None
    run: int = 0


class Memory(Struct, frozen=True):
    """The walls of one chain on one day."""

    scope: str = ""
    call: Held = Held()
    put: Held = Held()


def watch(memory: Memory, moment: Moment) -> tuple[Memory, tuple[Sighting, ...] | None]:
    """Whether a wall has moved."""
    if not moment.session.is_open:
        return memory, ()
    gamma = moment.picture.gamma if moment.picture is not None else None
    if gamma is None:
        return memory, None
    if memory.scope != scope_of(moment):
        memory = Memory(scope=scope_of(moment))
    call, call_moved = _turned("call", memory.call, gamma, moment)
    put, put_moved = _turned("put", memory.put, gamma, moment)
    return replace(memory, call=call, put=put), (*call_moved, *put_moved)


def _turned(side: Side, held: Held, gamma: GammaLevels, moment: Moment) -> tuple[Held, tuple[Sighting, ...]]:
    """One side after this evaluation, and that it moved."""
    rules: Thresholds = moment.thresholds
    wall = gamma.call_wall if side == "call" else gamma.put_wall
    if wall is None or not (is_known(wall.strike) and wall.dominance >= rules.dominance):
        return Held(held.strike), ()
    if held.strike is None:
        return Held(float(wall.strike)), ()
    strike = float(wall.strike)
    old = _strength(side, held.strike, gamma, moment)
    is_near = abs(strike - held.strike) < rules.least_move * (move_measure(moment) or 0.0)
    if strike == held.strike or is_near or not abs(wall.exposure) >= (1 + rules.stronger) * old:
        return Held(held.strike), ()
    run = held.run + 1 if strike == held.challenger else 1
    if run < rules.dwell:
        return Held(held.strike, strike, run), ()
    return Held(strike), (_moved(side, held.strike, wall, moment),)


def _strength(side: Side, strike: float, gamma: GammaLevels, moment: Moment) -> float:
    """What the old wall has now, USD per 1 % move; nothing when spot is clearly past it, or it is not listed any more."""
    rules: Thresholds = moment.thresholds
    past = moment.tick.spot - strike if side == "call" else strike - moment.tick.spot
    if past > rules.past_move * (move_measure(moment) or 0.0):
        return 0.0
    exposure = float(gamma.net[gamma.strikes == strike].sum())
    return max(exposure if side == "call" else -exposure, 0.0)


def _moved(side: Side, old: float, wall: Wall, moment: Moment) -> Sighting:
    rules: Thresholds = moment.thresholds
    move = move_measure(moment)
    way = abs(wall.strike - old) / move if move is not None else None
    return Sighting(
        type="wall_moved",
        magnitude=max(1.0, min(way / rules.telling_move, _WEIGHTIEST)) if way is not None else 1.0,
        enter=1.0,
        leave=1.0,
        title=f"{side.capitalize()} wall moved from {shown(old)} to {shown(wall.strike)}",
        key=side,
        direction="up" if wall.strike > old else "down",
        cooldown_s=rules.cooldown_s,
        is_pulse=True,
        evidence=facts(
            moment,
            {
                "from": (old, "points"),
                "to": (wall.strike, "points"),
                "way": (way, "expected moves"),
                "exposure": (wall.exposure, "USD per 1 % move"),
                "dominance": (wall.dominance, "share"),
            },
        ),
    )


DETECTOR = Detector(
    name="walls",
    version=2,
    method="strike of most net gamma exposure on a side of spot, naive signs, with hysteresis",
    memory=Memory,
    watch=watch,
)
