"""`flip_cross`: spot has gone over to the other side of the gamma flip and stays there.

The session's own side is the first on which spot stands clearly. Crossing away from it begins an event, with the way as direction; it
ends when spot is clearly back. So one crossing is told once, and the way back is its end.
"""

from math import isfinite
from typing import Final, Literal

from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field

from marketswarm.vigil.sighting import Detector, Moment, Sighting
from marketswarm.vigil.spot_path import in_session, is_price, move_measure, shown

_WEIGHTIEST: Final = 2.0  # thresholds beyond the flip: further away is no stronger crossing


class Thresholds(BaseModel):
    """What makes a crossing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    beyond: float = Field(
        default=0.05,
        gt=0,
        le=1,
        description="share of the expected move beyond the flip, and back across for its end",
    )
    dwell: int = Field(default=6, ge=1, le=60, description="ticks in a row; 6 are a minute")
    cooldown_s: float = Field(default=300, ge=0, le=7200, description="seconds after its end")


class Memory(Struct, frozen=True):
    """The side on which the day's spot first stood clearly: above, below, or not yet known."""

    day: str = ""
    home: Literal["above", "below", ""] = ""


def watch(memory: Memory, moment: Moment) -> tuple[Memory, tuple[Sighting, ...] | None]:
    """How far spot is on the other side of the flip."""
    if not in_session(moment):
        return memory, ()
    flip, move = moment.marks.flip, move_measure(moment)
    if flip is None or not is_price(flip) or move is None:
        return memory, None
    rules: Thresholds = moment.thresholds
    if memory.day != moment.session.day:
        memory = Memory(day=moment.session.day)
    above = (moment.tick.spot - flip) / move
    if not memory.home:
        if abs(above) >= rules.beyond:
            memory = Memory(day=memory.day, home="above" if above > 0 else "below")
        return memory, ()
    return memory, (_sighting(flip, above, memory.home == "below", moment),)


def _sighting(flip: float, above: float, upward: bool, moment: Moment) -> Sighting:
    rules: Thresholds = moment.thresholds
    beyond = above if upward else -above
    away, home = ("above", "below") if upward else ("below", "above")
    evidence = {
        "flip": moment.chain_fact(flip, "points"),
        "distance": moment.fact(moment.tick.spot - flip, "points"),
        "moves": moment.fact(above, "expected moves"),
    }
    regime = moment.marks.regime
    if regime is not None and isfinite(regime):
        evidence["regime"] = moment.chain_fact(regime, "ratio")
    return Sighting(
        type="flip_cross",
        magnitude=min(beyond, _WEIGHTIEST * rules.beyond),
        enter=rules.beyond,
        leave=-rules.beyond,
        title=f"Spot is {away} the gamma flip at {shown(round(flip, 1))}",
        direction="up" if upward else "down",
        dwell=rules.dwell,
        cooldown_s=rules.cooldown_s,
        ending=f"Spot is back {home} the gamma flip",
        evidence=evidence,
    )


DETECTOR = Detector(
    name="flip",
    version=1,
    method="spot against the zero of the repriced gamma profile, in shares of the expected move",
    memory=Memory,
    watch=watch,
    needs_chain=False,
)
