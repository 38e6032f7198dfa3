"""Operation 2: the live stream. Feed → latest per contract → flush window → one atomic step in Redis.

One thread runs `run`; everything happens in its turns. The stream changes values and never the set of contracts: that is
the loader's, and the stream asks for loads. A symbol goes through: lease taken → loaded → subscribed → seam closed (what
changed between snapshot and subscription is fetched) → live.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import structlog

from marketswarm.chain.conflate import Conflator, Waiting
from marketswarm.chain.lease import RENEW_S, WriterLeases
from marketswarm.chain.patches import changes_of
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.reports import StreamReports
from marketswarm.chain.state import Evidence, decide_state
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
_ASK_AGAIN_S = 5.0
_STORE_RETRY_S = 0.5


class HeldChains(Protocol):
    """Which chains of a symbol the stream is to hold: stored ones, the one in force first."""

    def __call__(self, symbol: str) -> Sequence[ChainId]:
        """Ids of chains that are stored."""
        ...


class ChainStream:
    """The stream of all symbols that this process may write.

    Args:
        in_session: whether the market is open at a moment (ms).
        held_chains: which stored chains of a symbol to hold.
        request_load: asks for a load of a symbol; must return at once, and may be called again for the same need.
        flush_s: the conflation window; 0 applies each frame as it comes.
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
        held_chains: HeldChains,
        request_load: Callable[[str, LoadReason], None],
        flush_s: float,
    ) -> None:
        self._feed = feed
        self._store = store
        self._leases = leases
        self._reports = reports
        self._clock = clock
        self._wanted_symbols = tuple(symbols)
        self._in_session = in_session
        self._held_chains = held_chains
        self._request_load = request_load
        self._flush_s = flush_s
        self._conflator = Conflator()
        self._mine: dict[str, StreamedSymbol] = {}
        self._loads_seen: str | None = None
        self._look_again = True
        self._connected = False
        self._due = dict.fromkeys(("lease", "look", "flush", "report", "store"), float("-inf"))
        self._last_frame_s = clock.monotonic_s()
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
                self._last_frame_s = item.arrived_s
                self._conflator.add(item.updates, item.arrived_s, self._clock.now_ms())
            else:
                self._on_notice(item)
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
            "symbols": {
                mine.symbol: {
                    "state": self._state_of(mine),
                    "chains": [str(chain) for chain in mine.chains],
                    "contracts": sum(len(universe.contracts) for universe in mine.chains.values()),
                    "applied": mine.applied,
                    "gaps": mine.gaps,
                }
                for mine in list(self._mine.values())
            },
        }

    def reload(self, symbol: str) -> bool:
        """Ask for a load of a symbol; False when this stream does not write it."""
        if symbol not in self._mine:
            return False
        self._request_load(symbol, "manual")
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
        for symbol in self._wanted_symbols:
            fence = self._leases.take(symbol)
            known = self._mine.get(symbol)
            if fence is None:
                self._lose(symbol)
            elif known is None:
                log.info("writing", symbol=symbol, fence=fence)
                self._mine[symbol] = StreamedSymbol(symbol, fence, self._clock.now_ms())
                self._look_again = True
            elif known.fence != fence:
                known.fence = fence
                known.want_repair(self._clock.now_ms())

    def _lose(self, symbol: str) -> None:
        if self._mine.pop(symbol, None) is not None:
            log.warning("another stream writes this symbol now", symbol=symbol)
            self._hold()

    def _fenced(self, mine: StreamedSymbol) -> None:
        """A script refused our token: look at once who holds the symbol now; it may be us again, on an emptied server."""
        self._lose(mine.symbol)
        self._due["lease"] = float("-inf")

    def _follow_loads(self) -> None:
        if self._loads_seen is None:
            self._loads_seen = self._store.newest_load_id()
        self._loads_seen, entries = self._store.new_loads(self._loads_seen)
        if any(entry["symbol"] in self._mine for entry in entries):
            self._look_again = True

    def _look(self) -> None:
        """Read which contracts the chains hold now, and stream exactly those."""
        self._look_again = False
        for mine in self._mine.values():
            mine.see(self._universes(mine.symbol), self._clock.now_ms())
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
            chain: seen.contracts for mine in self._mine.values() for chain, seen in mine.chains.items()
        }
        self._conflator.hold(chains)
        self._connected = self._connected and bool(chains)
        self._feed.want([ticker for contracts in chains.values() for ticker in contracts])

    def _ask_for_loads(self) -> None:
        now_s = self._clock.monotonic_s()
        for mine in self._mine.values():
            if mine.wants_load and now_s - mine.asked_s >= _ASK_AGAIN_S:
                mine.asked_s = now_s
                self._request_load(mine.symbol, mine.wants_load)

    # -- the feed -----------------------------------------------------------

    def _on_notice(self, notice: FeedNotice) -> None:
        if notice.kind == "confirmed":
            self._confirmed()
        elif notice.kind in ("lost", "refused"):
            log.warning("feed interrupted", kind=notice.kind, reason=notice.reason)
            self._lost()

    def _confirmed(self) -> None:
        """Everything is subscribed: what changed between a snapshot and its subscription must be fetched once."""
        self._connected = True
        for mine in self._mine.values():
            mine.confirm(self._clock.now_ms())
        self._due["report"] = float("-inf")

    def _lost(self) -> None:
        for mine in self._mine.values():
            mine.interrupt(was_connected=self._connected)
        self._connected = False
        self._due["report"] = float("-inf")

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
        universe = mine.chains.get(waiting.chain) if mine else None
        if mine is None or universe is None:
            return
        changes = [change for latest in waiting.contracts for change in changes_of(latest)]
        try:
            batches = self._store.apply(waiting.chain, universe.epoch, mine.fence, changes)
        except (EpochChanged, ChainMissing):
            self._conflator.back(waiting.contracts)
            self._look_again = True
        except WriterFenced:
            self._fenced(mine)
        else:
            self._conflator.flushed(waiting.contracts)
            mine.applied += sum(batch.applied for batch in batches)
            mine.stale += sum(batch.stale for batch in batches)
            done_s = self._clock.monotonic_s()
            mine.meter.lags([done_s - latest.arrived_s for latest in waiting.contracts])

    # -- saying how it is ---------------------------------------------------

    def _state_of(self, mine: StreamedSymbol) -> ChainState:
        now_s, in_session = self._clock.monotonic_s(), self._in_session(self._clock.now_ms())
        return decide_state(
            Evidence(
                in_session=in_session,
                connected=self._connected,
                repaired=mine.seam_closed,
                ever_live=mine.ever_live,
                silence_s=now_s - self._last_frame_s,
            )
        )

    def _report(self) -> None:
        self._keep_bad_frames()
        feed = self._feed.status()
        if feed.state == "streaming" and feed.confirmed >= feed.desired - feed.over_budget > 0:
            self._connected = True
            for mine in self._mine.values():
                mine.confirm(self._clock.now_ms())
        updates = self._conflator.updates_by_symbol()
        for mine in list(self._mine.values()):
            state = self._state_of(mine)
            self._mark(mine, state)
            report = mine.report(self._clock, state, updates[mine.symbol], feed)
            self._reports.write(mine.symbol, report | {"owner": self._leases.owner})

    def _keep_bad_frames(self) -> None:
        counts, samples = self._conflator.take_refused()
        self._late += counts.pop("late", 0)
        bad = self._feed.take_bad_frames()
        both = {reason: counts.get(reason, 0) + bad.counts.get(reason, 0) for reason in counts | bad.counts}
        texts = [(reason, repr(update)) for reason, update in samples.items() if reason in both]
        self._reports.keep_bad_frames(BadFrames(both, bad.samples + texts))

    def _mark(self, mine: StreamedSymbol, state: ChainState) -> None:
        mine.ever_live = mine.ever_live or state == "live"
        for chain, universe in mine.chains.items():
            if mine.marked.get(chain) == state:
                continue
            try:
                marked = self._store.mark_state(chain, universe.epoch, mine.fence, state)
            except WriterFenced:
                self._fenced(mine)
                return
            if marked:
                mine.marked[chain] = state
                log.info("state", chain=str(chain), state=state)
            else:
                self._look_again = True

    # -- leaving and enduring -----------------------------------------------

    def _leave(self) -> None:
        self._feed.stop()
        try:
            self._flush()
            for mine in list(self._mine.values()):
                for chain, universe in mine.chains.items():
                    self._store.mark_state(chain, universe.epoch, mine.fence, "stale")
                self._leases.give_back(mine.symbol)
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
            self._look_again = True

    def _patience(self) -> float:
        """How long the feed may be waited for: until the next flush if something waits."""
        if self._conflator.waiting == 0:
            return _LONGEST_WAIT_S
        return min(_LONGEST_WAIT_S, max(0.0, self._due["flush"] - self._clock.monotonic_s()))

    def _is_due(self, what: str, period_s: float) -> bool:
        now_s = self._clock.monotonic_s()
        if now_s < self._due[what]:
            return False
        self._due[what] = now_s + period_s
        return True
