"""`wall_moved`: another strike has become the call wall, or the put wall.

A strike takes the place of the one that was told only when it is clearly stronger for some evaluations in a row, so that two
strikes of equal weight do not take turns. A wall that does not stand out takes nobody's place, nor does one so near that it makes no
difference to the day: that is in the levels.

What stands when a chain is first seen is no news. A move that may not be told yet is held back: what is remembered is the strike that
was told last, and when the cooldown is over the whole way from there is told, if the wall still stands elsewhere.
"""

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace
from pydantic import BaseModel, ConfigDict, Field

from marketswarm.model.event import Direction
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
    warm_up: int = Field(
        default=30, ge=0, le=360, description="first evaluations of a chain, in which what stands is no news"
    )
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
        default=3600,
        ge=0,
        le=7200,
        description="seconds until a side is told again to have moved that way; until then it is held back",
    )


class Held(Struct, frozen=True, array_like=True):
    """One side: the wall that was told last, or stood first, the strike that challenges it, and for how many evaluations in a row."""

    strike: float | None = None
    challenger: float | None = None
    run: int = 0


class Memory(Struct, frozen=True):
    """The walls of one chain on one day.

    Attributes:
        looks: evaluations of it so far, at most those of the warm-up.
    """

    scope: str = ""
    looks: int = 0
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
    rules: Thresholds = moment.thresholds
    if memory.looks < rules.warm_up:
        call, put = _first("call", memory.call, gamma, rules), _first("put", memory.put, gamma, rules)
        return replace(memory, looks=memory.looks + 1, call=call, put=put), ()
    call, call_moved = _turned("call", memory.call, gamma, moment)
    put, put_moved = _turned("put", memory.put, gamma, moment)
    return replace(memory, call=call, put=put), (*call_moved, *put_moved)


def _standing(side: Side, gamma: GammaLevels, rules: Thresholds) -> Wall | None:
    """The wall of a side, if it stands out."""
    wall = gamma.call_wall if side == "call" else gamma.put_wall
    if wall is None or not (is_known(wall.strike) and wall.dominance >= rules.dominance):
        return None
    return wall


def _first(side: Side, held: Held, gamma: GammaLevels, rules: Thresholds) -> Held:
    """One side while what stands is no news."""
    wall = _standing(side, gamma, rules)
    return Held(float(wall.strike)) if wall is not None else held


def _turned(side: Side, held: Held, gamma: GammaLevels, moment: Moment) -> tuple[Held, tuple[Sighting, ...]]:
    """One side after this evaluation, and that it moved."""
    rules: Thresholds = moment.thresholds
    wall, move = _standing(side, gamma, rules), move_measure(moment)
    if wall is None:
        return Held(held.strike), ()
    if held.strike is None:
        return Held(float(wall.strike)), ()
    strike = float(wall.strike)
    if move is None or strike == held.strike or abs(strike - held.strike) < rules.least_move * move:
        return Held(held.strike), ()
    if not abs(wall.exposure) >= (1 + rules.stronger) * _strength(side, held.strike, gamma, moment, move):
        return Held(held.strike), ()
    run = min(held.run + 1, rules.dwell) if strike == held.challenger else 1
    if run < rules.dwell or moment.is_cooling("wall_moved", side, _direction(held.strike, strike)):
        return Held(held.strike, strike, run), ()
    return Held(strike), (_moved(side, held.strike, wall, moment, move),)


def _direction(old: float, new: float) -> Direction:
    return "up" if new > old else "down"


def _strength(side: Side, strike: float, gamma: GammaLevels, moment: Moment, move: float) -> float:
    """What the wall that was told last has now, USD per 1 % move, whoever has led since then.

    Nothing when spot is clearly past it, or it is not listed any more.
    """
    rules: Thresholds = moment.thresholds
    past = moment.tick.spot - strike if side == "call" else strike - moment.tick.spot
    if past > rules.past_move * move:
        return 0.0
    exposure = float(gamma.net[gamma.strikes == strike].sum())
    return max(exposure if side == "call" else -exposure, 0.0)


def _moved(side: Side, old: float, wall: Wall, moment: Moment, move: float) -> Sighting:
    rules: Thresholds = moment.thresholds
    way = abs(wall.strike - old) / move
    return Sighting(
        type="wall_moved",
        magnitude=max(1.0, min(way / rules.telling_move, _WEIGHTIEST)),
        enter=1.0,
        leave=1.0,
        title=f"{side.capitalize()} wall moved from {shown(old)} to {shown(wall.strike)}",
        key=side,
        direction=_direction(old, wall.strike),
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
    version=3,
    method="strike of most net gamma exposure on a side of spot, naive signs, with hysteresis",
    memory=Memory,
    watch=watch,
)
