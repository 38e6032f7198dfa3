"""`pin_risk`: in the last two hours spot is close to a strike whose surroundings hold much gamma that dealers are long.

By the model, dealers who are long gamma sell above the strike and buy below it. The score is
exp(-|spot - strike| / (0.25 expected move that remains)) × share of gross exposure × (1 + net over gross) / 2, the latter two of the
cluster around the strike: together the part of all exposure that stands there and is long. It is not netted against what is short there:
as many puts as calls at one strike net to nothing, and yet half of them hold spot. The strike is the heaviest of its cluster, and stays
it until another is heavier by a tenth.
"""

import math
from typing import Final, NamedTuple

import numpy as np
from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field, model_validator

from marketswarm.maths.black76 import MINUTES_A_YEAR
from marketswarm.vigil.picture import Cluster, GammaLevels, Picture
from marketswarm.vigil.sighting import Detector, Moment, Sighting
from marketswarm.vigil.spot_path import LEAST_MOVE, in_session, is_price, named, shown

_HEAVIER: Final = 1.1


class Thresholds(BaseModel):
    """What makes a pin likely enough to be told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enter: float = Field(default=0.25, gt=0, lt=1, description="score, 0 to 1, from which on it is a risk")
    leave: float = Field(default=0.15, gt=0, lt=1, description="score below which it is none any more")
    minutes: float = Field(default=120, gt=0, le=390, description="to settlement, from which on it is judged")
    width: float = Field(
        default=0.25, gt=0, le=2, description="share of the remaining expected move that is close"
    )
    dwell: int = Field(default=30, ge=1, le=360, description="ticks in a row; 30 are five minutes")
    cooldown_s: float = Field(default=600, ge=0, le=7200, description="seconds after its end")

    @model_validator(mode="after")
    def _bands_lie_apart(self) -> "Thresholds":
        if self.leave >= self.enter:
            raise ValueError(f"leave is {self.leave}; it must be less than enter, {self.enter}")
        return self


class Memory(Struct, frozen=True):
    """The strike of the last look; 0 when there was none."""

    strike: float = 0.0


class Candidate(NamedTuple):
    """A strike at which spot may end, and how likely, 0 to 1."""

    score: float
    strike: float
    cluster: Cluster


def watch(memory: Memory, moment: Moment) -> tuple[Memory, tuple[Sighting, ...] | None]:
    """How likely spot ends at a strike."""
    picture, rules = moment.picture, moment.thresholds
    if not in_session(moment):
        return Memory(), ()
    if picture is None or picture.gamma is None or picture.move is None:
        return memory, None
    if not (is_price(moment.tick.spot) and math.isfinite(picture.move.straddle)):
        return memory, None
    minutes = picture.move.years * MINUTES_A_YEAR
    if not minutes < rules.minutes:
        return Memory(), ()
    close = rules.width * max(picture.move.straddle, LEAST_MOVE * moment.tick.spot)
    found = [
        _candidate(memory, one, picture.gamma, moment.tick.spot, close) for one in picture.gamma.clusters
    ]
    likeliest = max((one for one in found if one is not None), key=lambda one: one.score, default=None)
    if likeliest is None:
        return Memory(), ()
    return Memory(strike=likeliest.strike), (_sighting(likeliest, picture, moment),)


def _candidate(
    memory: Memory, cluster: Cluster, gamma: GammaLevels, spot: float, close: float
) -> Candidate | None:
    """The heaviest strike of a cluster, or the one of the last look while it is nearly as heavy."""
    inside = (gamma.strikes >= cluster.low) & (gamma.strikes <= cluster.high) & np.isfinite(gamma.gross)
    if not inside.any():
        return None
    strikes, gross = gamma.strikes[inside], gamma.gross[inside]
    strike = float(strikes[np.argmax(gross)])
    held = gross[strikes == memory.strike]
    if held.size and held[0] * _HEAVIER >= gross.max():
        strike = memory.strike
    score = math.exp(-abs(spot - strike) / close) * _long_share(cluster)
    return Candidate(score, strike, cluster) if math.isfinite(score) else None


def _long_share(cluster: Cluster) -> float:
    """The part of the chain's gross exposure that stands in a cluster and is long by the model."""
    return cluster.share * (1 + max(-1.0, min(1.0, cluster.ratio))) / 2


def _sighting(likeliest: Candidate, picture: Picture, moment: Moment) -> Sighting:
    rules: Thresholds = moment.thresholds
    assert picture.move is not None
    strike, cluster = likeliest.strike, likeliest.cluster
    return Sighting(
        type="pin_risk",
        magnitude=likeliest.score,
        enter=rules.enter,
        leave=rules.leave,
        title=f"Spot may be pinned at {shown(strike)} into the close",
        key=named(strike),
        dwell=rules.dwell,
        cooldown_s=rules.cooldown_s,
        ending=f"Spot is no longer held at {shown(strike)}",
        evidence={
            "score": moment.fact(likeliest.score, "score"),
            "strike": moment.fact(strike, "points"),
            "distance": moment.fact(strike - moment.tick.spot, "points"),
            "share": moment.fact(cluster.share, "share"),
            "ratio": moment.fact(cluster.ratio, "ratio"),
            "long_share": moment.fact(_long_share(cluster), "share"),
            "move_left": moment.fact(picture.move.straddle, "points"),
            "to_settlement": moment.fact(round(picture.move.years * MINUTES_A_YEAR, 1), "minutes"),
        },
    )


DETECTOR = Detector(
    name="pin",
    version=2,
    method="distance to the heaviest strike of a cluster in remaining expected moves, times its long share of gross exposure",
    memory=Memory,
    watch=watch,
)
