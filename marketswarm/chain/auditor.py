"""The audit: a slice of one stored chain at a time against the vendor's snapshot, all day; what is wrong is repaired.

A difference counts only when it is still there three seconds after the snapshot came: until then the stream may just have been
faster or slower. No clock of ours is compared with the vendor's.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any
from uuid import uuid4

import structlog

from marketswarm.chain.audit import (
    Comparison,
    Finding,
    Slice,
    compare,
    compared_sections,
    is_loss,
    next_slice,
    repair_rows,
    within,
)
from marketswarm.chain.audits import AuditLedger
from marketswarm.chain.flight import FlightControl
from marketswarm.chain.part_commit import PartCommit
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.tally import AuditTally
from marketswarm.clock import Clock
from marketswarm.errors import MarketSwarmError, NoSuchChain, StoreUnavailable
from marketswarm.model.chain import ChainId, ChainMeta, ChainRows, StoredChain
from marketswarm.model.contract import Section
from marketswarm.ports import MarketData

log = structlog.get_logger("marketswarm.audit")

# The waits before the looks that confirm: one second and three seconds after the snapshot.
_LOOKS_S = (1.0, 2.0)


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What became of an audit, as the task returns it.

    `outcome` is `same`, `repaired`, `gap` (so much was behind that updates must have been lost), `unrepaired` (a load of the
    symbol was in flight), `moved` (the chain changed under the audit, nothing counts), `failed`, `idle` (nothing to audit) or
    `busy` (another audit is under way).
    """

    outcome: str
    chain: str = ""
    contracts: int = 0
    checked: int = 0
    mismatched: int = 0
    vendor_behind: int = 0
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain values; what is empty is left out."""
        return {name: value for name, value in asdict(self).items() if value or name == "outcome"}


class ChainAuditor:
    """Audits the chains of all symbols in turn, the one that waited longest first.

    Args:
        symbols: whose chains.
        held_chains: which stored chains of a symbol are held.
        in_session: whether the market is open at a moment (ms).
        streamed: which sections of a symbol come by the stream; only these can prove a loss.
        expire_ms: when a chain is forgotten.
    """

    def __init__(
        self,
        market: MarketData,
        store: RedisChainStore,
        ledger: AuditLedger,
        flights: FlightControl,
        clock: Clock,
        *,
        symbols: Sequence[str],
        held_chains: Callable[[str], Sequence[ChainId]],
        in_session: Callable[[int], bool],
        streamed: Callable[[str], Collection[Section]],
        expire_ms: Callable[[ChainId], int],
    ) -> None:
        self._market = market
        self._store = store
        self._ledger = ledger
        self._flights = flights
        self._clock = clock
        self._symbols = tuple(symbols)
        self._held_chains = held_chains
        self._in_session = in_session
        self._streamed = streamed
        self._part = PartCommit(store, flights, expire_ms)

    def audit(self) -> AuditReport:
        """Audit one slice of the chain that waited longest.

        Raises:
            StoreUnavailable: nothing was done.
        """
        if not self._in_session(self._clock.now_ms()):
            return AuditReport("idle")
        run = uuid4().hex
        with self._ledger.take_turn(run) as taken:
            chain = self._longest_waiting() if taken else None
            if chain is None:
                return AuditReport("idle" if taken else "busy")
            return self._audit(chain, run)

    # -- the steps ----------------------------------------------------------

    def _longest_waiting(self) -> ChainId | None:
        """The live chain that was audited longest ago, of symbols that no load is about to change."""
        now_ms = self._clock.now_ms()
        waiting: list[tuple[int, ChainId]] = []
        for symbol in self._symbols:
            places = self._ledger.read(symbol).places
            live = [] if self._flights.in_flight(symbol) else self._live_chains(symbol)
            audited = {chain: places.get(chain.expiration.isoformat(), (0, None))[0] for chain in live}
            # What was audited in the future, by a clock that was set back, has not waited for less.
            waiting += [(at if at <= now_ms else 0, chain) for chain, at in audited.items()]
        return min(waiting)[1] if waiting else None

    def _live_chains(self, symbol: str) -> list[ChainId]:
        return [chain for chain in self._held_chains(symbol) if self._is_live(self._store.meta(chain))]

    def _audit(self, chain: ChainId, run: str) -> AuditReport:
        tally = self._ledger.read(chain.symbol)
        with self._kept(tally, chain):
            try:
                return self._look_and_repair(chain, run, tally)
            except StoreUnavailable:
                raise
            except MarketSwarmError as error:
                tally.last, tally.error = "failed", str(error)
                log.warning("audit failed", chain=str(chain), error=str(error))
                return AuditReport("failed", str(chain), error=str(error))

    @contextmanager
    def _kept(self, tally: AuditTally, chain: ChainId) -> Iterator[None]:
        """Whatever comes of it, it was this chain's turn."""
        day = chain.expiration.isoformat()
        after = tally.places.get(day, (0, None))[1]
        held = {each.expiration.isoformat() for each in self._held_chains(chain.symbol)}
        tally.ts, tally.error = self._clock.now_ms(), ""
        tally.places = {name: place for name, place in tally.places.items() if name in held}
        tally.places[day] = (tally.ts, after)
        yield
        self._ledger.write(chain.symbol, tally, self._clock.now_ms())

    def _look_and_repair(self, chain: ChainId, run: str, tally: AuditTally) -> AuditReport:
        before = self._read(chain)
        day = chain.expiration.isoformat()
        bounds = next_slice(before.contracts.values(), tally.places[day][1])
        rows = self._market.chain_rows(chain, bounds.low, bounds.high)
        compared = self._compare(before.meta, bounds, rows)
        if compared is None:
            tally.last = "moved"
            return AuditReport("moved", str(chain))
        seen, confirmed = compared
        tally.places[day] = (tally.ts, bounds.high)
        tally.note(self._clock.now_ms(), seen, confirmed)
        tally.last = self._repair(before.meta, rows, confirmed, seen, run) if confirmed else "same"
        tally.counts["losses"] += tally.last == "gap"
        if tally.last in {"gap", "repaired"}:
            tally.counts["repaired"] += len(repair_rows(confirmed, rows.contracts))
        return AuditReport(
            tally.last, str(chain), seen.contracts, seen.checked, len(confirmed), seen.vendor_behind
        )

    def _read(self, chain: ChainId) -> StoredChain:
        stored = self._store.read(chain.symbol, chain.expiration)
        if not stored.contracts:
            raise NoSuchChain(chain.symbol, chain.expiration.isoformat())
        return stored

    def _compare(
        self, meta: ChainMeta, bounds: Slice, rows: ChainRows
    ) -> tuple[Comparison, tuple[Finding, ...]] | None:
        """The first comparison and what of it was still so at the last look; None when the chain has changed meanwhile."""
        seen, left = None, None
        sections = compared_sections(self._streamed(meta.chain.symbol))
        for wait_s in (0.0, *_LOOKS_S):
            self._clock.sleep(wait_s)
            stored = self._read(meta.chain)
            if stored.meta.epoch != meta.epoch or not self._is_live(stored.meta):
                return None
            is_delayed = rows.delayed or stored.meta.delayed
            now = compare(within(stored.contracts, bounds), rows.contracts, sections, by_age=not is_delayed)
            seen = seen or now
            left = now.findings if left is None else tuple(found for found in left if found in now.findings)
            if not left:
                break
        return (seen, left or ()) if seen else None

    def _repair(
        self,
        meta: ChainMeta,
        rows: ChainRows,
        confirmed: tuple[Finding, ...],
        seen: Comparison,
        run: str,
    ) -> str:
        """Put the vendor's rows through the door of every load, which merges by time."""
        log.warning(
            "mismatch", chain=str(meta.chain), findings=confirmed[:5], more=max(0, len(confirmed) - 5)
        )
        lost = is_loss(confirmed, seen.contracts, self._streamed(meta.chain.symbol))
        done = self._part.put(
            meta,
            run,
            repair_rows(confirmed, rows.contracts),
            reason="gap" if lost else "audit",
            doubt=run if lost else "",
        )
        if done is None:
            return "unrepaired"
        return "gap" if lost else "repaired"

    @staticmethod
    def _is_live(meta: ChainMeta | None) -> bool:
        return meta is not None and meta.state == "live"
