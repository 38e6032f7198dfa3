"""Operation 2: the live stream. Feed → latest per contract → flush window → one atomic step in Redis.

One thread runs `run`; everything happens in its turns. The stream changes values and never the set of contracts: that is
the loader's, and the stream asks for loads. What may be said of each chain on the way is decided in `streamed.py`.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol
from uuid import uuid4

import structlog

from marketswarm.chain.conflate import Conflator, Waiting
from marketswarm.chain.lease import RENEW_S, WriterLeases
from marketswarm.chain.patches import changes_of
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.reports import StreamReports
from marketswarm.chain.stored import Universe
from marketswarm.chain.streamed import StreamedSymbol
from marketswarm.clock import Clock
from marketswarm.errors import ChainMissing, EpochChanged, NoSuchChain, StoreUnavailable, WriterFenced
from marketswarm.model.chain import ChainId, ChainState, LoadReason
from marketswarm.ports import BadFrames, FeedFrame, FeedNotice, MarketFeed

log = structlog.get_logger("marketswarm.stream")

_LONGEST_WAIT_S = 0.1
_LOOK_S = 0.1
_REPORT_S = 1.0
_STORE_RETRY_S = 0.5


class RequestLoad(Protocol):
    """Asks for a load of a symbol and returns at once; the id comes back in the meta of the chains that it loads."""

    def __call__(self, symbol: str, reason: LoadReason, request: str) -> None:
        """Ask; may be called again for the same need."""
        ...


class ChainStream:
    """The stream of all symbols that this process may write.

    Args:
        in_session: whether the market is open at a moment (ms).
        held_chains: which stored chains of a symbol to hold, the one in force first.
        flush_s: the conflation window; 0 applies each frame as it comes.
        new_id: makes ids for requests.
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
        new_id: Callable[[], str] = lambda: uuid4().hex,
    ) -> None:
        self._feed = feed
        self._store = store
        self._leases = leases
        self._reports = reports
        self._clock = clock
        self._symbols = tuple(symbols)
        self._in_session = in_session
        self._held_chains = held_chains
        self._request_load = request_load
        self._flush_s = flush_s
        self._new_id = new_id
        self._conflator = Conflator()
        self._mine: dict[str, StreamedSymbol] = {}
        self._loads_seen: str | None = None
        self._look_again = True
        self._due = dict.fromkeys(("lease", "look", "flush", "report", "store"), float("-inf"))
        self._accepted = 0
        self._usable_s = clock.monotonic_s()
        self._late = 0

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
        for item in self._feed.poll(self._patience()):
            if isinstance(item, FeedFrame):
                self._conflator.add(item.updates, item.arrived_s, self._clock.now_ms())
                if self._flush_s == 0:
                    self._with_store(self._flush)
            else:
                self._on_notice(item)
        self._note_life()
        if self._is_due("flush", self._flush_s):
            self._with_store(self._flush)
        if self._is_due("report", _REPORT_S):
            self._with_store(self._report)

    def status(self) -> dict[str, Any]:
        """What the stream does now, as plain values."""
        feed = self._feed.status()
        return {
            "feed": feed.state,
            "detail": feed.detail,
            "subscribed": feed.confirmed,
            "desired": feed.desired,
            "over_budget": feed.over_budget,
            "reconnects": feed.reconnects,
            "waiting": self._conflator.waiting,
            "late": self._late,
            "symbols": {mine.symbol: self._status_of(mine) for mine in list(self._mine.values())},
        }

    def reload(self, symbol: str) -> bool:
        """Ask for a load of a symbol; False when this stream does not write it."""
        if symbol not in self._mine:
            return False
        self._request_load(symbol, "manual", "")
        return True

    # -- keeping up with the store ------------------------------------------

    def _keep_up(self) -> None:
        if self._is_due("lease", RENEW_S):
            self._keep_leases()
        if self._is_due("look", _LOOK_S):
            self._follow_loads()
        if self._look_again:
            self._look()
        self._ask_for_loads()

    def _keep_leases(self) -> None:
        may_connect = self._leases.take_connection()
        for symbol in self._symbols:
            fence = self._leases.take(symbol) if may_connect else None
            known = self._mine.get(symbol)
            if fence is None:
                self._lose(symbol)
            elif known is None:
                log.info("writing", symbol=symbol, fence=fence)
                self._mine[symbol] = StreamedSymbol(symbol, fence, self._new_id)
                self._look_again = True
            elif known.fence != fence:  # it had run out: somebody else may have written meanwhile
                known.fence = fence
                known.interrupt()
                self._look_again = True

    def _lose(self, symbol: str) -> None:
        if self._mine.pop(symbol, None) is not None:
            log.warning("not ours to write any more", symbol=symbol)
            self._hold()

    def _fenced(self, mine: StreamedSymbol) -> None:
        """A script refused our token: look at once who holds the symbol now; it may be us again, on an emptied server."""
        self._lose(mine.symbol)
        self._due["lease"] = float("-inf")
        self._loads_seen = None

    def _follow_loads(self) -> None:
        if self._loads_seen is None:
            self._loads_seen = self._store.newest_load_id()
            self._look_again = True
        self._loads_seen, entries = self._store.new_loads(self._loads_seen)
        loaded = {entry["symbol"] for entry in entries} & self._mine.keys()
        if loaded:
            self._look()
        for symbol in loaded:
            self._mine[symbol].hurry()

    def _look(self) -> None:
        """Read which contracts the chains hold now, and stream exactly those."""
        universes = {symbol: self._universes(symbol) for symbol in self._mine}
        self._look_again = False
        for symbol, found in universes.items():
            self._mine[symbol].see(found)
        self._hold()

    def _universes(self, symbol: str) -> list[Universe]:
        found = []
        for chain in self._held_chains(symbol):
            try:
                found.append(self._store.universe(chain))
            except NoSuchChain:
                continue
        return found

    def _hold(self) -> None:
        chains = {
            name: chain.universe.contracts
            for mine in self._mine.values()
            for name, chain in mine.chains.items()
        }
        self._conflator.hold(chains)
        self._feed.want([ticker for contracts in chains.values() for ticker in contracts])
        self._due["report"] = float("-inf")

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
                mine.interrupt()
        self._due["report"] = float("-inf")

    def _note_life(self) -> None:
        """Only what could be used is a sign of life: a feed of frames for other contracts is a silent one."""
        if self._conflator.accepted != self._accepted:
            self._accepted = self._conflator.accepted
            self._usable_s = self._clock.monotonic_s()

    # -- flushing -----------------------------------------------------------

    def _flush(self) -> None:
        batches = self._conflator.take()
        for done, waiting in enumerate(batches):
            try:
                self._flush_chain(waiting)
            except StoreUnavailable:
                for later in batches[done:]:
                    self._conflator.back(later.contracts)
                raise

    def _flush_chain(self, waiting: Waiting) -> None:
        mine = self._mine.get(waiting.chain.symbol)
        chain = mine.chains.get(waiting.chain) if mine else None
        if mine is None or chain is None:
            return
        changes = [change for latest in waiting.contracts for change in changes_of(latest)]
        try:
            batches = self._store.apply(waiting.chain, chain.universe.epoch, mine.fence, changes)
        except (EpochChanged, ChainMissing):
            self._conflator.back(waiting.contracts)
            self._look_again = True
            return
        except WriterFenced:
            self._fenced(mine)
            return
        self._conflator.flushed(waiting.contracts)
        chain.seq = max([chain.seq, *(batch.seq for batch in batches)])
        mine.applied += sum(batch.applied for batch in batches)
        mine.stale += sum(batch.stale for batch in batches)
        if any(
            batch.unlisted for batch in batches
        ):  # at our epoch every contract is listed, unless it was taken away
            mine.distrust(waiting.chain)
            self._look_again = True
        done_s = self._clock.monotonic_s()
        mine.meter.lags([done_s - latest.arrived_s for latest in waiting.contracts])

    # -- saying how it is ---------------------------------------------------

    def _report(self) -> None:
        self._keep_bad_frames()
        feed, confirmed = self._feed.status(), self._feed.confirmed()
        updates = self._conflator.updates_by_symbol()
        for mine in list(self._mine.values()):
            mine.confirm(confirmed)
            self._mark(mine)
            report = mine.report(self._clock, self._state_in_force(mine), updates[mine.symbol], feed)
            self._reports.write(mine.symbol, report | {"owner": self._leases.owner})

    def _keep_bad_frames(self) -> None:
        counts, samples = self._conflator.take_refused()
        self._late += counts.pop("late", 0)
        bad = self._feed.take_bad_frames()
        both = {reason: counts.get(reason, 0) + bad.counts.get(reason, 0) for reason in counts | bad.counts}
        texts = [(reason, repr(update)) for reason, update in samples.items() if reason in both]
        self._reports.keep_bad_frames(BadFrames(both, bad.samples + texts))

    def _mark(self, mine: StreamedSymbol) -> None:
        """Write the state of every chain that is held, ours or not yet ours, and of those that were left."""
        silence = self._circumstances()
        states = [(chain.universe, mine.state_of(chain, **silence)) for chain in mine.chains.values()]
        states += [(universe, "loading") for universe in mine.waiting.values()]
        states += [(chain.universe, "closed") for chain in mine.left]
        mine.left.clear()
        for universe, state in states:
            if mine.marked.get(universe.chain) == (universe.epoch, state):
                continue
            try:
                marked = self._store.mark_state(universe.chain, universe.epoch, mine.fence, state)
            except WriterFenced:
                self._fenced(mine)
                return
            if marked:
                mine.marked[universe.chain] = (universe.epoch, state)
                log.info("state", chain=str(universe.chain), state=state)
            else:
                self._look_again = True

    def _circumstances(self) -> dict[str, Any]:
        silence_s = self._clock.monotonic_s() - self._usable_s
        return {"in_session": self._in_session(self._clock.now_ms()), "silence_s": silence_s}

    def _state_in_force(self, mine: StreamedSymbol) -> ChainState:
        in_force = next(iter(mine.chains.values()), None)
        return "loading" if in_force is None else mine.state_of(in_force, **self._circumstances())

    def _status_of(self, mine: StreamedSymbol) -> dict[str, Any]:
        return {
            "state": self._state_in_force(mine),
            "chains": [str(chain) for chain in mine.chains],
            "contracts": sum(len(chain.universe.contracts) for chain in mine.chains.values()),
            "applied": mine.applied,
            "gaps": mine.gaps,
        }

    # -- leaving and enduring -----------------------------------------------

    def _leave(self) -> None:
        self._feed.stop()
        try:
            self._flush()
            self._look()
            in_session = self._in_session(self._clock.now_ms())
            for mine in list(self._mine.values()):
                for chain in mine.chains.values() if in_session else ():
                    self._store.mark_state(chain.universe.chain, chain.universe.epoch, mine.fence, "stale")
                self._leases.give_back(mine.symbol)
            self._leases.give_back_connection()
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
            self._loads_seen = None

    def _patience(self) -> float:
        """How long the feed may be waited for: until the next flush if something waits."""
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
