"""What detectors of the chain share: which chain a memory is of, which numbers may be used, and strikes. Pure."""

import math
from collections.abc import Mapping

import numpy as np

from marketswarm.maths.normal import Floats
from marketswarm.model.event import Fact
from marketswarm.vigil.sighting import Moment

_NEIGHBOURS = 10


def scope_of(moment: Moment) -> str:
    """What a memory holds for: one chain on one day. Of another nothing may be concluded."""
    chain = str(moment.chain) if moment.chain is not None else "no chain"
    return f"{chain} on {moment.session.day}"


def is_expiring(moment: Moment) -> bool:
    """Whether the chain in force settles in this session."""
    return moment.chain is not None and moment.chain.expiration.isoformat() == moment.session.day


def is_known(value: float | None) -> bool:
    """Whether it is a number that can be used."""
    return value is not None and math.isfinite(value)


def facts(moment: Moment, numbers: Mapping[str, tuple[float | None, str]]) -> dict[str, Fact]:
    """Name → number and unit, as evidence of the chain as it was quoted; what is not known is left out.

    Its time is that of the newest quote behind the picture, as in the published levels: on a delayed plan not the tick's.
    """
    quoted_ms = moment.picture.quality.quoted_ms if moment.picture is not None else 0
    return {
        name: Fact(value=value, unit=unit, as_of=quoted_ms or moment.tick.ts)
        for name, (value, unit) in numbers.items()
        if value is not None and math.isfinite(value)
    }


def step_near(strikes: Floats, centre: float) -> float | None:
    """The usual distance in points between neighbours among the ten strikes nearest to a place; None when there is one only."""
    at = int(np.searchsorted(strikes, centre))
    first = max(0, min(at - _NEIGHBOURS // 2, strikes.size - _NEIGHBOURS))
    apart = np.diff(strikes[first : first + _NEIGHBOURS])
    apart = apart[apart > 0]
    return float(np.median(apart)) if apart.size else None


def nearest(strikes: Floats, centre: float) -> float:
    """The listed strike nearest to a place, the lower of two; there is at least one."""
    return float(strikes[int(np.argmin(np.abs(strikes - centre)))])
