"""Operation 1: the full chain of one symbol, from nothing to stored, in one atomic step at the end.

spot → expiration → listed strikes → ±N around spot → snapshot rows → stage → commit. Whatever fails on the way leaves the
stored chain as it was.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import uuid4

from marketswarm.chain.flight import FlightControl, LoadReport
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.stored import Committed, LoadOrigin, Window
from marketswarm.chain.window import choose_window, missing_span
from marketswarm.clock import Clock
from marketswarm.errors import (
    BadArgument,
    IncompleteChain,
    MarketSwarmError,
    NoExpiration,
    NoSpot,
    NoSuchChain,
)
from marketswarm.maths.calendar import SessionCalendar
from marketswarm.model.chain import ChainId, ChainMeta, ChainRows, LoadReason, Source, StrikeWindow
from marketswarm.model.contract import Contract
from marketswarm.model.ticker import OptionType
from marketswarm.ports import MarketData, Progress

MAX_STRIKES_EACH_SIDE = 500
_KEPT_AFTER_CLOSE_MS = 24 * 3600 * 1000
_STEPS = 5
_MISSING_ALLOWED = 0.1
SIDES: tuple[OptionType, OptionType] = ("call", "put")


def _no_progress(_step: str, _done: int, _total: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """What to load and why.

    Attributes:
        expiration: a listed one; None for the next ones, as many as the settings say.
        task_id: the Celery task behind the load, for the record.
        request: the id by which whoever asked will know the load again.
    """

    symbol: str
    reason: LoadReason
    strikes_each_side: int
    expiration: date | None = None
    task_id: str | None = None
    request: str = ""


class ChainLoader:
    """Loads chains through the provider into the store.

    Args:
        expirations: how many of the next expirations to hold.
        confirmed: asks the stream whether it has subscribed the chain at that epoch; waits for it, within bounds.
    """

    def __init__(
        self,
        market: MarketData,
        store: RedisChainStore,
        flights: FlightControl,
        calendar: SessionCalendar,
        clock: Clock,
        *,
        source: Source,
        expirations: int = 1,
        confirmed: Callable[[ChainId, int], bool] | None = None,
    ) -> None:
        self._market = market
        self._store = store
        self._flights = flights
        self._calendar = calendar
        self._clock = clock
        self._source = source
        self._expirations = expirations
        self._confirmed = confirmed or (lambda _chain, _epoch: False)

    def load(self, request: LoadRequest, progress: Progress = _no_progress) -> LoadReport:
        """Load one symbol; a second load of the same symbol at the same time reports `joined` and does nothing.

        Raises:
            BadArgument: for an impossible number of strikes or an expiration that has passed.
            ProviderError, ChainError, StoreError: the stored chain is as it was.
        """
        self._check(request)
        return self._fly(request, lambda run: self._load_expirations(request, run, progress))

    def extend(self, request: LoadRequest, progress: Progress = _no_progress) -> LoadReport:
        """Move the window of the chain in force to spot: add the strikes it lacks, then drop those far behind.

        Without a stored chain this is a load. Contracts are dropped only once the stream has confirmed the new ones.
        """
        self._check(request)
        return self._fly(request, lambda run: self._extend_or_load(request, run, progress))

    # -- the steps ----------------------------------------------------------

    def _check(self, request: LoadRequest) -> None:
        n = request.strikes_each_side
        if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= MAX_STRIKES_EACH_SIDE:
            raise BadArgument("strikes_each_side", n, f"a whole number from 1 to {MAX_STRIKES_EACH_SIDE}")
        first = self._calendar.first_expiration_day(self._clock.now_ms())
        if request.expiration is not None and request.expiration < first:
            raise BadArgument(
                "expiration", request.expiration.isoformat(), f"a listed expiration from {first} on"
            )

    def _fly(self, request: LoadRequest, journey: Callable[[str], LoadReport]) -> LoadReport:
        run, begun_s, now_ms = uuid4().hex, self._clock.monotonic_s(), self._clock.now_ms()
        blank = LoadReport(request.symbol, "joined", request.reason, now_ms, task_id=request.task_id)
        with self._flights.take_off(request.symbol, run) as taken:
            if not taken:
                return blank
            try:
                report = journey(run)
            except MarketSwarmError as error:
                self._flights.record(replace(blank, state="failed", error=str(error)))
                raise
        took_ms = round((self._clock.monotonic_s() - begun_s) * 1000)
        report = replace(report, took_ms=took_ms, task_id=request.task_id, ts=now_ms)
        self._flights.record(report)
        return report

    def _load_expirations(self, request: LoadRequest, run: str, progress: Progress) -> LoadReport:
        progress("spot", 0, _STEPS)
        spot = self._spot(request.symbol)
        progress("expiration", 1, _STEPS)
        days = [request.expiration] if request.expiration else self._next_expirations(request.symbol)
        chains = [ChainId(request.symbol, day) for day in days]
        reports = [
            self._load_one(request, chain, chains, spot=spot, run=run, progress=progress) for chain in chains
        ]
        return reports[0]

    def _load_one(
        self,
        request: LoadRequest,
        chain: ChainId,
        chains: list[ChainId],
        *,
        spot: float,
        run: str,
        progress: Progress,
    ) -> LoadReport:
        progress("strikes", 2, _STEPS)
        origin = LoadOrigin(self._clock.now_ms(), request.request, len(chains))
        window = self._window(chain, spot, request.strikes_each_side)
        progress("contracts", 3, _STEPS)
        rows = self._complete(self._market.chain_rows(chain, window.low, window.high), window.strikes)
        progress("store", 4, _STEPS)
        self._store.stage(chain, run, [*rows.contracts.values(), *self._listed_without_row(rows, window)])
        in_force = chain == chains[0] and (
            request.expiration is None or self._store.current_expiration(request.symbol) is None
        )
        committed = self._store.commit(
            chain,
            run,
            Window(spot, window.centre, window.low, window.high),
            reason=request.reason,
            source=self._source,
            expire_ms=self.expire_ms(chain),
            origin=origin,
            in_force=in_force,
            first_state="stale" if request.expiration is not None and not in_force else "loading",
        )
        progress("done", _STEPS, _STEPS)
        return _report(request, chain, committed, rows)

    def _extend_or_load(self, request: LoadRequest, run: str, progress: Progress) -> LoadReport:
        day = request.expiration or self._store.current_expiration(request.symbol)
        meta = self._store.meta(ChainId(request.symbol, day)) if day else None
        if meta is None:
            return self._load_expirations(request, run, progress)
        return self._extend(request, meta, run, progress)

    def _extend(self, request: LoadRequest, meta: ChainMeta, run: str, progress: Progress) -> LoadReport:
        progress("spot", 0, _STEPS)
        spot = self._spot(request.symbol)
        progress("strikes", 1, _STEPS)
        window = self._window(meta.chain, spot, request.strikes_each_side)
        spans = missing_span(window, meta.low, meta.high)
        if not spans:
            spans = [(window.low, window.high)]
        progress("contracts", 2, _STEPS)
        found = self._rows_of_spans(meta.chain, window, spans)
        progress("store", 3, _STEPS)
        self._store.stage(meta.chain, run, found.contracts.values())
        committed = self._store.commit(
            meta.chain,
            run,
            Window(spot, window.centre, window.low, window.high),
            reason=request.reason,
            source=self._source,
            expire_ms=self.expire_ms(meta.chain),
            origin=None,
            in_force=False,
        )
        progress("drop", 4, _STEPS)
        removed = self._drop_far(meta.chain, run, window, committed, request.reason)
        progress("done", _STEPS, _STEPS)
        return replace(_report(request, meta.chain, committed, found), removed=removed)

    def _rows_of_spans(
        self, chain: ChainId, window: StrikeWindow, spans: Sequence[tuple[float, float]]
    ) -> ChainRows:
        found = [self._market.chain_rows(chain, low, high) for low, high in spans]
        contracts = {ticker: row for rows in found for ticker, row in rows.contracts.items()}
        wanted = [strike for strike in window.strikes if any(low <= strike <= high for low, high in spans)]
        return self._complete(replace(found[0], contracts=contracts), wanted)

    def _drop_far(
        self, chain: ChainId, run: str, window: StrikeWindow, committed: Committed, reason: LoadReason
    ) -> int:
        """Drop what lies outside the window, unless no stream has confirmed the new contracts; the next drift tries again."""
        if committed.added and not self._confirmed(chain, committed.epoch):
            return 0
        contracts = self._store.read(chain.symbol, chain.expiration).contracts
        far = [
            name for name, contract in contracts.items() if not window.low <= contract.strike <= window.high
        ]
        if not far:
            return 0
        return self._store.drop(chain, run, far, low=window.low, high=window.high, reason=reason)

    def _spot(self, symbol: str) -> float:
        readings = self._market.spots([symbol])
        if symbol not in readings.found:
            raise NoSpot(symbol, readings.failed.get(symbol, "the provider gave none"))
        return readings.found[symbol].spot

    def _next_expirations(self, symbol: str) -> list[date]:
        first = self._calendar.first_expiration_day(self._clock.now_ms())
        days = self._market.expirations(symbol, first, self._expirations)
        if not days:
            raise NoExpiration(symbol, f"{first} or later")
        return days

    def _window(self, chain: ChainId, spot: float, each_side: int) -> StrikeWindow:
        listing = self._market.listing(chain)
        if not listing.strikes:
            raise NoExpiration(chain.symbol, chain.expiration.isoformat())
        return choose_window(listing.strikes, spot, each_side)

    def _complete(self, rows: ChainRows, strikes: Sequence[float]) -> ChainRows:
        """The rows; a few listed contracts may lack one (the snapshot lags new listings), many may not."""
        present = {(contract.strike, contract.type) for contract in rows.contracts.values()}
        missing = [
            f"{strike:g} {side}" for strike in strikes for side in SIDES if (strike, side) not in present
        ]
        if not present or len(missing) > _MISSING_ALLOWED * 2 * len(strikes):
            detail = f"{len(missing)} of {2 * len(strikes)} contracts without a row, the first {missing[0]}"
            raise IncompleteChain(rows.chain.symbol, rows.chain.expiration.isoformat(), detail)
        return replace(rows, rejected={**rows.rejected, "missing": len(missing)}) if missing else rows

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

    def expire_ms(self, chain: ChainId) -> int:
        """When a chain is forgotten: a day after its close."""
        return self._calendar.expiration_close_ms(chain.expiration) + _KEPT_AFTER_CLOSE_MS


def _report(request: LoadRequest, chain: ChainId, committed: Committed, rows: ChainRows) -> LoadReport:
    return LoadReport(
        symbol=request.symbol,
        state="loaded",
        reason=request.reason,
        ts=0,
        expiration=chain.expiration.isoformat(),
        contracts=committed.contracts,
        added=committed.added,
        removed=committed.removed,
        changed=committed.changed,
        rejected=rows.rejected or None,
        epoch=committed.epoch,
        seq=committed.seq,
    )
