"""Operation 2: the live stream. Feed → latest per contract → flush window → one atomic step in Redis.

One thread runs `run`; everything happens in its turns. The stream changes values and never the set of contracts: that is
the loader's, and the stream asks for loads. What may be said of each chain on the way is decided in `streamed.py`, said in
`telling.py`; `flush.py` writes.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Protocol
from uuid import uuid4

import structlog

from marketswarm.chain.conflate import Conflator, Latest
from marketswarm.chain.flush import Flushed, Flusher, Right, no_extra
from marketswarm.chain.lease import RENEW_S, WriterLeases
from marketswarm.chain.lookout import Lookout
from marketswarm.chain.polled import Poll
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.reports import StreamReports
from marketswarm.chain.rights import Rights
from marketswarm.chain.stored import Change
from marketswarm.chain.streamed import StreamedSymbol
from marketswarm.chain.telling import StreamTelling
from marketswarm.clock import Clock
from marketswarm.errors import ScriptRefused, StoreUnavailable, WriterFenced
from marketswarm.model.chain import ChainId, LoadReason
from marketswarm.ports import FeedFrame, FeedNotice, MarketFeed

log = structlog.get_logger("marketswarm.stream")

_LONGEST_WAIT_S = 0.1
_MOMENT_S = 0.002  # between two looks whether the store has answered
_LOOK_S, _FAILURES_S = 0.1, 0.2
_REPORT_S = 1.0
_STORE_RETRY_S = 0.5


class RequestLoad(Protocol):
    """Asks for a load of a symbol and returns at once; the id comes back in the meta of the chains that it loads."""

    def __call__(self, symbol: str, reason: LoadReason, request: str) -> None:
        """Ask; may be called again for the same need."""
        ...


class Valuer(Protocol):
    """Gives what is written of a chain beside what the feed brings."""

    def hold(self, chains: Mapping[ChainId, Mapping[str, bytes]]) -> None:
        """Hold exactly these contracts, ticker → stored JSON."""
        ...

    def prepare(self, window_s: float) -> None:
        """A flush comes next, and this is the time between two of them."""
        ...

    def changes(self, chain: ChainId, touched: Sequence[Latest]) -> Sequence[Change]:
        """What is due of a held chain, told which of its contracts are being written."""
        ...


class ChainStream:
    """The stream of all symbols that this process may write.

    Args:
        in_session: whether the market is open at a moment (ms).
        held_chains: which stored chains of a symbol to hold, the one in force first.
        flush_s: the conflation window; 0 applies each frame as it comes.
        valuer: gives the greeks of the chains; without it none are written.
        new_id: makes ids for requests.
        last_poll: what became of the last poll of a symbol's quotes.
        failed_loads: of some symbols, which request for a load has failed last, and when.
        reads_on: while the store works. Otherwise each flush is waited for, so that what is stored depends on the feed and the clock
            alone, and not on the store's pace.
    """

    def __init__(
        self,
        feed: MarketFeed,
        store: RedisChainStore,
        leases: WriterLeases,
        reports: StreamReports,
        clock: Clock,
        *,
        symbols: Sequence[str],
        in_session: Callable[[int], bool],
        held_chains: Callable[[str], Sequence[ChainId]],
        request_load: RequestLoad,
        flush_s: float,
        valuer: Valuer | None = None,
        new_id: Callable[[], str] = lambda: uuid4().hex,
        last_poll: Callable[[str], Poll] = lambda _symbol: Poll(),
        failed_loads: Callable[[Sequence[str]], Mapping[str, str]] = lambda _symbols: {},
        reads_on: bool = False,
    ) -> None:
        self._feed = feed
        self._store = store
        self._rights = Rights(leases, clock, symbols)
        self._clock = clock
        self._in_session = in_session
        self._request_load = request_load
        self._new_id = new_id
        self._failed_loads = failed_loads
        self._reads_on = reads_on
        self._conflator = Conflator()
        self._valuer = valuer
        extra = valuer.changes if valuer else no_extra
        self._flusher = Flusher(self._conflator, store, clock, window_s=flush_s, extra=extra)
        self._telling = StreamTelling(
            feed,
            self._conflator,
            self._flusher,
            store=store,
            reports=reports,
            clock=clock,
            owner=leases.owner,
            in_session=in_session,
            last_poll=last_poll,
        )
        self._mine: dict[str, StreamedSymbol] = {}
        self._lookout = Lookout(store, held_chains)
        self._look_again = True
        self._asked: deque[Callable[[Sequence[str]], None]] = deque()
        self._due = dict.fromkeys(("lease", "look", "failures", "flush", "report", "store"), float("-inf"))

    # -- the loop -----------------------------------------------------------

    def run(self, should_stop: Callable[[], bool]) -> None:
        """Turn until told to stop, then say that nobody attends to the chains any more."""
        try:
            while not should_stop():
                self.turn()
        finally:
            self._leave()

    def turn(self) -> None:
        """One turn: keep the leases, follow the loads, take in what came, flush and report what is due."""
        self._with_store(self._keep_up)
        if self._asked:
            self._with_store(self._do_asked)
        items = self._feed.poll(self._patience())
        for item in items:
            if isinstance(item, FeedFrame):
                self._conflator.add(item.updates, item.arrived_s, self._clock.now_ms())
                if self._flusher.window_s == 0:
                    self._with_store(self._flush)
            else:
                self._on_notice(item)
        self._telling.note_life()
        if self._flusher.is_under_way:
            self._with_store(lambda: self._note(self._flusher.collect(wait=False)))
        if not self._flusher.is_under_way and self._is_due("flush", self._flusher.window_s):
            self._with_store(lambda: self._flush(wait=not self._reads_on))
        if self._is_due("report", _REPORT_S):
            self._telling.note_session()
            self._with_store(self._tell)

    def status(self) -> dict[str, Any]:
        """What the stream does now, as plain values."""
        return self._telling.status(list(self._mine.values()))

    @property
    def is_refused(self) -> bool:
        """Whether the vendor will not serve this key or plan, so that nothing is tried any more."""
        return self._feed.status().state == "refused"

    def between_frames(self, act: Callable[[Sequence[str]], None]) -> None:
        """Have something done between two turns, told our symbols, when all that came is written. From any thread."""
        self._asked.append(act)

    def reload(self, symbol: str) -> bool:
        """Ask for a load of a symbol; False when this stream does not write it."""
        if symbol not in self._mine:
            return False
        self._request_load(symbol, "manual", "")
        return True

    # -- keeping up with the store ------------------------------------------

    def _keep_up(self) -> None:
        if self._is_due("lease", RENEW_S):
            self._keep_rights()
        if self._is_due("look", _LOOK_S):
            self._follow_loads()
        if self._look_again:
            self._look()
        if self._is_due("failures", _FAILURES_S):
            self._note_failures()
        self._ask_for_loads()

    def _keep_rights(self) -> None:
        granted = self._rights.keep({name: mine.contracts for name, mine in self._mine.items()})
        for symbol in self._mine.keys() - granted.fences.keys():
            self._lose(symbol)
        self._feed.allow(max(1, granted.connections))
        for symbol, fence in granted.fences.items():
            self._write_with(symbol, fence)
        for symbol in granted.leaving:
            self._hand_over(symbol)

    def _write_with(self, symbol: str, fence: int) -> None:
        known = self._mine.get(symbol)
        if known is None:
            log.info("writing", symbol=symbol, fence=fence)
            self._mine[symbol] = StreamedSymbol(symbol, fence, self._new_id)
            self._look_again = True
        elif known.fence != fence:  # it had run out: somebody else may have written meanwhile
            known.fence = fence
            known.interrupt("writer")
            self._look_again = True

    def _hand_over(self, symbol: str) -> None:
        """Write what waits, say that the chains are not live for a moment, and let another worker go on."""
        self._flush(everything=True)
        mine = self._mine.get(symbol)
        if mine is None:
            return
        if not self._telling.part_with(mine):
            self._fenced(mine)
            return
        del self._mine[symbol]
        self._hold()
        self._rights.give_back(symbol)
        log.info("handed over", symbol=symbol)

    def _lose(self, symbol: str) -> None:
        if self._mine.pop(symbol, None) is not None:
            log.warning("not ours to write any more", symbol=symbol)
            self._hold()

    def _fenced(self, mine: StreamedSymbol) -> None:
        """A script refused our token: look at once who holds the symbol now; it may be us again, on an emptied server."""
        self._lose(mine.symbol)
        self._due["lease"] = float("-inf")
        self._lookout.forget()

    def _follow_loads(self) -> None:
        seen = self._lookout.loaded()
        if seen is None:
            self._look_again = True
            return
        loaded = seen & self._mine.keys()
        if loaded:
            self._look()
        for symbol in loaded:
            self._mine[symbol].hurry()

    def _look(self) -> None:
        """Read which contracts the chains hold now, and stream exactly those."""
        universes = {symbol: self._lookout.universes(symbol) for symbol in self._mine}
        self._look_again = False
        for symbol, found in universes.items():
            self._mine[symbol].see(found)
        self._hold()

    def _hold(self) -> None:
        held = [
            (rank, name, chain.universe.contracts)
            for mine in self._mine.values()
            for rank, (name, chain) in enumerate(mine.chains.items())
        ]
        # Where room is short the chains in force have it: of each symbol the first, then of each the second, and so on.
        chains = {name: contracts for _, name, contracts in sorted(held, key=itemgetter(0))}
        self._conflator.hold(chains)
        if self._valuer:
            self._valuer.hold(chains)
        self._feed.want([ticker for contracts in chains.values() for ticker in contracts])
        self._due["report"] = float("-inf")

    def _note_failures(self) -> None:
        """What was asked for and has failed need not be waited for."""
        asked = [
            symbol for symbol, mine in self._mine.items() if mine.wanted is not None and mine.wanted.tries
        ]
        for symbol, told in (self._failed_loads(asked) if asked else {}).items():
            wanted = self._mine[symbol].wanted
            if wanted is not None:
                wanted.note_failure(told, self._clock.monotonic_s())

    def _ask_for_loads(self) -> None:
        now_s = self._clock.monotonic_s()
        for mine in self._mine.values():
            if mine.wanted is not None and now_s >= mine.wanted.due_s:
                mine.wanted.ask(now_s)
                self._request_load(mine.symbol, mine.wanted.reason, mine.wanted.id)

    # -- the feed -----------------------------------------------------------

    def _on_notice(self, notice: FeedNotice) -> None:
        if notice.kind in ("lost", "refused"):
            log.warning("feed interrupted", kind=notice.kind, reason=notice.reason)
            for mine in self._mine.values():
                if notice.tickers is None or mine.streams_any(notice.tickers):
                    mine.interrupt()
        self._due["report"] = float("-inf")

    # -- flushing and telling -----------------------------------------------

    def _flush(self, *, everything: bool = False, wait: bool = True) -> None:
        """Write what waits; without `wait` the store's answers are collected in later turns, and meanwhile frames are read."""
        rights = {
            name: Right(chain.universe.epoch, mine.fence)
            for mine in self._mine.values()
            for name, chain in mine.chains.items()
        }
        if self._valuer:
            self._valuer.prepare(self._flusher.window_s)
        self._note(self._flusher.flush(rights, everything=everything, wait=wait))

    def _do_asked(self) -> None:
        self._flush(everything=True)
        if not self._flusher.is_under_way:
            while self._asked:
                self._asked.popleft()(tuple(self._mine))

    def _note(self, done: Sequence[Flushed]) -> None:
        for flushed in done:
            mine = self._mine.get(flushed.chain.symbol)
            if mine is not None and flushed.right.fence == mine.fence and flushed.chain in mine.chains:
                self._note_flushed(flushed, mine)

    def _note_flushed(self, flushed: Flushed, mine: StreamedSymbol) -> None:
        if isinstance(flushed.outcome, WriterFenced):
            self._fenced(mine)
        elif isinstance(flushed.outcome, ScriptRefused):
            self._look_again = True
        else:
            is_whole = mine.note_applied(
                flushed.chain,
                flushed.outcome,
                flushed.lags_s,
                self._clock.monotonic_s(),
                crossed=flushed.crossed,
            )
            self._look_again = self._look_again or not is_whole

    def _tell(self) -> None:
        met = self._telling.tell(list(self._mine.values()))
        self._look_again = self._look_again or met.changed
        for mine in met.fenced:
            self._fenced(mine)

    # -- leaving and enduring -----------------------------------------------

    def _leave(self) -> None:
        self._feed.stop()
        try:
            self._do_asked()
            self._look()
            in_session = self._in_session(self._clock.now_ms())
            for mine in list(self._mine.values()):
                for chain in mine.chains.values() if in_session else ():
                    self._store.mark_state(chain.universe.chain, chain.universe.epoch, mine.fence, "stale")
                self._rights.give_back(mine.symbol)
            self._rights.leave()
        except (StoreUnavailable, WriterFenced) as error:
            log.warning("left without a word", error=str(error))

    def _with_store(self, act: Callable[[], None]) -> None:
        """Do something with the store; while it is away the latest states wait, and it is asked again now and then."""
        if self._clock.monotonic_s() < self._due["store"]:
            return
        try:
            act()
        except StoreUnavailable as error:
            log.warning("store away", error=str(error))
            self._due["store"] = self._clock.monotonic_s() + _STORE_RETRY_S
            self._due["lease"] = float("-inf")
            self._lookout.forget()

    def _patience(self) -> float:
        """How long the feed may be waited for: until the next flush if something waits, a moment if one is under way."""
        if self._flusher.is_under_way:
            return _MOMENT_S
        if self._conflator.waiting == 0:
            return _LONGEST_WAIT_S
        due_s = max(self._due["flush"], self._due["store"])
        return min(_LONGEST_WAIT_S, max(0.0, due_s - self._clock.monotonic_s()))

    def _is_due(self, what: str, period_s: float) -> bool:
        now_s = self._clock.monotonic_s()
        if now_s < self._due[what]:
            return False
        self._due[what] = now_s + period_s
        return True
