"""Operation 1: the full chain of one symbol, from nothing to stored, in one atomic step at the end.

spot → expiration → listed strikes → ±N around spot → snapshot rows → stage → commit. Whatever fails on the way leaves the
stored chain as it was.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Protocol
from uuid import uuid4

import structlog

from marketswarm.chain.allotment import Allotment, Unlimited
from marketswarm.chain.completeness import complete
from marketswarm.chain.extension import STEPS, ChainExtension, Confirmed
from marketswarm.chain.flight import FlightControl, LoadReport, joint, report_of
from marketswarm.chain.listings import ChainListings
from marketswarm.chain.pointers import ChainPointers
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.request import LoadRequest
from marketswarm.chain.stored import LoadOrigin
from marketswarm.chain.target import Target, TargetChooser
from marketswarm.clock import Clock
from marketswarm.errors import (
    ChainError,
    KeyRefused,
    MarketSwarmError,
    NoSpot,
    NoSuchChain,
    NotEntitled,
    ProviderError,
)
from marketswarm.maths.calendar import SessionCalendar
from marketswarm.model.chain import (
    ChainId,
    ChainMeta,
    ChainRows,
    ChainState,
    Listing,
    Source,
    StrikeWindow,
    shrink_notice,
)
from marketswarm.model.contract import Contract
from marketswarm.ports import MarketData, Progress

log = structlog.get_logger("marketswarm.loader")

KEPT_AFTER_CLOSE_MS = 24 * 3600 * 1000


def _no_progress(_step: str, _done: int, _total: int) -> None:
    pass


class RowGreeks(Protocol):
    """Gives rows greeks of our own before they are staged."""

    def whole(self, chain: ChainId, contracts: Iterable[Contract], spot: float) -> Iterable[Contract]:
        """The rows of a whole chain."""
        ...

    def part(self, chain: ChainId, contracts: Iterable[Contract], spot: float) -> Iterable[Contract]:
        """Rows that join a stored chain."""
        ...


@dataclass(frozen=True, slots=True)
class _Fetched:
    """A chain that came whole and is not stored yet."""

    chain: ChainId
    begun_ms: int
    target: Target
    rows: ChainRows


class ChainLoader:
    """Loads chains through the provider into the store.

    Args:
        expirations: how many of the next expirations to hold.
        each_side: N unless a load is asked for another one.
        held_chains: the chains of a symbol that are streamed, the one in force first; that one alone unless given.
        allotment: what the budget gives.
        confirmed: waits, within bounds and while there is hope, until the stream has subscribed the chain at that epoch.
        greeks: what gives rows their greeks; without it they keep the provider's.
        server_ms: the server's time when ours is that; it forgets by its own.
    """

    def __init__(
        self,
        market: MarketData,
        store: RedisChainStore,
        flights: FlightControl,
        calendar: SessionCalendar,
        clock: Clock,
        *,
        pointers: ChainPointers,
        source: Source,
        expirations: int = 1,
        each_side: int = 50,
        held_chains: Callable[[str], Sequence[ChainId]] | None = None,
        allotment: Allotment | None = None,
        confirmed: Confirmed | None = None,
        greeks: RowGreeks | None = None,
        server_ms: Callable[[int], int] = lambda now_ms: now_ms,
    ) -> None:
        self._market = market
        self._store = store
        self._pointers = pointers
        self._flights = flights
        self._calendar = calendar
        self._clock = clock
        self._source = source
        self._expirations = expirations
        self._held_chains = held_chains or self._in_force
        self._allotment = allotment or Unlimited()
        self._greeks = greeks
        self._server_ms = server_ms
        self._listings = ChainListings(market, expirations=expirations, held_chains=self._held_chains)
        self._chooser = TargetChooser(self._allotment, each_side=each_side)
        self._extension = ChainExtension(
            market,
            store,
            pointers,
            self._allotment,
            self._chooser,
            clock=clock,
            source=source,
            stage=self._stage_part,
            confirmed=confirmed or (lambda _chain, _epoch, _is_hopeless: False),
            expire_ms=self.expire_ms,
        )

    def load(self, request: LoadRequest, progress: Progress = _no_progress) -> LoadReport:
        """Load one symbol; a second load of the same symbol at the same time reports `joined` and does nothing.

        Raises:
            BadArgument: for an impossible number of strikes or an expiration that has passed.
            ProviderError, ChainError, StoreError: the stored chain is as it was.
        """
        return self._fly(request, lambda run: self._load_expirations(request, run, progress))

    def load_ahead(self, request: LoadRequest, progress: Progress = _no_progress) -> LoadReport:
        """Load the chains that will be held after the roll and are not stored yet; the one in force stays in force.

        They are streamed before the roll only if the budget has room for them. Without a stored chain this is a load.
        """
        return self._fly(request, lambda run: self._load_ahead(request, run, progress))

    def extend(self, request: LoadRequest, progress: Progress = _no_progress) -> LoadReport:
        """Move the windows of all held chains of a symbol to spot: add the strikes they lack, then drop those far behind.

        Without a stored chain this is a load. Contracts are dropped only once the stream has confirmed the new ones, unless
        it has no room for both.
        """
        return self._fly(request, lambda run: self._extend_or_load(request, run, progress))

    def expire_ms(self, chain: ChainId) -> int:
        """When a chain is forgotten, by the server's time: a day after its close."""
        return self._server_ms(self._calendar.expiration_close_ms(chain.expiration) + KEPT_AFTER_CLOSE_MS)

    # -- the steps ----------------------------------------------------------

    def _fly(self, request: LoadRequest, journey: Callable[[str], LoadReport]) -> LoadReport:
        request.check(self._first_day())
        run, begun_s, now_ms = uuid4().hex, self._clock.monotonic_s(), self._clock.now_ms()
        blank = LoadReport(request.symbol, "joined", request.reason, now_ms, task_id=request.task_id)
        with self._flights.take_off(request.symbol, run) as taken:
            if not taken:
                return blank
            try:
                report = journey(run)
            except MarketSwarmError as error:
                self._flights.record(replace(blank, state="failed", error=str(error)))
                if request.request and not isinstance(error, KeyRefused | NotEntitled):
                    self._flights.note_failure(request.symbol, request.request, self._clock.now_ms())
                raise
        took_ms = round((self._clock.monotonic_s() - begun_s) * 1000)
        report = replace(report, took_ms=took_ms, task_id=request.task_id, ts=now_ms)
        self._flights.record(report)
        return report

    def _load_expirations(self, request: LoadRequest, run: str, progress: Progress) -> LoadReport:
        progress("spot", 0, STEPS)
        spot = self._spot(request.symbol)
        progress("expiration", 1, STEPS)
        listings = self._asked_listings(request)
        held = [listing.chain for listing in listings[: self._expirations]]
        reports: list[LoadReport] = []
        for listing in listings:
            fetched = self._fetch(request, listing, spot, progress)
            in_force = listing is listings[0] and (
                request.expiration is None or self._store.current_expiration(request.symbol) is None
            )
            first_state: ChainState = "loading" if request.expiration is None or in_force else "stale"
            if in_force:
                self._hold_beside(run, held)  # what is stored already must not look as if it were left
            report = self._commit(
                request,
                fetched,
                run,
                chains=len(listings),
                in_force=in_force,
                first_state=first_state,
                progress=progress,
            )
            reports.append(report)
            if in_force:
                self._hold_beside(run, held)
        progress("done", STEPS, STEPS)
        return joint(reports)

    def _load_ahead(self, request: LoadRequest, run: str, progress: Progress) -> LoadReport:
        meta = self._meta_in_force(request.symbol)
        if meta is None:
            return self._load_expirations(request, run, progress)
        progress("spot", 0, STEPS)
        spot = self._spot(request.symbol)
        progress("expiration", 1, STEPS)
        listings = self._listings.next(request.symbol, meta.chain.expiration + timedelta(days=1))
        held = self._held_chains(request.symbol)
        new = [
            self._fetch(request, listing, spot, progress) for listing in listings if listing.chain not in held
        ]
        # Named first: the entry of the commit is what makes the stream look for it.
        streamed = sum(len(fetched.rows.contracts) for fetched in new) <= self._allotment.room()
        days = [listing.chain.expiration for listing in listings]
        self._pointers.name_next(meta.chain, run, days, streamed=streamed)
        reports = [
            self._commit(
                request,
                fetched,
                run,
                chains=len(new),
                in_force=False,
                first_state="stale",
                progress=progress,
            )
            for fetched in new
        ]
        progress("done", STEPS, STEPS)
        return joint(reports) if reports else LoadReport(request.symbol, "loaded", request.reason, 0)

    def _fetch(self, request: LoadRequest, listing: Listing, spot: float, progress: Progress) -> _Fetched:
        progress("strikes", 2, STEPS)
        chain, begun_ms = listing.chain, self._clock.now_ms()
        held = self._held_chains(request.symbol)
        is_streamed = request.expiration is None or not held or chain in held
        meta = self._store.meta(chain)
        target = self._chooser.choose(request, listing, spot, meta, is_bounded=is_streamed)
        progress("contracts", 3, STEPS)
        bounds = target.strikes
        rows = complete(self._market.chain_rows(chain, bounds.low, bounds.high), bounds.strikes)
        return _Fetched(chain, begun_ms, *self._chooser.trimmed(target, rows))

    def _commit(
        self,
        request: LoadRequest,
        fetched: _Fetched,
        run: str,
        *,
        chains: int,
        in_force: bool,
        first_state: ChainState,
        progress: Progress,
    ) -> LoadReport:
        progress("store", 4, STEPS)
        chain, target, rows = fetched.chain, fetched.target, fetched.rows
        contracts = [*rows.contracts.values(), *self._listed_without_row(rows, target.strikes)]
        self._stage(chain, run, contracts, target.spot)
        committed = self._store.commit(
            chain,
            run,
            target.window(self._clock.now_ms()),
            reason=request.reason,
            source=self._source,
            expire_ms=self.expire_ms(chain),
            origin=LoadOrigin(fetched.begun_ms, request.request, chains),
            in_force=in_force,
            first_state=first_state,
            beside={"delayed": int(rows.delayed)},
        )
        report = report_of(request, chain, committed, rows.rejected)
        if target.asked is None or target.each_side is None:
            return report
        if notice := shrink_notice(target.asked, target.each_side) or None:
            log.warning("window shrunk", chain=str(chain), notice=notice)
        return replace(report, strikes_each_side=target.each_side, strikes_asked=target.asked, notice=notice)

    def _extend_or_load(self, request: LoadRequest, run: str, progress: Progress) -> LoadReport:
        """Every held chain by itself: one that fails is reported after the others have moved."""
        days = [ChainId(request.symbol, request.expiration)] if request.expiration else None
        metas = [self._store.meta(chain) for chain in days or self._held_chains(request.symbol)]
        if not metas or metas[0] is None:
            return self._load_expirations(request, run, progress)
        progress("spot", 0, STEPS)
        spot = self._spot(request.symbol)
        reports: list[LoadReport] = []
        failures: list[MarketSwarmError] = []
        for meta in filter(None, metas):
            try:
                reports.append(self._extension.move(request, meta, spot, run, progress))
            except (ProviderError, ChainError) as error:
                failures.append(error)
        if failures:
            raise failures[0]
        progress("done", STEPS, STEPS)
        return joint(reports)

    # -- what they need -----------------------------------------------------

    def _stage(self, chain: ChainId, run: str, contracts: Iterable[Contract], spot: float) -> None:
        valued = contracts if self._greeks is None else self._greeks.whole(chain, contracts, spot)
        self._store.stage(chain, run, valued)

    def _stage_part(self, chain: ChainId, run: str, contracts: Iterable[Contract], spot: float) -> None:
        valued = contracts if self._greeks is None else self._greeks.part(chain, contracts, spot)
        self._store.stage(chain, run, valued)

    def _hold_beside(self, run: str, chains: Sequence[ChainId]) -> None:
        """Say which chains are held beside the one in force, before they come: their entries make the stream look."""
        meta = self._store.meta(chains[0])
        later = tuple(chain.expiration for chain in chains[1:])
        if meta is not None and meta.later != later:
            self._pointers.hold_beside(chains[0], run, later)

    def _in_force(self, symbol: str) -> Sequence[ChainId]:
        day = self._store.current_expiration(symbol)
        return [ChainId(symbol, day)] if day else []

    def _meta_in_force(self, symbol: str) -> ChainMeta | None:
        return next((self._store.meta(chain) for chain in self._in_force(symbol)), None)

    def _first_day(self) -> date:
        return self._calendar.first_expiration_day(self._clock.now_ms())

    def _spot(self, symbol: str) -> float:
        readings = self._market.spots([symbol])
        if symbol not in readings.found:
            raise NoSpot(symbol, readings.failed.get(symbol, "the provider gave none"))
        return readings.found[symbol].spot

    def _asked_listings(self, request: LoadRequest) -> list[Listing]:
        if request.expiration is not None:
            return [self._listings.of(ChainId(request.symbol, request.expiration))]
        listings = self._listings.next(request.symbol, self._first_day())
        return listings + self._listings.ahead(listings[-1].chain)

    def _listed_without_row(self, rows: ChainRows, window: StrikeWindow) -> list[Contract]:
        """Stored contracts of the window that this snapshot lacks: a row that is absent does not delist a contract."""
        if "missing" not in rows.rejected:
            return []
        try:
            stored = self._store.read(rows.chain.symbol, rows.chain.expiration).contracts
        except NoSuchChain:
            return []
        strikes = set(window.strikes)
        return [row for name, row in stored.items() if row.strike in strikes and name not in rows.contracts]
