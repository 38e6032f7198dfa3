"""`regime`: whether the gamma model at spot is clearly positive, or clearly negative.

By the model dealers hedge against moves where it is positive, and along with them where it is negative. It is a model: the event
says what the model says, not what the market will do. Spot has to be clear of the flip before a regime begins.
"""

from typing import Literal

from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field

from marketswarm.vigil.evidence import facts, is_known
from marketswarm.vigil.picture import GammaLevels
from marketswarm.vigil.sighting import Detector, Moment, Sighting
from marketswarm.vigil.spot_path import move_measure


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
    cooldown_s: float = Field(default=300, ge=0, le=7200, description="seconds after its end")


class Memory(Struct, frozen=True):
    """Nothing: the present says all."""


def watch(memory: Memory, moment: Moment) -> tuple[Memory, tuple[Sighting, ...] | None]:
    """How positive the model is, and how negative."""
    if not moment.session.is_open:
        return memory, ()
    gamma = moment.picture.gamma if moment.picture is not None else None
    if gamma is None or not is_known(gamma.regime):
        return memory, None
    return memory, tuple(_sighting(side, gamma, moment) for side in ("positive", "negative"))


def _sighting(side: Literal["positive", "negative"], gamma: GammaLevels, moment: Moment) -> Sighting:
    rules: Thresholds = moment.thresholds
    share = max(-1.0, min(1.0, gamma.regime))
    size = share if side == "positive" else -share
    if not _is_confirmed(side, gamma, moment):
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


def _is_confirmed(side: Literal["positive", "negative"], gamma: GammaLevels, moment: Moment) -> bool:
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
    version=1,
    method="repriced gamma exposure at spot over gross exposure, naive signs, confirmed by the side of the flip",
    memory=Memory,
    watch=watch,
)
