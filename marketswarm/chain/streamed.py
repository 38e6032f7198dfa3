"""One symbol in the stream: from the right to write it, over its load and its subscription, to a chain that may be called live."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from marketswarm.chain.meter import Meter
from marketswarm.chain.stored import Universe
from marketswarm.clock import Clock
from marketswarm.model.chain import ChainId, ChainState, LoadReason
from marketswarm.ports import FeedStatus


@dataclass(slots=True)
class StreamedSymbol:
    """What the stream knows of one symbol that it may write."""

    symbol: str
    fence: int
    wants_load_after_ms: int
    wants_load: LoadReason | None = "startup"
    asked_s: float = float("-inf")
    chains: dict[ChainId, Universe] = field(default_factory=dict)
    seam_closed: bool = False
    ever_live: bool = False
    confirmed_epoch: int = 0
    marked: dict[ChainId, ChainState] = field(default_factory=dict)
    gaps: int = 0
    applied: int = 0
    stale: int = 0
    meter: Meter = field(default_factory=Meter)
    updates_seen: int = 0

    def see(self, universes: Sequence[Universe], now_ms: int) -> None:
        """Take note of what is stored now, the chain in force first; before the load of the start it is not ours yet."""
        if self.wants_load == "startup" and not self._is_loaded(universes):
            self.chains = {}
            return
        self.chains = {universe.chain: universe for universe in universes}
        self.marked = {universe.chain: universe.state for universe in universes}
        if not universes and self.wants_load is None:
            self.want_repair(now_ms)
        elif self.wants_load is not None and self._is_loaded(universes):
            self.seam_closed = self.wants_load != "startup"
            self.wants_load = None

    def confirm(self, now_ms: int) -> None:
        """Every contract is subscribed."""
        self.confirmed_epoch = max((seen.epoch for seen in self.chains.values()), default=0)
        if self.chains and not self.seam_closed and self.wants_load is None:
            self._want_load("gap" if self.ever_live else "audit", now_ms)

    def interrupt(self, *, was_connected: bool) -> None:
        """Updates may be missing from here on; what was asked for before does not repair it."""
        self.gaps += was_connected
        self.seam_closed = False
        if self.wants_load != "startup":
            self.wants_load = None

    def want_repair(self, now_ms: int) -> None:
        """Ask for a load because what is stored cannot be trusted."""
        self.seam_closed = False
        self._want_load("gap" if self.ever_live else "startup", now_ms)

    def report(self, clock: Clock, state: ChainState, updates: int, feed: FeedStatus) -> dict[str, Any]:
        """What is said of the symbol each second, as plain values; `updates` counts since the stream began."""
        now_s = clock.monotonic_s()
        self.meter.count(now_s, max(0, updates - self.updates_seen))
        self.updates_seen = updates
        return {
            "state": state,
            "feed": feed.state,
            "detail": feed.detail,
            "updates_per_s": self.meter.per_second(now_s),
            "lag_ms": self.meter.take_lag_ms(),
            "gaps": self.gaps,
            "reconnects": feed.reconnects,
            "applied": self.applied,
            "stale": self.stale,
            "confirmed_epoch": self.confirmed_epoch,
            "subscribed": feed.confirmed,
            "over_budget": feed.over_budget,
            "queued_frames": feed.queued_frames,
            "ts": clock.now_ms(),
        }

    def _is_loaded(self, universes: Sequence[Universe]) -> bool:
        return bool(universes) and universes[0].loaded_ms >= self.wants_load_after_ms

    def _want_load(self, reason: LoadReason, now_ms: int) -> None:
        self.wants_load, self.wants_load_after_ms, self.asked_s = reason, now_ms, float("-inf")
