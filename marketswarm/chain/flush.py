"""From what waits to what is stored: takes the latest states, makes their patches, and hands them to the store.

The store works while the next frames are read: a flush is begun, and its outcome is collected later.
What only tells of other sizes at the same prices waits a little longer. A store that is slow gets more time between two
flushes: fewer intermediate states are written then, and none of the last is lost.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import structlog

from marketswarm.chain.conflate import Conflator, Latest, Sent
from marketswarm.chain.patches import changes_of
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.stored import Applied, ChainChanges, Change, StoreRefusal
from marketswarm.chain.writing import Writing
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
_CLEARLY = 1.25  # as much wider, or the window does not change at all: the log would tell of every breath
_PATIENCE_S = 2.0  # then an answer is waited for, until the server's own time-out says that it is away
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
        right: what was shown for it.
        outcome: what each batch did, or why none was taken.
        lags_s: for how long each of its contracts had been there.
        crossed: quotes among them whose bid is above their ask: the vendor's word, stored without a mid.
    """

    chain: ChainId
    right: Right
    outcome: list[Applied] | StoreRefusal
    lags_s: list[float]
    crossed: int = 0


class _Part(NamedTuple):
    """One chain of a flush: what is sent of it, and when the newest update of each of its contracts had come."""

    changes: ChainChanges
    sent: list[Sent]
    arrived_s: list[float]
    crossed: int


class _UnderWay(NamedTuple):
    """A flush whose outcome is not known yet."""

    writing: Writing
    parts: list[_Part]
    began_s: float


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
        self._under_way: _UnderWay | None = None
        self._refused: Counter[str] = Counter()
        self._samples: dict[str, Change] = {}
        self.window_s = window_s

    @property
    def is_widened(self) -> bool:
        """Whether the window is wider than it was set, because the store is slow."""
        return self.window_s > self._least_s

    @property
    def is_under_way(self) -> bool:
        """Whether a flush has begun and its outcome is not known yet."""
        return self._under_way is not None

    def flush(
        self, rights: Mapping[ChainId, Right], *, everything: bool = False, wait: bool = True
    ) -> list[Flushed]:
        """Write what waits of these chains, unless another flush is still under way. What was refused for now waits again.

        Args:
            rights: what is shown for each chain that may be written.
            everything: also what might wait longer.
            wait: for the outcome; otherwise `collect` tells it.

        Raises:
            StoreUnavailable: nothing is lost, all of it waits again.
        """
        done = self.collect(wait=wait)
        if self._under_way is None:
            self._begin(rights, everything=everything)
            done += self.collect(wait=wait)
        return done

    def collect(self, *, wait: bool) -> list[Flushed]:
        """The outcome of the flush under way; nothing as long as there is none and it is not waited for.

        Raises:
            StoreUnavailable: nothing is lost, all of it waits again.
        """
        if self._under_way is None:
            return []
        writing, parts, began_s = self._under_way
        patience_s = began_s + _PATIENCE_S - self._clock.monotonic_s()
        try:
            if not wait and patience_s > 0 and not writing.is_answered():
                return []
            self._under_way = None
            outcomes = writing.outcomes()
        except StoreUnavailable:
            self._undo(parts)
            raise
        done_s = self._clock.monotonic_s()
        self._pace(done_s - began_s)
        return [self._note(part, outcome, done_s) for part, outcome in zip(parts, outcomes, strict=True)]

    def take_refused(self) -> BadFrames:
        """What the store could not use since the last call, with the first of each reason."""
        samples = [(reason, repr(change)) for reason, change in self._samples.items()]
        refused = BadFrames(dict(self._refused), samples)
        self._refused, self._samples = Counter(), {}
        return refused

    def _sizes_wait_s(self) -> float:
        """How long other sizes at the same prices wait at least: another flush, a little late, would be too late for them."""
        return min(_SIZES_WINDOWS * self.window_s, _SIZES_LONGEST_S) - 1.5 * self.window_s

    def _begin(self, rights: Mapping[ChainId, Right], *, everything: bool) -> None:
        waiting = self._take(rights, 0.0 if everything else self._sizes_wait_s())
        parts: list[_Part] = []
        writing: Writing | None = None
        began_s = 0.0
        try:
            for chain, right in rights.items():
                part = self._part(chain, right, waiting.pop(chain, []))
                if part.changes.changes:
                    parts.append(part)
                    if writing is None:
                        began_s, writing = self._clock.monotonic_s(), self._store.begin()
                    writing.send(part.changes)
        except BaseException:
            if writing is not None:
                writing.give_up()
            self._undo(parts)
            for contracts in waiting.values():
                self._conflator.back(contracts)
            raise
        self._under_way = _UnderWay(writing, parts, began_s) if writing is not None else None

    def _take(self, rights: Mapping[ChainId, Right], sizes_wait_s: float) -> dict[ChainId, list[Latest]]:
        waiting = {}
        for chain, contracts in self._conflator.take(self._clock.monotonic_s(), sizes_wait_s):
            if chain in rights:
                waiting[chain] = contracts
            else:
                self._conflator.back(contracts)
        return waiting

    def _part(self, chain: ChainId, right: Right, contracts: list[Latest]) -> _Part:
        changes = [change for latest in contracts for change in changes_of(latest)]
        try:
            changes += self._extra(chain, contracts)
        except BaseException:
            self._conflator.back(contracts)
            raise
        crossed = sum(map(_is_crossed, contracts))
        arrived_s = [latest.arrived_s for latest in contracts]
        sent = self._conflator.flushed(contracts)
        return _Part(ChainChanges(chain, right.epoch, right.fence, changes), sent, arrived_s, crossed)

    def _undo(self, parts: Sequence[_Part]) -> None:
        self._under_way = None
        for part in parts:
            self._conflator.undo(part.sent)

    def _note(self, part: _Part, outcome: list[Applied] | StoreRefusal, done_s: float) -> Flushed:
        chain, epoch, fence, _ = part.changes
        if not isinstance(outcome, list):
            self._conflator.undo(part.sent)
            return Flushed(chain, Right(epoch, fence), outcome, [])
        for refused in (refused for batch in outcome for refused in batch.refused):
            self._refused[refused.word.lower()] += refused.number
            self._samples.setdefault(refused.word.lower(), refused.first)
        lags_s = [done_s - arrived_s for arrived_s in part.arrived_s]
        return Flushed(chain, Right(epoch, fence), outcome, lags_s, part.crossed)

    def _pace(self, took_s: float) -> None:
        """Leave at least as much time for reading as flushing takes; say when that begins and ends."""
        self._took_s += _NEWEST_SHARE * (took_s - self._took_s)
        wanted_s = min(_TIMES_A_FLUSH * self._took_s, _WIDEST_S)
        was_widened = self.is_widened
        least_s = max(self._least_s, _LEAST_WIDENED_S) * (1.0 if was_widened else _CLEARLY)
        self.window_s = wanted_s if wanted_s > least_s else self._least_s
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
