"""What became of a poll. Pure."""

from dataclasses import dataclass
from typing import Final

_LEAST_ALLOWED_S: Final = 20.0
_ALLOWED_TIMES: Final = 3


@dataclass(frozen=True, slots=True)
class Poll:
    """What became of the last poll of one symbol's chains.

    Attributes:
        ts: when it was begun, ms.
        every_s: the pace.
        polled_ms: when the last one that came was stored; 0: none did yet.
        contracts: how many rows it brought, and `quotes` how many of them with a quote.
        quoted_ms: vendor time of the newest quote among them; 0: no quote.
        changed: contracts that it changed.
        again_ms: not before that, because the vendor asked for it.
        error: why nothing came; empty when something did.
    """

    ts: int = 0
    every_s: int = 5
    polled_ms: int = 0
    contracts: int = 0
    quotes: int = 0
    quoted_ms: int = 0
    changed: int = 0
    again_ms: int = 0
    error: str = ""

    @property
    def allowed_s(self) -> float:
        """How old what it brought may be before the chain is stale."""
        return max(_LEAST_ALLOWED_S, float(_ALLOWED_TIMES * self.every_s))
