"""What the stream says of itself: the state of each chain in the store, a report of each symbol, what could not be used."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

import structlog

from marketswarm.chain.conflate import Conflator
from marketswarm.chain.flush import Flusher
from marketswarm.chain.polled import Poll
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.reports import StreamReports
from marketswarm.chain.streamed import Circumstances, Mark, StreamedSymbol
from marketswarm.clock import Clock
from marketswarm.errors import WriterFenced
from marketswarm.model.chain import ChainState
from marketswarm.ports import BadFrames, FeedStatus, MarketFeed

log = structlog.get_logger("marketswarm.stream")


@dataclass(slots=True)
class Met:
    """What was met on the way: symbols that are not ours any more, and whether the stored sets have changed."""

    fenced: list[StreamedSymbol] = field(default_factory=list)
    changed: bool = False


class StreamTelling:
    """Says how the stream is.

    Args:
        owner: this writer, as it stands in the reports.
        in_session: whether the market is open at a moment (ms).
        last_poll: of a symbol; asked only where quotes are not streamed.
    """

    def __init__(
        self,
        feed: MarketFeed,
        conflator: Conflator,
        flusher: Flusher,
        *,
        store: RedisChainStore,
        reports: StreamReports,
        clock: Clock,
        owner: str,
        in_session: Callable[[int], bool],
        last_poll: Callable[[str], Poll] = lambda _symbol: Poll(),
    ) -> None:
        self._feed = feed
        self._conflator = conflator
        self._flusher = flusher
        self._store = store
        self._reports = reports
        self._clock = clock
        self._owner = owner
        self._in_session = in_session
        self._last_poll = last_poll
        self._accepted = 0
        self._usable_s = self._open_s = clock.monotonic_s()
        self._was_open = True
        self._late = 0

    def note_life(self) -> None:
        """Only what could be used is a sign of life: a feed of frames for other contracts is a silent one."""
        if self._conflator.accepted != self._accepted:
            self._accepted = self._conflator.accepted
            self._usable_s = self._clock.monotonic_s()

    def note_session(self) -> None:
        """The silence of a closed market is not held against one that has just opened, nor against its connection."""
        is_open = self._in_session(self._clock.now_ms())
        if is_open and not self._was_open:
            self._open_s = self._clock.monotonic_s()
        self._was_open = is_open
        self._feed.expect_data(is_open)

    def tell(self, symbols: Collection[StreamedSymbol]) -> Met:
        """Write states and reports of these symbols.

        Raises:
            StoreUnavailable: some of it may be written.
        """
        self._keep_bad_frames()
        met = Met()
        feed, confirmed = self._feed.status(), self._feed.confirmed()
        updates = self._conflator.updates_by_symbol()
        for mine in symbols:
            mine.confirm(confirmed)
            self._note_quotes(mine, feed, met)
            self._mark(mine, feed, met)
            report = mine.report(self._clock, self._state_in_force(mine), updates[mine.symbol], feed)
            more = {
                "refused": self._conflator.refused_of(mine.symbol),
                "window_ms": self._flusher.window_ms,
                "owner": self._owner,
            }
            self._reports.write(mine.symbol, report | more)
        return met

    def part_with(self, mine: StreamedSymbol) -> bool:
        """Say that a symbol's chains are not live until another writer has taken over; False when one already has.

        Raises:
            StoreUnavailable: some of them may be marked.
        """
        try:
            for chain in mine.chains.values():
                self._store.mark_state(chain.universe.chain, chain.universe.epoch, mine.fence, "loading")
        except WriterFenced:
            return False
        return True

    def status(self, symbols: Collection[StreamedSymbol]) -> dict[str, Any]:
        """The same as plain values, without the store."""
        feed = self._feed.status()
        return {
            "feed": feed.state,
            "detail": feed.detail,
            "subscribed": feed.confirmed,
            "desired": feed.desired,
            "over_budget": feed.over_budget,
            "reconnects": feed.reconnects,
            "connections": feed.connections,
            "waiting": self._conflator.waiting,
            "window_ms": self._flusher.window_ms,
            "late": self._late,
            "not_streamed": list(feed.not_streamed),
            "delayed": feed.delayed,
            "symbols": {mine.symbol: self._status_of(mine) for mine in symbols},
        }

    def _keep_bad_frames(self) -> None:
        """What the feed could not read, what no chain could take, and what the store could not use."""
        counts, samples = self._conflator.take_refused()
        self._late += counts.pop("late", 0)
        texts = [(reason, repr(update)) for reason, update in samples.items() if reason in counts]
        for bad in (self._feed.take_bad_frames(), BadFrames(counts, texts), self._flusher.take_refused()):
            self._reports.keep_bad_frames(bad)

    def _note_quotes(self, mine: StreamedSymbol, feed: FeedStatus, met: Met) -> None:
        """Where quotes are polled, what the polls store is looked at like the chain of a load."""
        poll = self._last_poll(mine.symbol) if "quote" in feed.not_streamed else None
        met.changed = mine.quotes.see(poll, self._clock.monotonic_s()) or met.changed

    def _mark(self, mine: StreamedSymbol, feed: FeedStatus, met: Met) -> None:
        """Write the state of every chain that is held, ours or not yet ours, and of those that were left."""
        seen = self._circumstances()
        states = [(chain.universe, mine.state_of(chain, seen)) for chain in mine.chains.values()]
        states += [(universe, "loading") for universe in mine.waiting.values()]
        states += [(chain.universe, "closed") for chain in mine.left]
        mine.left.clear()
        for universe, state in states:
            mark = Mark(universe.epoch, state, mine.quotes.how, universe.delayed or feed.delayed)
            if mine.marked.get(universe.chain) == mark:
                continue
            try:
                marked = self._store.mark_state(
                    universe.chain, universe.epoch, mine.fence, state, mark.beside()
                )
            except WriterFenced:
                met.fenced.append(mine)
                return
            if marked:
                mine.marked[universe.chain] = mark
                log.info("state", chain=str(universe.chain), state=state)
            else:
                met.changed = True

    def _circumstances(self) -> Circumstances:
        is_open = self._in_session(self._clock.now_ms())
        return Circumstances(is_open, self._clock.monotonic_s(), self._usable_s, self._open_s)

    def _state_in_force(self, mine: StreamedSymbol) -> ChainState:
        in_force = next(iter(mine.chains.values()), None)
        return "loading" if in_force is None else mine.state_of(in_force, self._circumstances())

    def _status_of(self, mine: StreamedSymbol) -> dict[str, Any]:
        return {
            "state": self._state_in_force(mine),
            "quotes": mine.quotes.how,
            "chains": [str(chain) for chain in mine.chains],
            "contracts": sum(len(chain.universe.contracts) for chain in mine.chains.values()),
            "applied": mine.applied,
            "gaps": mine.gaps,
        }
