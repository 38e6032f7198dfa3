"""`expiry_roll`: another expiration is in force."""

from datetime import date

from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field

from marketswarm.vigil.sighting import Detector, Moment, Sighting


class Thresholds(BaseModel):
    """When it is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cooldown_s: float = Field(
        default=300, ge=0, le=7200, description="seconds until the same expiration is told again"
    )


class Memory(Struct, frozen=True):
    """The expiration that was in force last; None before the first."""

    expiration: date | None = None


def watch(memory: Memory, moment: Moment) -> tuple[Memory, tuple[Sighting, ...] | None]:
    """Whether the chain has changed; where none is in force for a while, the last one is what it is compared with."""
    if moment.chain is None:
        return memory, None
    before, now = memory.expiration, moment.chain.expiration
    if before is None or before == now:
        return Memory(now), ()
    return Memory(now), (_rolled(before, now, moment),)


def _rolled(before: date, now: date, moment: Moment) -> Sighting:
    rules: Thresholds = moment.thresholds
    return Sighting(
        type="expiry_roll",
        magnitude=1.0,
        enter=1.0,
        leave=1.0,
        title=f"Chain of {before.isoformat()} retired, {now.isoformat()} in force",
        key=now.isoformat(),
        cooldown_s=rules.cooldown_s,
        is_pulse=True,
        evidence={
            "from": moment.fact(before.isoformat(), "date"),
            "to": moment.fact(now.isoformat(), "date"),
        },
    )


DETECTOR = Detector(
    name="roll",
    version=1,
    method="expiration in force, compared with that of the tick before",
    memory=Memory,
    watch=watch,
    needs_chain=False,
)
