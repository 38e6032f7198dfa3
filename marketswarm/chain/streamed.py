"""One symbol in the stream: which of its chains may be called live, and what is asked for until they may.

A chain is subscribed at one moment and was fetched at another. What changed in between is its *seam*, open until a load that
was asked for after the subscription stood has come. A lost connection opens it again. Loads are told apart by the id of the
request behind them, never by comparing clocks.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import structlog

from marketswarm.chain.meter import Meter
from marketswarm.chain.quote_watch import QuoteWatch
from marketswarm.chain.state import Evidence, decide_state
from marketswarm.chain.stored import Applied, Universe
from marketswarm.clock import Clock
from marketswarm.maths.pulse import FIRST_GUESS_S, SILENCE_S, Pulse
from marketswarm.model.chain import ChainId, ChainState, LoadReason
from marketswarm.model.plan import QuotesBy
from marketswarm.ports import FeedStatus

Seam = Literal["new", "lost"]
GapCause = Literal["connection", "writer", "store", "audit", "contracts"]

log = structlog.get_logger("marketswarm.stream")

_MEND_AGAIN_S = 60.0
_CONTRACT_PAUSE_S = 40.0
_ASK_AGAIN_S, _ASK_AGAIN_MOST_S = 5.0, 60.0
_AFTER_FAILURE_S = 0.25


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is the same for all chains of a stream at one moment.

    Attributes:
        in_session: the market is open.
        now_s: the moment.
        heard_s: when the feed brought anything usable.
        open_s: since when the market is open, as far as this stream has seen it.
    """

    in_session: bool
    now_s: float
    heard_s: float
    open_s: float = float("-inf")

    @property
    def silence_s(self) -> float:
        """For how long the whole feed has been silent while the market was open."""
        return self.now_s - max(self.heard_s, self.open_s)


class Mark(NamedTuple):
    """What the stream says of a chain in its meta, of the chain at that epoch."""

    epoch: int
    state: ChainState
    quotes: QuotesBy | Literal[""]
    delayed: bool

    def beside(self) -> dict[str, str | int]:
        """The fields beside the state."""
        return {"quotes": self.quotes, "delayed": int(self.delayed)}


@dataclass(slots=True)
class StreamedChain:
    """One chain that is streamed.

    Attributes:
        universe: what is stored of it, as seen last.
        seam: `new` when contracts were not fetched since they are subscribed, or since a silence, `lost` when updates may be missing.
        served: every contract of it is subscribed and acknowledged.
        seq: the newest seq known of.
        flushed_seq: the newest that a flush of ours came to.
        pulse: how often something is heard of it.
        fell_silent: it was live once, and stale at the last look.
        mended_s: when its seam was opened for a silence last.
    """

    universe: Universe
    seam: Seam | None = "new"
    served: bool = False
    ever_live: bool = False
    seq: int = 0
    flushed_seq: int = 0
    pulse: Pulse | None = None
    fell_silent: bool = False
    mended_s: float = float("-inf")

    def see(self, universe: Universe) -> GapCause | None:
        """Take note of what is stored now; why updates must have been lost, if they must.

        A seq that fell means a store that came back with older values, a new doubt an audit that found some.
        """
        known, self.universe = self.universe, universe
        rewound, self.seq = universe.seq < self.seq or universe.epoch < known.epoch, universe.seq
        if rewound:
            self.flushed_seq = 0
        if rewound or universe.doubt != known.doubt:
            self.seam = "lost"
            return "store" if rewound else "audit"
        if not universe.contracts.keys() <= known.contracts.keys():
            self.seam = self.seam or "new"
        return None

    def is_rewound(self, applied: Sequence[int]) -> bool:
        """Whether a flush came to no higher a seq than the one before: the store has forgotten that one, and what else."""
        if not applied:
            return False
        rewound, self.flushed_seq = applied[0] <= self.flushed_seq, applied[-1]
        if rewound:
            self.seam, self.seq = "lost", applied[-1]
        return rewound

    def hear(self, now_s: float) -> None:
        """Something usable came for it."""
        self._felt(now_s).hear(now_s)

    def is_to_be_mended(self, now_s: float) -> bool:
        """Open the seam when a silence has ended, but not at each pause of a feed that has many."""
        if not self.fell_silent or now_s - self.mended_s < _MEND_AGAIN_S:
            return False
        self.mended_s, self.seam = now_s, "new"
        return True

    def _felt(self, now_s: float) -> Pulse:
        """Its pulse; before anything was heard, each contract is thought to be quoted every forty seconds."""
        if self.pulse is None:
            guess_s = min(FIRST_GUESS_S, _CONTRACT_PAUSE_S / max(1, len(self.universe.contracts)))
            self.pulse = Pulse(now_s, guess_s)
        return self.pulse

    def evidence(self, seen: Circumstances, silent: bool | None = None) -> Evidence:
        """What speaks for and against calling it live; whether it is silent says its feed, unless it is given."""
        if silent is None:
            silent = seen.silence_s > SILENCE_S or self._felt(seen.now_s).is_silent(seen.now_s, seen.open_s)
        return Evidence(
            in_session=seen.in_session,
            served=self.served,
            lost=self.seam == "lost",
            fetched=self.seam is None,
            silent=silent,
        )


