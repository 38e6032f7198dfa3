"""From what waits to what is stored: takes the latest states, makes their patches, and hands them to the store.

What only tells of other sizes at the same prices waits a little longer. A store that is slow gets more time between two
flushes: fewer intermediate states are written then, and none of the last is lost.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import structlog

from marketswarm.chain.conflate import Conflator, Latest
from marketswarm.chain.patches import changes_of
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.stored import Applied, ChainChanges, Change, StoreRefusal
from marketswarm.clock import Clock
from marketswarm.errors import StoreUnavailable
from marketswarm.model.chain import ChainId
from marketswarm.ports import BadFrames

log = structlog.get_logger("marketswarm.stream")

Extra = Callable[[ChainId, Sequence[Latest]], Sequence[Change]]
"""What else is to be written of a chain that is held, told which of its contracts are being flushed; there may be none."""

_SIZES_WINDOWS, _SIZES_LONGEST_S = 5, 0.25
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
    """What became of one chain's changes.

    Attributes:
        outcome: what each batch did, or why none was taken.
        lags_s: for how long each of its contracts had been there.
        crossed: quotes among them whose bid is above their ask: the vendor's word, stored without a mid.
    """

    chain: ChainId
    outcome: list[Applied] | StoreRefusal
    lags_s: list[float]
    crossed: int = 0


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
        self._took_s = 0.0
        self._refused: Counter[str] = Counter()
        self._samples: dict[str, Change] = {}
        self.window_s = window_s

    @property
    def is_widened(self) -> bool:
        """Whether the window is wider than it was set, because the store is slow."""
        return self.window_s > self._least_s

    def flush(self, rights: Mapping[ChainId, Right], *, everything: bool = False) -> list[Flushed]:
        """Write what waits of these chains. What was refused for now waits again.

        Args:
            rights: what is shown for each chain that may be written.
            everything: also what might wait longer.

        Raises:
            StoreUnavailable: nothing is lost, all of it waits again.
        """
        began_s = self._clock.monotonic_s()
        waiting = self._take(rights, began_s, 0.0 if everything else self._sizes_wait_s())
        try:
            work = self._work(waiting, rights)
            outcomes = self._store.apply_all(work) if work else []
        except StoreUnavailable:
            for contracts in waiting.values():
                self._conflator.back(contracts)
            raise
        done_s = self._clock.monotonic_s()
        if work:
            self._pace(done_s - began_s)
        return [
            self._note(Flushed(changes.chain, outcome, []), waiting.get(changes.chain, []), done_s)
            for changes, outcome in zip(work, outcomes, strict=True)
        ]

    def take_refused(self) -> BadFrames:
        """What the store could not use since the last call, with the first of each reason."""
        samples = [(reason, repr(change)) for reason, change in self._samples.items()]
        refused = BadFrames(dict(self._refused), samples)
        self._refused, self._samples = Counter(), {}
        return refused

    def _sizes_wait_s(self) -> float:
        """How long other sizes at the same prices wait at least: another flush, a little late, would be too late for them."""
        return min(_SIZES_WINDOWS * self.window_s, _SIZES_LONGEST_S) - 1.5 * self.window_s

    def _take(
        self, rights: Mapping[ChainId, Right], now_s: float, sizes_wait_s: float
    ) -> dict[ChainId, list[Latest]]:
        taken = {}
        for chain, contracts in self._conflator.take(now_s, sizes_wait_s):
            if chain in rights:
                taken[chain] = contracts
            else:
                self._conflator.back(contracts)
        return taken

    def _work(
        self, waiting: Mapping[ChainId, list[Latest]], rights: Mapping[ChainId, Right]
    ) -> list[ChainChanges]:
        work = []
        for chain, right in rights.items():
            contracts = waiting.get(chain, [])
            changes = [change for latest in contracts for change in changes_of(latest)]
            changes += self._extra(chain, contracts)
            if changes:
                work.append(ChainChanges(chain, right.epoch, right.fence, changes))
        return work

    def _note(self, flushed: Flushed, contracts: list[Latest], done_s: float) -> Flushed:
        if not isinstance(flushed.outcome, list):
            self._conflator.back(contracts)
            return flushed
        crossed = sum(map(_is_crossed, contracts))
        self._conflator.flushed(contracts)
        for refused in (refused for batch in flushed.outcome for refused in batch.refused):
            self._refused[refused.word.lower()] += refused.number
            self._samples.setdefault(refused.word.lower(), refused.first)
        return flushed._replace(lags_s=[done_s - latest.arrived_s for latest in contracts], crossed=crossed)

    def _pace(self, took_s: float) -> None:
        """Leave at least as much time for reading as flushing takes; say when that begins and ends."""
        self._took_s += _NEWEST_SHARE * (took_s - self._took_s)
        wanted_s = min(_TIMES_A_FLUSH * self._took_s, _WIDEST_S)
        was_widened = self.is_widened
        self.window_s = wanted_s if wanted_s > max(self._least_s, _LEAST_WIDENED_S) else self._least_s
        if self.is_widened != was_widened:
            words = "store slow, flush window widened" if self.is_widened else "flush window as set again"
            log.warning(words, window_ms=self.window_ms)

    @property
    def window_ms(self) -> int:
        """The window in force."""
        return round(self.window_s * 1000)


def _is_crossed(latest: Latest) -> bool:
    quote = latest.quote
    return latest.quote_waits and quote is not None and quote.bid > quote.ask > 0
