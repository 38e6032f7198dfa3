"""What Vigil says of a market: an event, told once when it begins, when it changes its weight, and when it is over."""

from datetime import date
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

Number = int | float

EventType = Literal[
    "cluster_formed",
    "cluster_shifted",
    "cluster_dissolved",
    "spot_in_cluster",
    "spot_jump",
    "volatility_burst",
    "jump_risk",
    "smile_break",
    "drift",
    "key_strike",
    "regime",
    "flip_cross",
    "wall_moved",
    "pin_risk",
    "expected_move",
    "expiry_roll",
    "data_quality",
    "digest",
]
EVENT_TYPES: tuple[EventType, ...] = get_args(EventType)

EventState = Literal["enter", "update", "exit"]
Direction = Literal["up", "down", ""]
Importance = Literal["info", "notice", "warning", "critical"]

_BANDS: tuple[tuple[int, Importance], ...] = ((80, "critical"), (60, "warning"), (40, "notice"), (0, "info"))


class Fact(BaseModel):
    """One number behind an event.

    Attributes:
        unit: `points`, `USD per 1 % move`, `share`, `sigmas`, `expected moves`, `vol points`, `seconds`, …
        as_of: when it was so, ms since the epoch.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    value: Number | str
    unit: str
    as_of: int


class Event(BaseModel):
    """One event of one symbol.

    Attributes:
        id: of this telling; the same input gives the same id, whoever evaluates it and whenever.
        episode: id of the telling with which it began; `update` and `exit` carry it, too.
        key: what it is about, such as a strike or `skew`; empty where the type says it all.
        severity: 0 to 100; 50 is a magnitude just at its threshold, and each further threshold halves what is left to 100.
        ts: the slot at which it was seen, ms since the epoch.
        method: how it was found, in a few words.
        version: of the detector.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    id: str
    episode: str
    type: EventType
    symbol: str
    expiration: date | None = None
    state: EventState
    direction: Direction = ""
    key: str = ""
    severity: int = Field(ge=0, le=100)
    importance: Importance
    ts: int
    title: str
    evidence: dict[str, Fact] = {}
    method: str
    version: int


def importance_of(severity: int) -> Importance:
    """The band that a severity falls into."""
    return next(name for least, name in _BANDS if severity >= least)
