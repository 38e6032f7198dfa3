"""`drift`: spot has moved by a share of the expected move from where the last drift of that size left it.

Each size has an anchor of its own, which is set anew whenever spot is that far from it, told or not. The large sizes are always told.
The two small ones are reached by chance many times a day, so they are told only when the move is a trend: swift, made within the time
that options give a move of that size, and straight, with most of its minutes going one way; and only when nothing as large was told
in that direction of late. Of several sizes at one tick the largest is told.
"""

import math
from collections.abc import Mapping
from typing import Final

import numpy as np
from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field, model_validator

from marketswarm.vigil.sighting import Detector, Moment, Sighting
from marketswarm.vigil.spot_path import SpotPath, in_session, move_measure, session_path

SIZES: Final = ("micro", "meso", "macro", "extreme")
_SMALL: Final = ("micro", "meso")
_MINUTE_MS: Final = 60_000


class Thresholds(BaseModel):
    """Sizes, as shares of the expected move of the open, and what makes a small one a trend."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    micro: float = Field(default=0.15, gt=0, le=5, description="share of the expected move")
    meso: float = Field(default=0.25, gt=0, le=5, description="share of the expected move")
    macro: float = Field(default=0.50, gt=0, le=5, description="share of the expected move")
    extreme: float = Field(default=1.0, gt=0, le=5, description="share of the expected move")
    straightness: float = Field(
        default=0.7,
        ge=0,
        le=1,
        description="least way over path of micro and meso, in minute steps; 0 asks for none",
    )
    straight_minutes: int = Field(default=10, ge=3, le=50, description="minutes over which it is straight")
    swiftness: float = Field(
        default=1.5,
        ge=0,
        le=5,
        description="least speed of micro and meso, 1 is what options price; 0 asks for none",
    )
    calm_s: float = Field(
        default=1_800,
        ge=0,
        le=23_400,
        description="seconds after a drift in which no micro or meso of its direction is told",
    )
    cooldown_s: float = Field(default=300, ge=0, le=7200, description="seconds until the same is told again")

    @model_validator(mode="after")
    def _sizes_ascend(self) -> "Thresholds":
        sizes = [getattr(self, size) for size in SIZES]
        if sizes != sorted(set(sizes)):
            raise ValueError(
                f"micro, meso, macro, extreme are {sizes}; each must be larger than the one before"
            )
        return self


class Memory(Struct, frozen=True):
    """What is known of that day's drifts.

    Attributes:
        anchors: size → where its last drift left spot, points.
        told: `size:direction` → when it was last told, ms.
    """

    day: str = ""
    anchors: Mapping[str, float] = {}
    told: Mapping[str, int] = {}


def watch(memory: Memory, moment: Moment) -> tuple[Memory, tuple[Sighting, ...] | None]:
    """The largest drift that is complete at this moment."""
    if not in_session(moment):
        return memory, ()
    path, move = session_path(moment), move_measure(moment)
    if path is None:
        return memory, None
    spot = moment.tick.spot
    if memory.day != moment.session.day:
        memory = Memory(day=moment.session.day, anchors=dict.fromkeys(SIZES, spot))
    if move is None:
        return memory, None
    shares = {size: getattr(moment.thresholds, size) for size in SIZES}
    reached = [size for size in SIZES if abs(spot - memory.anchors[size]) >= shares[size] * move]
    worth = [size for size in reached if size not in _SMALL or _is_news(path, memory, size, moment, move)]
    sightings = tuple(_sighting(memory, size, moment, move) for size in worth[-1:])
    left = Memory(
        day=memory.day,
        anchors={**memory.anchors, **dict.fromkeys(reached, spot)},
        told={**memory.told, **{f"{one.key}:{one.direction}": moment.tick.ts for one in sightings}},
    )
    return left, sightings


def _is_news(path: SpotPath, memory: Memory, size: str, moment: Moment, move: float) -> bool:
    """Whether a small drift is a trend, and none as large was told in its direction of late."""
    rules: Thresholds = moment.thresholds
    upward = moment.tick.spot > memory.anchors[size]
    as_large = SIZES[SIZES.index(size) :]
    told = [memory.told.get(f"{one}:{'up' if upward else 'down'}", 0) for one in as_large]
    if moment.tick.ts - max(told) < rules.calm_s * 1_000:
        return False
    share = getattr(rules, size)
    return _is_swift(path, share, moment, move, upward=upward) and _is_straight(path, rules, moment)


def _is_swift(path: SpotPath, share: float, moment: Moment, move: float, *, upward: bool) -> bool:
    """Whether the move fits into the time after which options price one of that size: a session's times its share squared."""
    swiftness = moment.thresholds.swiftness
    if not swiftness:
        return True
    session = moment.session
    allowed_ms = (session.close_ms - session.open_ms) * (share / swiftness) ** 2
    spots = path.spots[path.times >= moment.tick.ts - allowed_ms]
    way = moment.tick.spot - spots.min() if upward else spots.max() - moment.tick.spot
    return bool(way >= share * move)


def _is_straight(path: SpotPath, rules: Thresholds, moment: Moment) -> bool:
    """P. J. Kaufman's efficiency ratio: way over path, in steps of a minute."""
    if not rules.straightness:
        return True
    minutes = moment.tick.ts - _MINUTE_MS * np.arange(rules.straight_minutes, -1, -1)
    if path.times[0] > minutes[0]:
        return False
    spots = path.spots[np.searchsorted(path.times, minutes, side="right") - 1]
    walked = float(np.abs(np.diff(spots)).sum())
    return walked > 0 and abs(float(spots[-1] - spots[0])) >= rules.straightness * walked


def _sighting(memory: Memory, size: str, moment: Moment, move: float) -> Sighting:
    """Magnitude 1 is a micro drift; one of four times its size weighs twice as much."""
    rules: Thresholds = moment.thresholds
    anchor, spot = memory.anchors[size], moment.tick.spot
    share = (spot - anchor) / move
    way = "up" if spot > anchor else "down"
    return Sighting(
        type="drift",
        magnitude=math.sqrt(abs(share) / rules.micro),
        enter=1.0,
        leave=1.0,
        title=f"Spot drifted {way} {abs(spot - anchor):.4g} points, {abs(share):.2f} expected moves",
        key=size,
        direction="up" if spot > anchor else "down",
        cooldown_s=rules.cooldown_s,
        is_pulse=True,
        evidence={
            "change": moment.fact(spot - anchor, "points"),
            "moves": moment.fact(share, "expected moves"),
            "anchor": moment.fact(anchor, "points"),
            "move_open": moment.fact(move, "points"),
        },
    )


DETECTOR = Detector(
    name="drift",
    version=1,
    method="way from an anchor in shares of the expected move, small ones by speed and efficiency ratio",
    memory=Memory,
    watch=watch,
    needs_chain=False,
)
