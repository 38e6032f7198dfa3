"""Quotes by snapshot, where the plan does not stream them: the held windows, every few seconds, through the door of repairs.

Rows go in with newer values winning; the set of contracts stays. One poll is under way at a time, the symbol that waited
longest first: when the vendor is slow, polls come later and never pile up.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final
from uuid import uuid4

import structlog

from marketswarm.chain.loader import RowGreeks
from marketswarm.chain.part_commit import PartCommit
from marketswarm.chain.polled import Poll
from marketswarm.chain.polls import PollLedger
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.clock import Clock
from marketswarm.errors import ProviderError, RateLimited
from marketswarm.model.chain import ChainId, ChainMeta, ChainRows
from marketswarm.model.contract import Contract
from marketswarm.ports import MarketData

log = structlog.get_logger("marketswarm.poll")

_ENOUGH_S: Final = 4.0  # what has not begun by then waits for the next mark
_SLACK_MS: Final = 1_000  # a mark that comes a little early is still one
_LIMITED_S: Final = 60.0  # the vendor counts calls by the minute


@dataclass(frozen=True, slots=True)
class PollReport:
    """What one mark did. `outcome` is `polled`, `idle` (nothing is due) or `busy` (another poll is under way)."""

    outcome: str
    changed: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain values; what is empty is left out."""
        return {name: value for name, value in asdict(self).items() if value}


def _unrecorded(_name: str, **_arguments: Any) -> AbstractContextManager[None]:
    return nullcontext()


class ChainPoller:
    """Polls the chains whose quotes are not streamed.

    Args:
        part: merges rows.
        symbols: the configured ones.
        every_s: the pace.
        held_chains: the chains of a symbol that are streamed.
        in_session: whether the market is open at a moment (ms).
        is_wanted: whether a symbol's quotes are to be polled.
        spot_of: the newest spot known of a chain.
        greeks: what gives rows their greeks.
        deed: wraps the poll of a symbol, so that it can be recorded.
    """

    def __init__(
        self,
        market: MarketData,
        store: RedisChainStore,
        ledger: PollLedger,
        part: PartCommit,
        clock: Clock,
        *,
        symbols: Sequence[str],
        every_s: int,
        held_chains: Callable[[str], Sequence[ChainId]],
        in_session: Callable[[int], bool],
        is_wanted: Callable[[str], bool],
        spot_of: Callable[[ChainId], tuple[float, int] | None],
        greeks: RowGreeks,
        deed: Callable[..., AbstractContextManager[None]] = _unrecorded,
    ) -> None:
        self._market = market
        self._store = store
        self._ledger = ledger
        self._part = part
        self._clock = clock
        self._symbols = tuple(symbols)
        self._every_s = every_s
        self._held_chains = held_chains
        self._in_session = in_session
        self._is_wanted = is_wanted
        self._spot_of = spot_of
        self._greeks = greeks
        self._deed = deed

    def poll(self) -> PollReport:
        """Poll what is due.

        Raises:
            StoreUnavailable: some of it may be done.
        """
        due = self._due()
        if not due:
            return PollReport("idle")
        run, begun_s = uuid4().hex, self._clock.monotonic_s()
        with self._ledger.take_turn(run) as taken:
            if not taken:
                return PollReport("busy")
            report = PollReport("polled")
            for _, symbol in due:
                if self._clock.monotonic_s() - begun_s < _ENOUGH_S:
                    self._poll_symbol(symbol, run, report)
            return report

    def poll_symbol(self, symbol: str) -> PollReport:
        """Poll one symbol now, whether it is due or not, and whoever else polls.

        Raises:
            StoreUnavailable: some of it may be done.
        """
        report = PollReport("polled")
        self._poll_symbol(symbol, uuid4().hex, report)
        return report

    # -- the steps ----------------------------------------------------------

    def _due(self) -> list[tuple[int, str]]:
        """The symbols whose turn it is, the one that waited longest first."""
        now_ms = self._clock.now_ms()
        if not self._in_session(now_ms):
            return []
        wanted = [(self._ledger.read(symbol), symbol) for symbol in self._symbols if self._is_wanted(symbol)]
        pause_ms = self._every_s * 1000 - _SLACK_MS
        return sorted(
            (last.ts, symbol)
            for last, symbol in wanted
            if _is_over(now_ms, last.ts, pause_ms) and _is_over(now_ms, last.ts, last.again_ms - last.ts)
        )

    def _poll_symbol(self, symbol: str, run: str, report: PollReport) -> None:
        with self._deed("poll", symbol=symbol):
            self._poll_chains(symbol, run, report)

    def _poll_chains(self, symbol: str, run: str, report: PollReport) -> None:
        before = self._ledger.read(symbol)
        poll = Poll(ts=self._clock.now_ms(), every_s=self._every_s, polled_ms=before.polled_ms)
        try:
            for chain in self._held_chains(symbol):
                poll = self._poll_chain(chain, run, poll)
            report.changed[symbol] = poll.changed
        except ProviderError as error:
            log.warning("poll failed", symbol=symbol, error=str(error))
            poll = replace(poll, error=str(error), again_ms=self._again_ms(error))
            report.failed[symbol] = str(error)
        self._ledger.write(symbol, poll)

    def _poll_chain(self, chain: ChainId, run: str, poll: Poll) -> Poll:
        meta = self._store.meta(chain)
        if meta is None:
            return poll
        rows = self._market.chain_rows(chain, meta.low, meta.high)
        contracts = self._held_rows(meta, rows)
        quoted = [one.quote.ts for one in contracts if one.quote is not None]
        done = self._part.put(
            meta,
            run,
            contracts,
            reason="audit",
            beside={
                "polled_ms": self._clock.now_ms(),
                "quoted_ms": max(quoted, default=0),
                "delayed": int(rows.delayed),
            },
            is_announced=False,
        )
        if done is None:  # a load is in flight, which brings the same
            return poll
        return replace(
            poll,
            polled_ms=self._clock.now_ms(),
            contracts=poll.contracts + len(contracts),
            quotes=poll.quotes + len(quoted),
            quoted_ms=max([poll.quoted_ms, *quoted]),
            changed=poll.changed + done.changed,
        )

    def _held_rows(self, meta: ChainMeta, rows: ChainRows) -> Sequence[Contract]:
        """The rows of contracts that the chain holds, with their greeks: which ones it holds is the loads' business."""
        held = set(self._store.tickers(meta.chain))
        found = self._spot_of(meta.chain)
        spot = meta.spot if found is None else found[0]
        kept = [row for name, row in rows.contracts.items() if name in held]
        return list(self._greeks.whole(meta.chain, kept, spot))

    def _again_ms(self, error: ProviderError) -> int:
        if not isinstance(error, RateLimited):
            return 0
        wait_s = _LIMITED_S if error.retry_after_s is None else error.retry_after_s
        return self._clock.now_ms() + int(wait_s * 1000)


def _is_over(now_ms: int, since_ms: int, wait_ms: int) -> bool:
    """Whether a wait is over; one that began in the future is of a clock that was set back, and holds nobody up."""
    return not 0 <= now_ms - since_ms < wait_ms
