"""`data_quality`: nothing can be concluded from the chain, because it is not live or its numbers cannot be trusted.

While it lasts all other detectors of the chain are blind, so that this one looks at what they are not shown. Beside it, by key, stands
what is missing of a chain that is good otherwise: `gamma` or `move` where there are no such levels and their detectors are silent, and
`contracts` where some of them cannot be read.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field

from marketswarm.model.event import Fact
from marketswarm.vigil.evidence import facts, is_expiring
from marketswarm.vigil.picture import Quality
from marketswarm.vigil.sighting import Detector, Moment, Sighting

_GOOD_AGAIN: Final = "Levels are computed again"
_UNSEEN: Final = 0.75  # between the bands: begins nothing, ends nothing
_PARTS: Final = ("move", "gamma")  # without which detectors are silent


class Thresholds(BaseModel):
    """When it is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dwell: int = Field(
        default=3, ge=1, le=60, description="ticks in a row that are bad, and good for its end"
    )
    quiet_before_settlement_min: float = Field(
        default=2,
        ge=0,
        le=390,
        description="minutes before the close of the expiration's day without judgement",
    )
    cooldown_s: float = Field(default=60, ge=0, le=7200, description="seconds after its end")


class Memory(Struct, frozen=True):
    """Nothing: the present says all."""


def watch(memory: Memory, moment: Moment) -> tuple[Memory, tuple[Sighting, ...] | None]:
    """Whether the chain can be trusted; out of session nobody asks, and no end is told.

    Nor is a chain judged that is about to settle: its contracts lose their gamma one after the other.
    """
    if not moment.session.is_open or _is_settling(moment):
        return memory, None
    is_live = moment.chain_state in {"", "live"}
    if is_live and moment.quality is None and not moment.is_failed:
        return memory, None
    return memory, (_paused(moment), *_missing(moment))


def _is_settling(moment: Moment) -> bool:
    rules: Thresholds = moment.thresholds
    left = moment.session.minutes_to_close(moment.tick.ts)
    return is_expiring(moment) and left < rules.quiet_before_settlement_min


def _reason(moment: Moment) -> str:
    """Why nothing can be concluded; empty when something can."""
    if moment.chain_state not in {"", "live"}:
        return f"chain is {moment.chain_state}"
    if moment.is_failed:
        return "they could not be computed"
    return moment.quality.degraded.replace("-", " ") if moment.quality is not None else ""


def _paused(moment: Moment) -> Sighting:
    reason = _reason(moment)
    return _sighting(
        moment,
        magnitude=1.0 + _unknown(moment.quality) if reason else 0.0,
        title=f"Levels paused: {reason}"[:60] if reason else _GOOD_AGAIN,
        ending=_GOOD_AGAIN,
        evidence=({"reason": moment.fact(reason, "text")} if reason else {}) | _evidence(moment),
    )


def _missing(moment: Moment) -> tuple[Sighting, ...]:
    """What is missing of a chain from which something is concluded, and how many of its contracts cannot be read.

    Where that cannot be seen, what was told of it stays.
    """
    count = moment.quality.unreadable if moment.quality is not None else None
    contracts = _sighting(
        moment,
        key="contracts",
        magnitude=_UNSEEN if count is None else float(count > 0),
        title=f"{count} contract{'' if count == 1 else 's'} cannot be read",
        ending="All contracts can be read again",
        evidence={} if count is None else {"unreadable": moment.fact(count, "contracts")},
    )
    return (*(_part(name, moment) for name in _PARTS), contracts)


def _part(name: str, moment: Moment) -> Sighting:
    picture = moment.picture
    reason = "" if picture is None else picture.absent.get(name, "").replace("-", " ")
    return _sighting(
        moment,
        key=name,
        magnitude=_UNSEEN if picture is None else float(bool(reason)),
        title=f"No {name} levels: {reason}"[:60],
        ending=f"There are {name} levels again",
        evidence={"reason": moment.fact(reason, "text")} if reason else {},
    )


def _evidence(moment: Moment) -> dict[str, Fact]:
    quality = moment.quality
    if quality is None:
        return {}
    return facts(
        moment,
        {
            "coverage": (quality.coverage, "share"),
            "stale": (quality.stale_share, "share"),
            "age": (_age_s(quality, moment), "seconds"),
            "unreadable": (quality.unreadable or None, "contracts"),
        },
    )


def _sighting(
    moment: Moment, *, magnitude: float, title: str, ending: str, evidence: Mapping[str, Fact], key: str = ""
) -> Sighting:
    rules: Thresholds = moment.thresholds
    return Sighting(
        type="data_quality",
        magnitude=magnitude,
        enter=1.0,
        leave=0.5,
        title=title,
        key=key,
        dwell=rules.dwell,
        cooldown_s=rules.cooldown_s,
        ending=ending,
        evidence=evidence,
    )


def _unknown(quality: Quality | None) -> float:
    """How much of the chain is not known, 0 to 1: it makes a bad chain worse."""
    if quality is None:
        return 0.0
    return min(max(0.0, 1 - quality.coverage, quality.stale_share), 1.0)  # NaN counts as 0


def _age_s(quality: Quality, moment: Moment) -> float | None:
    """How old the newest quote is."""
    return (moment.tick.ts - quality.quoted_ms) / 1000 if quality.quoted_ms else None


DETECTOR = Detector(
    name="quality",
    version=2,
    method="state of the chain, coverage by open interest, age of quotes, and which levels there are",
    memory=Memory,
    watch=watch,
    needs_chain=False,
)
