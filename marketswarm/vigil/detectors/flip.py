"""`flip_cross`: spot has gone over to the other side of the gamma flip and stays there.

The session's own side is the sign of the gamma profile where spot first stands clearly beside a flip. Crossing into the other sign
begins an event, with the way as direction; it ends when spot is clearly back. So one crossing is told once, and the way back is its
end. A profile may have several flips: that another one is the nearest now is no crossing.
"""

from math import isfinite
from typing import Final

from msgspec import Struct
from msgspec.structs import replace
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
    """Sign of the gamma in which the day's spot first stood clearly beside a flip: 1, -1, or 0 not yet known."""

    day: str = ""
    home: int = 0


def watch(memory: Memory, moment: Moment) -> tuple[Memory, tuple[Sighting, ...] | None]:
    """How far spot is on the other side of the flip."""
    if not in_session(moment):
        return memory, ()
    spot, move = moment.tick.spot, move_measure(moment)
    sign = moment.marks.gamma_sign(spot)
    if not sign or move is None:
        return memory, None
    rules: Thresholds = moment.thresholds
    if memory.day != moment.session.day:
        memory = Memory(day=moment.session.day)
    flips = [flip for flip in moment.marks.crossings if is_price(flip)]
    if not flips:
        return memory, () if sign == memory.home else None
    flip = min(flips, key=lambda level: abs(level - spot))
    above = (spot - flip) / move
    if not memory.home:
        return replace(memory, home=sign if abs(above) >= rules.beyond else 0), ()
    return memory, (_sighting(flip, above, memory.home, sign, moment),)


def _sighting(flip: float, above: float, home: int, sign: int, moment: Moment) -> Sighting:
    rules: Thresholds = moment.thresholds
    beyond = abs(above) if sign != home else -abs(above)
    upward = (above > 0) == (sign != home)
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
        title=f"Spot is {'above' if upward else 'below'} the gamma flip at {shown(round(flip, 1))}",
        direction="up" if upward else "down",
        dwell=rules.dwell,
        cooldown_s=rules.cooldown_s,
        ending=f"Spot is back in {'positive' if home > 0 else 'negative'} gamma",
        evidence=evidence,
    )


DETECTOR = Detector(
    name="flip",
    version=2,
    method="spot against the zeros of the repriced gamma profile, in shares of the expected move",
    memory=Memory,
    watch=watch,
    needs_chain=False,
)
