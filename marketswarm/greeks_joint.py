"""Joins greeks to calendar, store and spots; apart from `wiring.py`, so that only those who value chains import numpy."""

from marketswarm.chain.load_greeks import LoadGreeks
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.valuer import ChainValuer, Spot
from marketswarm.clock import Clock
from marketswarm.maths.calendar import SessionCalendar
from marketswarm.maths.settlement import settlement_ms
from marketswarm.model.chain import ChainId
from marketswarm.spot.redis_spots import RedisSpots


class GreeksJoint:
    """Makes what values rows of loads, and chains that are streamed."""

    def __init__(
        self, store: RedisChainStore, spots: RedisSpots, calendar: SessionCalendar, clock: Clock
    ) -> None:
        self._store = store
        self._spots = spots
        self._calendar = calendar
        self._clock = clock

    def load_greeks(self) -> LoadGreeks:
        """For a loader."""
        return LoadGreeks(self._store, self._clock, settles_ms=self.settles_ms)

    def valuer(self) -> ChainValuer:
        """For a stream."""
        return ChainValuer(self._clock, settles_ms=self.settles_ms, spot_of=self.spot_of)

    def settles_ms(self, chain: ChainId, root: str) -> int:
        """When a root of a chain settles, ms since the epoch."""
        return settlement_ms(self._calendar, root, chain.expiration)

    def spot_of(self, chain: ChainId) -> Spot | None:
        """The newest spot known of a chain and its time: the heartbeat's last, or that of the chain's last load."""
        tick, meta = self._spots.last(chain.symbol), self._store.meta(chain)
        known = [(int(tick["ts"]), float(tick["spot"]))] if tick else []
        known += [(meta.loaded_ms, meta.spot)] if meta else []
        if not known:
            return None
        ts, spot = max(known)
        return spot, ts
