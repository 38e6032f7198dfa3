"""`regime`: whether the gamma model at spot is clearly positive, or clearly negative.

By the model dealers hedge against moves where it is positive, and along with them where it is negative. It is a model: the event
says what the model says, not what the market will do. Spot has to be clear of the flip before a regime begins.

The side on which a chain is first seen is no news, since nothing has turned: it is told only after it has been over.
"""

from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace
from pydantic import BaseModel, ConfigDict, Field

from marketswarm.vigil.evidence import facts, is_known, scope_of
from marketswarm.vigil.picture import GammaLevels
from marketswarm.vigil.sighting import Detector, Moment, Sighting
from marketswarm.vigil.spot_path import move_measure

Side = Literal["positive", "negative"]
_SIDES: Final[tuple[Side, Side]] = ("positive", "negative")


class Thresholds(BaseModel):
    """What makes a regime."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    clear: float = Field(
        default=0.10,
        gt=0,
        le=1,
        description="exposure at spot over gross exposure from which on it is a regime",
    )
    leave: float = Field(default=0.05, ge=0, le=1, description="below which it is none any more")
    from_flip: float = Field(
        default=0.05,
        ge=0,
        le=2,
        description="share of the expected move that spot is away from the flip, at least",
    )
    dwell: int = Field(default=6, ge=1, le=60, description="ticks in a row; 6 are a minute")
    warm_up: int = Field(
        default=6, ge=1, le=360, description="first evaluations of a chain, in which what stands is no news"
    )
    cooldown_s: float = Field(default=300, ge=0, le=7200, description="seconds after its end")


class Memory(Struct, frozen=True):
    """The side that stood when the chain was first seen on that day, until it is over.

    Attributes:
        looks: evaluations of it so far, at most those of the warm-up.
        below: evaluations in a row in which that side was below `leave`.
    """

    scope: str = ""
    looks: int = 0
    standing: Side | Literal[""] = ""
    below: int = 0


def watch(memory: Memory, moment: Moment) -> tuple[Memory, tuple[Sighting, ...] | None]:
    """How positive the model is, and how negative."""
    if not moment.session.is_open:
        return memory, ()
    gamma = moment.picture.gamma if moment.picture is not None else None
    if gamma is None or not is_known(gamma.regime):
        return memory, None
    if memory.scope != scope_of(moment):
        memory = Memory(scope_of(moment))
    memory = _looked(memory, gamma.regime, moment.thresholds)
    return memory, tuple(_sighting(side, gamma, moment, memory.standing == side) for side in _SIDES)


def _looked(memory: Memory, share: float, rules: Thresholds) -> Memory:
    """What stands after one more look."""
    if memory.looks < rules.warm_up:
        side: Side = "positive" if share > 0 else "negative"
        standing = side if abs(share) >= min(rules.leave, rules.clear) else memory.standing
        return replace(memory, looks=memory.looks + 1, standing=standing)
    if not memory.standing:
        return memory
    is_below = (share if memory.standing == "positive" else -share) < min(rules.leave, rules.clear)
    below = memory.below + 1 if is_below else 0
    return replace(memory, standing="" if below >= rules.dwell else memory.standing, below=below)


def _sighting(side: Side, gamma: GammaLevels, moment: Moment, is_standing: bool) -> Sighting:
    rules: Thresholds = moment.thresholds
    share = max(-1.0, min(1.0, gamma.regime))
    size = share if side == "positive" else -share
    if is_standing or not _is_confirmed(side, gamma, moment):
        size = min(size, (rules.clear + min(rules.leave, rules.clear)) / 2)  # it may go on, and not begin
    distance = moment.tick.spot - gamma.flip if gamma.flip is not None else None
    return Sighting(
        type="regime",
        magnitude=size,
        enter=rules.clear,
        leave=rules.leave,
        title=f"Gamma model is {side} ({share:+.2f})",
        key=side,
        dwell=rules.dwell,
        cooldown_s=rules.cooldown_s,
        ending=f"Gamma model is no longer clearly {side}",
        evidence=facts(
            moment,
            {
                "regime": (share, "net over gross"),
                "flip": (gamma.flip, "points"),
                "distance": (distance, "points"),
            },
        ),
    )


def _is_confirmed(side: Side, gamma: GammaLevels, moment: Moment) -> bool:
    """Whether spot is on that side of the flip, and clear of it; where there is none, there is nothing to confirm."""
    flip, move = gamma.flip, move_measure(moment)
    if flip is None:
        return True
    if move is None:
        return False
    rules: Thresholds = moment.thresholds
    crossing = min(gamma.crossings, key=lambda one: abs(one.level - flip), default=None)
    is_rising = crossing is None or crossing.slope > 0
    above = (moment.tick.spot - flip) / move
    return (above if is_rising == (side == "positive") else -above) >= rules.from_flip


DETECTOR = Detector(
    name="regime",
    version=2,
    method="repriced gamma exposure at spot over gross exposure, naive signs, confirmed by the side of the flip",
    memory=Memory,
    watch=watch,
)
