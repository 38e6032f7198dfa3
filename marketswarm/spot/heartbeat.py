"""Operation 3: the heartbeat. One tick is one slot of ten seconds of the wall clock, for all symbols in one call.

A slot that cannot be served in time is missed and counted; it is never filled in later with another moment's price.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from marketswarm.clock import Clock
from marketswarm.errors import BadArgument, NoSpot
from marketswarm.model.chain import Source
from marketswarm.ports import MarketData
from marketswarm.spot.redis_spots import RedisSpots

PERIOD_MS = 10_000
_SKEW_ALLOWED_MS = 1_000  # beat's clock may be this far ahead of the worker's
LATEST_MS = 5_000  # a tick that starts later than this belongs to no slot any more


@dataclass(frozen=True, slots=True)
class TickReport:
    """What one tick did.

    Attributes:
        slot: the slot's time, ms, a multiple of 10,000.
        published: symbols that got an entry.
        refused: symbols whose slot was taken already, or all of them when the tick came too late.
        missed: slots skipped since the last entries, over all symbols.
        failed: symbol → why there was no spot.
        drifted: symbols with a window that has to move.
        symbols: those with a new tick, when there are any.
    """

    slot: int
    published: int
    refused: int
    missed: int
    failed: dict[str, str] = field(default_factory=dict)
    drifted: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "slot": self.slot,
            "published": self.published,
            "refused": self.refused,
            "missed": self.missed,
            "failed": self.failed,
            "drifted": list(self.drifted),
        }


class Heartbeat:
    """Publishes the spots of all symbols, slot by slot.

    Args:
        drifted: symbol → spot in, the symbols with a window that has to move out.
    """

    def __init__(
        self,
        market: MarketData,
        spots: RedisSpots,
        clock: Clock,
        *,
        symbols: Sequence[str],
        source: Source,
        drifted: Callable[[Mapping[str, float]], Collection[str]],
    ) -> None:
        self._market = market
        self._spots = spots
        self._clock = clock
        self._symbols = tuple(symbols)
        self._source = source
        self._drifted = drifted

    def tick(self, slot: int | None = None) -> TickReport:
        """Serve one slot; the running one unless told which.

        Raises:
            BadArgument: for a slot that is no multiple of 10,000 or lies in the future.
            NoSpot: when no symbol has a spot.
            ProviderError, StoreError: nothing is published.
        """
        now_ms = self._clock.now_ms()
        slot = now_ms // PERIOD_MS * PERIOD_MS if slot is None else _checked(slot, now_ms)
        if now_ms - slot >= LATEST_MS or self._is_taken(slot):
            return TickReport(slot, 0, len(self._symbols), 0)
        readings = self._market.spots(self._symbols)
        if not readings.found:
            raise NoSpot(
                ", ".join(self._symbols), "; ".join(f"{name}: {why}" for name, why in readings.failed.items())
            )
        done = self._spots.publish(slot, self._source, list(readings.found.values()))
        spots = {name: reading.spot for name, reading in readings.found.items()}
        drifted, symbols = (tuple(self._drifted(spots)), tuple(spots)) if done.published else ((), ())
        return TickReport(slot, done.published, done.refused, done.missed, readings.failed, drifted, symbols)

    def _is_taken(self, slot: int) -> bool:
        taken = int(self._spots.heartbeat().get("slot", 0))
        return taken >= slot


def _checked(slot: int, now_ms: int) -> int:
    whole = isinstance(slot, int) and not isinstance(slot, bool) and slot > 0 and slot % PERIOD_MS == 0
    if not whole or slot > now_ms + _SKEW_ALLOWED_MS:
        raise BadArgument("slot", slot, "ms since the epoch, a multiple of 10,000, not in the future")
    return slot
