"""Moves the window of one stored chain to spot: adds what it lacks, then drops what lies far behind."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import structlog

from marketswarm.chain.allotment import Allotment
from marketswarm.chain.budget import claim_of
from marketswarm.chain.completeness import joined
from marketswarm.chain.flight import LoadReport, report_of
from marketswarm.chain.pointers import ChainPointers
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.request import LoadRequest
from marketswarm.chain.stored import Committed, Window
from marketswarm.chain.strikes import StrikeBook
from marketswarm.chain.target import TargetChooser, contracts_a_strike
from marketswarm.chain.window import Move, plan_move
from marketswarm.clock import Clock
from marketswarm.errors import NoExpiration
from marketswarm.model.chain import ChainId, ChainMeta, ChainRows, Listing, Source, shrink_notice
from marketswarm.model.contract import Contract
from marketswarm.ports import MarketData, Progress

log = structlog.get_logger("marketswarm.loader")

STEPS = 5


Confirmed = Callable[[ChainId, int, Callable[[], bool]], bool]
"""Chain, epoch, and whether there is no hope any more: whether the stream has it, or cannot have it as things stand."""


class ChainExtension:
    """Moves windows; the symbol's load must be held.

    Args:
        stage: puts rows aside for the commit, told spot.
        confirmed: waits, within bounds and while there is hope, until the stream has subscribed the chain at that epoch.
        expire_ms: when a chain is forgotten.
    """

    def __init__(
        self,
        market: MarketData,
        store: RedisChainStore,
        pointers: ChainPointers,
        allotment: Allotment,
        chooser: TargetChooser,
        *,
        clock: Clock,
        source: Source,
        stage: Callable[[ChainId, str, Iterable[Contract], float], None],
        confirmed: Confirmed,
        expire_ms: Callable[[ChainId], int],
    ) -> None:
        self._market = market
        self._store = store
        self._pointers = pointers
        self._allotment = allotment
        self._chooser = chooser
        self._clock = clock
        self._source = source
        self._stage = stage
        self._confirmed = confirmed
        self._expire_ms = expire_ms
        self._book = StrikeBook(store)

    def move(
        self, request: LoadRequest, meta: ChainMeta, spot: float, run: str, progress: Progress
    ) -> LoadReport:
        """Move the window of one chain; within the window nothing is fetched anew."""
        progress("strikes", 1, STEPS)
        asked = self._chooser.asked(request, meta)
        listing = self._market.listing(meta.chain)
        if not listing.strikes:
            raise NoExpiration(meta.chain.symbol, meta.chain.expiration.isoformat())
        move, each_side = self._plan(listing, meta, spot, asked)
        now_ms = self._clock.now_ms()
        window = Window(spot, move.window.centre, *move.reach, each_side, asked, now_ms)
        progress("contracts", 2, STEPS)
        rows = self._rows(meta.chain, move) if move.spans else None
        progress("store", 3, STEPS)
        report = self._put(request, meta, run, window, rows)
        progress("drop", 4, STEPS)
        removed = self._drop_far(request, meta.chain, run, move, report)
        notice = shrink_notice(asked, each_side) or None
        if notice and each_side != meta.strikes_each_side:
            log.warning("window shrunk", chain=str(meta.chain), notice=notice)
        return replace(
            report,
            contracts=report.contracts - removed,
            removed=removed,
            strikes_each_side=each_side,
            strikes_asked=asked,
            notice=notice,
        )

    def _plan(self, listing: Listing, meta: ChainMeta, spot: float, asked: int) -> tuple[Move, int]:
        counts = self._book.of(meta).counts
        unknown = max([contracts_a_strike(listing), *counts.values()])
        claim = claim_of(asked, spot, listing.strikes, counts, unknown)
        shares = self._allotment.shares(meta.chain, claim)
        each_side = shares.each_side(asked)
        held = (meta.low, meta.high)
        return plan_move(listing.strikes, held, spot, each_side=each_side, margin=shares.margin), each_side

    def _put(
        self, request: LoadRequest, meta: ChainMeta, run: str, window: Window, rows: ChainRows | None
    ) -> LoadReport:
        if rows is None:
            self._pointers.move_window(meta.chain, run, window)
            same = Committed(meta.epoch, meta.seq, meta.contracts, 0, 0, 0)
            return report_of(request, meta.chain, same, {})
        self._stage(meta.chain, run, rows.contracts.values(), window.spot)
        committed = self._store.commit(
            meta.chain,
            run,
            window,
            reason=request.reason,
            source=self._source,
            expire_ms=self._expire_ms(meta.chain),
            origin=None,
            in_force=False,
            beside={"delayed": int(rows.delayed)},
        )
        return report_of(request, meta.chain, committed, rows.rejected)

    def _rows(self, chain: ChainId, move: Move) -> ChainRows:
        parts = [self._market.chain_rows(chain, low, high) for low, high in move.spans]
        wanted = [
            strike for strike in move.window.strikes if any(low <= strike <= high for low, high in move.spans)
        ]
        return joined(parts, wanted)

    def _drop_far(self, request: LoadRequest, chain: ChainId, run: str, move: Move, added: LoadReport) -> int:
        """Drop what lies outside of the window and its margin, once that may be done."""
        low, high = move.keep
        far = [str(one) for one in self._book.tickers(chain) if not low <= one.strike <= high]
        if not far or not self._may_drop(chain, added):
            return 0
        return self._store.drop(chain, run, far, low=low, high=high, reason=request.reason)

    def _may_drop(self, chain: ChainId, added: LoadReport) -> bool:
        """Whether the stream has what was added, or cannot have it before something goes. Else the next drift tries again."""
        return not added.added or self._is_full() or self._confirmed(chain, added.epoch, self._is_full)

    def _is_full(self) -> bool:
        """Whether there are more contracts than can be streamed: then what was added may wait for ever."""
        return self._allotment.room() < 0
