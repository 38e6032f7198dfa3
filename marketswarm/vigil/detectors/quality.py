"""`data_quality`: nothing can be concluded from the chain, because it is not live or its numbers cannot be trusted.

While it lasts all other detectors of the chain are blind, so that this one looks at what they are not shown.
"""

from typing import Final

from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field

from marketswarm.vigil.evidence import facts, is_expiring
from marketswarm.vigil.picture import Quality
from marketswarm.vigil.sighting import Detector, Moment, Sighting

_GOOD_AGAIN: Final = "Levels are computed again"


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
    if is_live and moment.quality is None:
        return memory, None
    reason = _reason(moment)
    return memory, (_sighting(reason, moment),)


def _is_settling(moment: Moment) -> bool:
    rules: Thresholds = moment.thresholds
    left = moment.session.minutes_to_close(moment.tick.ts)
    return is_expiring(moment) and left < rules.quiet_before_settlement_min


def _reason(moment: Moment) -> str:
    """Why nothing can be concluded; empty when something can."""
    if moment.chain_state not in {"", "live"}:
        return f"chain is {moment.chain_state}"
    return moment.quality.degraded.replace("-", " ") if moment.quality is not None else ""


def _sighting(reason: str, moment: Moment) -> Sighting:
    rules: Thresholds = moment.thresholds
    quality = moment.quality
    evidence = {"reason": moment.fact(reason, "text")} if reason else {}
    if quality is not None:
        numbers = {
            "coverage": (quality.coverage, "share"),
            "stale": (quality.stale_share, "share"),
            "age": (_age_s(quality, moment), "seconds"),
        }
        evidence |= facts(moment, numbers)
    return Sighting(
        type="data_quality",
        magnitude=1.0 + _unknown(quality) if reason else 0.0,
        enter=1.0,
        leave=1.0,
        title=f"Levels paused: {reason}"[:60] if reason else _GOOD_AGAIN,
        dwell=rules.dwell,
        cooldown_s=rules.cooldown_s,
        ending=_GOOD_AGAIN,
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
    version=1,
    method="state of the chain, coverage by open interest, and age of quotes",
    memory=Memory,
    watch=watch,
    needs_chain=False,
)
