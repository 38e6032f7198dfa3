"""From what waits to what is stored: takes the latest states, makes their patches, and hands them to the store.

A store that is slow gets more time between two flushes: fewer intermediate states are written then, and none of the last.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import structlog

from marketswarm.chain.conflate import Conflator, Latest
from marketswarm.chain.patches import changes_of
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.stored import Applied, Change
from marketswarm.clock import Clock
from marketswarm.errors import ChainMissing, EpochChanged, ScriptRefused, StoreUnavailable, WriterFenced
from marketswarm.model.chain import ChainId

log = structlog.get_logger("marketswarm.stream")

Extra = Callable[[ChainId, Sequence[Latest]], Sequence[Change]]
"""What else is to be written of a chain that is held, told which of its contracts are being flushed; there may be none."""

_WIDEST_S = 1.0
_LEAST_WIDENED_S = 0.02  # below that no flush is called slow, however short the window
_TIMES_A_FLUSH = 2.0
_NEWEST_SHARE = 0.25  # of the last flush in the smoothed time of all


def no_extra(_chain: ChainId, _contracts: Sequence[Latest]) -> Sequence[Change]:
    """Nothing beside what the feed brought."""
    return ()


class Right(NamedTuple):
    """What a writer must show: the set of contracts that it knows, and its fencing token."""

    epoch: int
    fence: int


class Flushed(NamedTuple):
    """What became of one chain's changes: what each batch did, or why none was taken; and the lags of its contracts."""

    chain: ChainId
    outcome: list[Applied] | ScriptRefused
    lags_s: list[float]


class Flusher:
    """Writes what waits in a conflator.

    Args:
        window_s: the least time between two flushes.
        extra: gives further changes of a chain that is being flushed.
    """

    def __init__(
        self,
        conflator: Conflator,
        store: RedisChainStore,
        clock: Clock,
        *,
        window_s: float,
        extra: Extra = no_extra,
    ) -> None:
        self._conflator = conflator
        self._store = store
        self._clock = clock
        self._least_s = window_s
        self._extra = extra
        self._flush_s = 0.0
        self.window_s = window_s

    @property
    def is_widened(self) -> bool:
        """Whether the window is wider than it was set, because the store is slow."""
        return self.window_s > self._least_s

    def flush(self, rights: Mapping[ChainId, Right]) -> list[Flushed]:
        """Write what waits of these chains. What was refused for now waits again.

        Raises:
            StoreUnavailable: nothing is lost, all of it waits again.
        """
        began_s = self._clock.monotonic_s()
        waiting = {chain: contracts for chain, contracts in self._conflator.take() if chain in rights}
        try:
            done = self._write(waiting, rights)
        except StoreUnavailable:
            for contracts in waiting.values():
                self._conflator.back(contracts)
            raise
        if done:
            self._pace(self._clock.monotonic_s() - began_s)
        return done

    def _write(
        self, waiting: Mapping[ChainId, list[Latest]], rights: Mapping[ChainId, Right]
    ) -> list[Flushed]:
        done = []
        for chain, right in rights.items():
            contracts = waiting.get(chain, [])
            changes = [change for latest in contracts for change in changes_of(latest)]
            changes += self._extra(chain, contracts)
            if changes:
                done.append(self._write_chain(chain, right, contracts, changes))
        return done

    def _write_chain(
        self, chain: ChainId, right: Right, contracts: list[Latest], changes: list[Change]
    ) -> Flushed:
        try:
            outcome = self._store.apply(chain, right.epoch, right.fence, changes)
        except (ChainMissing, EpochChanged, WriterFenced) as refusal:
            self._conflator.back(contracts)
            return Flushed(chain, refusal, [])
        self._conflator.flushed(contracts)
        done_s = self._clock.monotonic_s()
        return Flushed(chain, outcome, [done_s - latest.arrived_s for latest in contracts])

    def _pace(self, took_s: float) -> None:
        """Leave at least as much time for reading as flushing takes; say when that begins and ends."""
        self._flush_s += _NEWEST_SHARE * (took_s - self._flush_s)
        wanted_s = min(_TIMES_A_FLUSH * self._flush_s, _WIDEST_S)
        was_widened = self.is_widened
        self.window_s = wanted_s if wanted_s > max(self._least_s, _LEAST_WIDENED_S) else self._least_s
        if self.is_widened != was_widened:
            words = "store slow, flush window widened" if self.is_widened else "flush window as set again"
            log.warning(words, window_ms=self.window_ms)

    @property
    def window_ms(self) -> int:
        """The window in force."""
        return round(self.window_s * 1000)