@dataclass(slots=True)
class WantedLoad:
    """A load that was asked for.

    Attributes:
        closes: the chains whose seam it closes: those that were subscribed whole when it was asked for.
        failure: what was told of its last failure.
    """

    id: str
    reason: LoadReason
    closes: frozenset[ChainId] = frozenset()
    due_s: float = float("-inf")
    tries: int = 0
    failure: str = ""
    failures: int = 0

    def note_failure(self, told: str, now_s: float) -> None:
        """A load that is known to have failed is asked for soon, and later each time; `told` begins with its request."""
        if told == self.failure or told.partition(" ")[0] != self.id:
            return
        soon_s = min(_AFTER_FAILURE_S * 2**self.failures, _ASK_AGAIN_MOST_S)
        self.failure, self.failures = told, self.failures + 1
        self.due_s = min(self.due_s, now_s + soon_s)

    def ask(self, now_s: float) -> None:
        """It was asked for now; without an answer it is asked for again, later each time."""
        self.due_s = now_s + min(_ASK_AGAIN_S * 2**self.tries, _ASK_AGAIN_MOST_S)
        self.tries += 1


@dataclass(slots=True)
class StreamedSymbol:
    """What the stream knows of one symbol that it may write.

    Attributes:
        new_id: makes ids for requests.
        chains: the chains that are streamed, the one in force first.
        waiting: stored chains that are not ours yet: nothing has loaded them since this stream began.
        left: chains that were streamed until now and are no longer held.
        marked: what the store says of each chain.
        gap_causes: how often updates were lost, and by what.
    """

    symbol: str
    fence: int
    new_id: Callable[[], str]
    begun: bool = False
    wanted: WantedLoad | None = None
    chains: dict[ChainId, StreamedChain] = field(default_factory=dict)
    waiting: dict[ChainId, Universe] = field(default_factory=dict)
    left: list[StreamedChain] = field(default_factory=list)
    marked: dict[ChainId, Mark] = field(default_factory=dict)
    gap_causes: Counter[GapCause] = field(default_factory=Counter)
    applied: int = 0
    stale: int = 0
    same: int = 0
    crossed: int = 0
    meter: Meter = field(default_factory=Meter)
    updates_seen: int = 0
    quotes: QuoteWatch = field(default_factory=QuoteWatch)

    def __post_init__(self) -> None:
        self.want("startup")

    def want(self, reason: LoadReason, closes: frozenset[ChainId] = frozenset()) -> None:
        """Ask for a load, in place of any that was asked for before."""
        self.wanted = WantedLoad(self.new_id(), reason, closes)

    def see(self, universes: Sequence[Universe]) -> None:
        """Take note of what is stored now, the chain in force first."""
        known = self.chains
        chains: dict[ChainId, StreamedChain] = {}
        waiting: dict[ChainId, Universe] = {}
        for universe in universes:
            chain = known.get(universe.chain)
            if chain is not None:
                self._note_lost(chain, chain.see(universe))
            elif self.begun or self._is_answer(universe):
                chain = StreamedChain(universe, seq=universe.seq)
            if chain is None:
                waiting[universe.chain] = universe
            else:
                chains[universe.chain] = chain
        self.chains, self.waiting = (
            chains,
            waiting,
        )  # as wholes: whoever inspects the worker reads them in another thread
        self.left += [chain for chain_id, chain in known.items() if chain_id not in self.chains]
        self.marked = {
            each.chain: Mark(each.epoch, each.state, each.quotes, each.delayed) for each in universes
        }
        self._take_answer(universes)
        if not universes and self.wanted is None:
            self.want("startup")

    def confirm(self, confirmed: AbstractSet[str]) -> None:
        """Take note of which contracts are subscribed, and ask for the load that closes the seams of whole chains."""
        for chain in self.chains.values():
            chain.served = chain.universe.contracts.keys() <= confirmed
        open_seams = frozenset(name for name, chain in self.chains.items() if chain.served and chain.seam)
        if open_seams - (self.wanted.closes if self.wanted else frozenset()):
            lost = any(self.chains[name].seam == "lost" for name in open_seams)
            self.want("gap" if lost else "audit", open_seams)

    def interrupt(self, cause: GapCause = "connection") -> None:
        """Updates may be missing from here on; what was asked for before does not repair it."""
        self.gap_causes[cause] += any(chain.served for chain in self.chains.values())
        for chain in self.chains.values():
            chain.served = False
            chain.seam = "lost" if chain.ever_live else "new"
        if self.wanted is not None:
            self.wanted.closes = frozenset()
            self.wanted = self.wanted if not self.begun else None

    def hurry(self) -> None:
        """Somebody's load of the symbol was just stored. Ours, if it was joined to that one, need not wait for its turn.

        A part of our own answer hurries nothing: its other part may fail for ever, and must be asked for ever later.
        """
        seen = [chain.universe for chain in self.chains.values()] + list(self.waiting.values())
        if self.wanted is not None and self.wanted.tries and not any(map(self._is_answer, seen)):
            self.wanted.due_s = float("-inf")

    def distrust(self, chain_id: ChainId) -> None:
        """The store does not hold what it should: fetch the chain again once it is subscribed whole."""
        if chain_id in self.chains:
            self.gap_causes["contracts"] += self.chains[chain_id].seam is None
            self.chains[chain_id].seam = "lost"
            self.want("gap", frozenset({chain_id}) if self.chains[chain_id].served else frozenset())

    def note_applied(
        self,
        chain_id: ChainId,
        batches: Sequence[Applied],
        lags_s: Sequence[float],
        now_s: float,
        *,
        crossed: int = 0,
    ) -> bool:
        """Take note of a flush; False when the store is not what it was when we looked: older, or without a contract.

        `lags_s` is how long ago each flushed contract was heard of; it is empty when the feed brought nothing of the chain.
        """
        chain = self.chains[chain_id]
        if lags_s:
            chain.hear(now_s - min(lags_s))
        chain.seq = max([chain.seq, *(batch.seq for batch in batches)])
        self.applied += sum(batch.applied for batch in batches)
        self.stale += sum(batch.stale for batch in batches)
        self.same += sum(batch.same for batch in batches)
        self.crossed += crossed
        self.meter.lags(lags_s)
        if any(batch.unlisted for batch in batches):
            self.distrust(chain_id)
            return False
        if chain.is_rewound([batch.seq for batch in batches if batch.applied]):
            self._note_lost(chain, "store")
            return False
        return True

    def state_of(self, chain: StreamedChain, seen: Circumstances) -> ChainState:
        """What may be said of a chain. One that was live, fell silent and speaks again may have missed something."""
        silent = self.quotes.is_silent(seen.now_s, seen.open_s)
        state = decide_state(chain.evidence(seen, silent))
        if state == "live" and chain.is_to_be_mended(seen.now_s):
            state = decide_state(chain.evidence(seen, silent))
        chain.fell_silent = chain.ever_live and state == "stale"
        chain.ever_live = chain.ever_live or state == "live"
        return state

    def report(self, clock: Clock, state: ChainState, updates: int, feed: FeedStatus) -> dict[str, Any]:
        """What is said of the symbol each second, as plain values; `updates` counts since the stream began."""
        now_s = clock.monotonic_s()
        self.meter.count(now_s, max(0, updates - self.updates_seen))
        self.updates_seen = updates
        served = {
            str(name.expiration): chain.universe.epoch for name, chain in self.chains.items() if chain.served
        }
        return {
            "state": state,
            "feed": feed.state,
            "detail": feed.detail,
            "updates_per_s": self.meter.per_second(now_s),
            "lag_ms": self.meter.take_lag_ms(),
            "gaps": self.gaps,
            "gap_causes": dict(+self.gap_causes),
            "reconnects": feed.reconnects,
            "connections": feed.connections,
            "applied": self.applied,
            "stale": self.stale,
            "same": self.same,
            "flagged": {"crossed": self.crossed},
            "served_epochs": served,
            "subscribed": feed.confirmed,
            "over_budget": feed.over_budget,
            "not_streamed": feed.not_streamed,
            "quotes": self.quotes.how,
            "delayed": feed.delayed,
            "queued_frames": feed.queued_frames,
            "ts": clock.now_ms(),
        }

    @property
    def contracts(self) -> int:
        """How many contracts are streamed."""
        return sum(len(chain.universe.contracts) for chain in self.chains.values())

    def streams_any(self, tickers: AbstractSet[str]) -> bool:
        """Whether any of these contracts is streamed for it."""
        return any(not chain.universe.contracts.keys().isdisjoint(tickers) for chain in self.chains.values())

    @property
    def gaps(self) -> int:
        """How often updates were lost."""
        return self.gap_causes.total()

    def _note_lost(self, chain: StreamedChain, cause: GapCause | None) -> None:
        """Count the loss; rows that were asked for before it do not repair it."""
        if cause is not None:
            self.gap_causes[cause] += 1
            log.warning("updates lost", chain=str(chain.universe.chain), cause=cause)
            if self.wanted is not None:
                self.wanted.closes -= {chain.universe.chain}

    def _is_answer(self, universe: Universe) -> bool:
        return self.wanted is not None and universe.request == self.wanted.id

    def _take_answer(self, universes: Sequence[Universe]) -> None:
        """Close the seams that a load closes; it is complete when every chain that it loads has come."""
        loaded = [universe for universe in universes if self._is_answer(universe)]
        if self.wanted is None or not loaded:
            return
        for universe in loaded:
            if universe.chain in self.wanted.closes:
                self.chains[universe.chain].seam = None
        if len(loaded) >= loaded[0].request_chains:
            self.wanted, self.begun = None, True
