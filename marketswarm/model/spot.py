"""The price of one underlying at one moment."""

from dataclasses import dataclass, field
from typing import Literal

SpotMethod = Literal["unified", "indices", "stocks", "chain", "previous", "parity"]


@dataclass(frozen=True, slots=True)
class SpotReading:
    """What the provider says of one symbol's spot.

    Attributes:
        as_of: the provider's own time of the price, ms since the epoch; None when it gives none.
        method: which source of the fallback list answered.
        delayed: the provider marks it as delayed.
        stale: a price of an earlier session.
    """

    symbol: str
    spot: float
    as_of: int | None
    method: SpotMethod
    delayed: bool = False
    stale: bool = False


@dataclass(frozen=True, slots=True)
class SpotReadings:
    """One look at several symbols: what was found, and why the rest was not.

    `unsure`: symbols of which a source could not be reached, so that the next look may find more.
    """

    found: dict[str, SpotReading]
    failed: dict[str, str] = field(default_factory=dict)
    unsure: frozenset[str] = frozenset()
