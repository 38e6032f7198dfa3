"""Keeps the latest state of each contract and section between two flushes; nothing but intermediate states is dropped.

What came last is known beyond the flush, so that a late event cannot undo a newer one that has been flushed already. Within
one millisecond the vendor's sequence decides. A quote whose prices are the ones that were flushed may wait longer than others.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from msgspec import DecodeError, Struct, UnsetType
from msgspec.json import Decoder

from marketswarm.maths.calendar import new_york_day
from marketswarm.model.chain import ChainId
from marketswarm.model.contract import Day
from marketswarm.model.update import BarUpdate, QuoteUpdate, TradeUpdate, Update

FUTURE_ALLOWED_MS = 60_000
_HOUR_MS = 3_600_000


@dataclass(slots=True, eq=False)
class Latest:
    """What is known of one contract, and which sections of it are not flushed yet.

    No `Struct`, since that takes each assignment through a call of its own, and this is assigned to for every quote.

    Attributes:
        flushed_quote: the quote that was flushed last.
        waits: whether it waits to be taken.
        since_s: when the oldest came of what waits (monotonic seconds).
        arrived_s: when the newest came of all.
        updates: how many came.
    """

    ticker: str
    chain: ChainId
    quote: QuoteUpdate | None = None
    trade: TradeUpdate | None = None
    day: Day | None = None
    quote_waits: bool = False
    trade_waits: bool = False
    day_waits: bool = False
    flushed_quote: QuoteUpdate | None = None
    waits: bool = False
    since_s: float = 0.0
    arrived_s: float = 0.0
    updates: int = 0


Sent = tuple[Latest, bool, bool, bool]
"""A contract that was taken, and whether its quote, trade and day are on their way."""


class Waiting(NamedTuple):
    """Contracts of one chain with something to flush."""

    chain: ChainId
    contracts: list[Latest]


class _StoredDay(Struct):
    """The part of a stored contract that bars go on from."""

    day: dict[str, int | float] = {}


class Conflator:
    """Latest wins, per contract and section. Holds as many states as there are contracts, whatever the input.

    Attributes:
        accepted: usable updates so far.
    """

    def __init__(self) -> None:
        self._contracts: dict[str, Latest] = {}
        self._waiting: list[Latest] = []
        self.accepted = 0
        self._refusals = 0
        self._refused: Counter[str] = Counter()
        self._refused_of: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._samples: dict[str, Update] = {}

    def hold(self, chains: Mapping[ChainId, Mapping[str, bytes]]) -> None:
        """Hold exactly these contracts, ticker → stored JSON; what is known of the ones that stay is kept."""
        before, self._contracts = self._contracts, {}
        for chain, contracts in chains.items():
            for ticker, stored in contracts.items():
                latest = before.get(ticker)
                if latest is None or latest.chain != chain:
                    latest = Latest(ticker, chain)
                latest.chain = chain
                latest.day = _newer_day(latest.day, _day_of(stored))
                self._contracts[ticker] = latest
                self._complete(latest)
        self._waiting = [latest for latest in self._waiting if self._contracts.get(latest.ticker) is latest]

    def _complete(self, latest: Latest) -> None:
        """A bar that came before any snapshot knew no close of the day before: what follows from it is written now."""
        day = latest.day
        if day is None or day.change is not None or day.close is None or day.previous_close is None:
            return
        change, percent = _changes(day.close, day.previous_close)
        latest.day = day.model_copy(update={"change": change, "change_percent": percent})
        latest.day_waits = latest.arrived_s > 0
        if latest.day_waits and not latest.waits:
            self._wait(latest)

    def add(self, updates: Sequence[Update], arrived_s: float, now_ms: int) -> None:
        """Take updates in. What cannot be used is counted: `unlisted`, `future`, `negative`, `late`."""
        # The hottest loop of all, and nearly always for quotes: nothing is called or looked up that need not be.
        contract_of, refuse, limit_ms = self._contracts.get, self._refuse, now_ms + FUTURE_ALLOWED_MS
        refused, quotes, may_be_negative = self._refusals, QuoteUpdate, True
        for update in updates:
            latest = contract_of(update.ticker)
            if latest is None:
                refuse("unlisted", update)
                continue
            ts = update.ts
            if ts > limit_ms:
                refuse("future", update)
                continue
            if type(update) is quotes or isinstance(update, QuoteUpdate):
                if type(update) is not quotes:
                    quotes, may_be_negative = type(update), not update.is_checked
                if may_be_negative and (update.bid < 0 or update.ask < 0):
                    refuse("negative", update)
                    continue
                known = latest.quote
                if known is not None and ts <= known.ts and (ts < known.ts or update.seq < known.seq):
                    refuse("late", update)
                    continue
                latest.quote, latest.quote_waits = update, True
            elif reason := _take(latest, update):
                refuse(reason, update)
                continue
            latest.arrived_s = arrived_s
            latest.updates += 1
            if not latest.waits:
                latest.since_s = arrived_s
                self._wait(latest)
        self.accepted += len(updates) - (self._refusals - refused)

    def _wait(self, latest: Latest) -> None:
        latest.waits = True
        self._waiting.append(latest)

    def _refuse(self, reason: str, update: Update) -> None:
        self._refusals += 1
        self._refused[reason] += 1
        self._samples.setdefault(reason, update)
        if latest := self._contracts.get(update.ticker):
            self._refused_of[latest.chain.symbol][reason] += 1

    def refused_of(self, symbol: str) -> dict[str, int]:
        """Reason → how many updates of a symbol's contracts were refused so far."""
        return dict(self._refused_of[symbol])

    def take_refused(self) -> tuple[dict[str, int], dict[str, Update]]:
        """Reason → how many were refused since the last call, and reason → the first of them."""
        counts, samples = dict(self._refused), self._samples
        self._refused, self._samples = Counter(), {}
        return counts, samples

    def updates_by_symbol(self) -> Counter[str]:
        """Symbol → usable updates so far, over the contracts held now."""
        counts: Counter[str] = Counter()
        for latest in self._contracts.values():
            counts[latest.chain.symbol] += latest.updates
        return counts

    def take(self, now_s: float = 0.0, sizes_wait_s: float = 0.0) -> list[Waiting]:
        """What waits, by chain. The caller marks it `flushed` or gives it `back`.

        Args:
            now_s: monotonic seconds.
            sizes_wait_s: contracts of which only the sizes of the quote have changed stay until they have waited that long.
        """
        # By identity: `hold` leaves one object a chain, and a chain's hash is slow.
        by_chain: dict[int, Waiting] = {}
        waiting, self._waiting = self._waiting, []
        for latest in waiting:
            if sizes_wait_s > 0 and now_s - latest.since_s < sizes_wait_s and not _is_urgent(latest):
                self._waiting.append(latest)
                continue
            latest.waits = False
            if (taken := by_chain.get(id(latest.chain))) is None:
                taken = by_chain[id(latest.chain)] = Waiting(latest.chain, [])
            taken.contracts.append(latest)
        return list(by_chain.values())

    def flushed(self, contracts: Iterable[Latest]) -> list[Sent]:
        """What was taken is on its way to the store; the answer is for `undo`, should it not arrive."""
        sent: list[Sent] = []
        for latest in contracts:
            sent.append((latest, latest.quote_waits, latest.trade_waits, latest.day_waits))
            latest.quote_waits = latest.trade_waits = latest.day_waits = False
            latest.flushed_quote = latest.quote
        return sent

    def undo(self, sent: Iterable[Sent]) -> None:
        """What was on its way has not arrived: it waits again, or what came instead of it meanwhile."""
        for latest, quote, trade, day in sent:
            latest.quote_waits |= quote
            latest.trade_waits |= trade
            latest.day_waits |= day
            latest.flushed_quote = None
            self.back((latest,))

    def back(self, contracts: Iterable[Latest]) -> None:
        """What was taken is not to be sent yet: it waits again, unless its contract is no longer held."""
        for latest in contracts:
            if self._contracts.get(latest.ticker) is latest and not latest.waits:
                self._wait(latest)

    @property
    def waiting(self) -> int:
        """How many contracts wait."""
        return len(self._waiting)


def _is_urgent(latest: Latest) -> bool:
    """Whether more has changed than the sizes of the quote."""
    known, quote = latest.flushed_quote, latest.quote
    if latest.trade_waits or latest.day_waits or known is None or quote is None:
        return True
    return quote.bid != known.bid or quote.ask != known.ask


def _take(latest: Latest, update: TradeUpdate | BarUpdate) -> str | None:
    if isinstance(update, TradeUpdate):
        if update.price < 0 or update.size < 0:
            return "negative"
        if _is_late(latest.trade, update):
            return "late"
        latest.trade, latest.trade_waits = update, True
    else:
        latest.day, latest.day_waits = _day_with(latest.day or Day(), update), True
    return None


def _is_late(known: TradeUpdate | None, update: TradeUpdate) -> bool:
    if known is None or update.ts > known.ts:
        return False
    return update.ts < known.ts or update.seq < known.seq


def _newer_day(known: Day | None, stored: Day | None) -> Day | None:
    """What bars go on from: the stored day, unless bars that are newer have not reached the store yet.

    Of the same moment there may be both: bars that came late widened the one, a snapshot the other.
    """
    if known is None or stored is None:
        return known or stored
    if known.ts != stored.ts:
        newer = max(known, stored, key=lambda day: day.ts or 0)
        return newer if newer.previous_close is not None else _with_close(newer, stored)
    highs = [day.high for day in (known, stored) if day.high is not None]
    lows = [day.low for day in (known, stored) if day.low is not None]
    return stored.model_copy(update={"high": max(highs, default=None), "low": min(lows, default=None)})


def _with_close(day: Day, stored: Day) -> Day:
    """A day whose bars came before any snapshot: only that knows the close of the day before."""
    is_same = day.ts and stored.ts and new_york_day(day.ts) == new_york_day(stored.ts)
    return day.model_copy(update={"previous_close": stored.previous_close}) if is_same else day


def _day_with(day: Day, bar: BarUpdate) -> Day:
    """The day's bar with a finished bar of seconds in it; a late bar widens the range but does not set the close.

    The first bar of another day begins a new one, whose previous close is the close of the one before.
    """
    if day.ts is not None and bar.ts > day.ts + _HOUR_MS and new_york_day(bar.ts) != new_york_day(day.ts):
        day = Day(previous_close=day.close if day.close is not None else day.previous_close)
    newest = day.ts is None or bar.ts >= day.ts
    close = bar.close if newest or day.close is None else day.close
    change, percent = _changes(close, day.previous_close)
    return Day(
        open=_given(bar.day_open, day.open) if newest else day.open,
        high=max(bar.high, bar.high if day.high is None else day.high),
        low=min(bar.low, bar.low if day.low is None else day.low),
        close=close,
        volume=_given(bar.day_volume, day.volume) if newest else day.volume,
        vwap=_given(bar.day_vwap, day.vwap) if newest else day.vwap,
        previous_close=day.previous_close,
        change=change,
        change_percent=percent,
        ts=bar.ts if newest else day.ts,
    )


def _changes(close: float, before: float | None) -> tuple[float | None, float | None]:
    """A close against the one of the day before, in points and in per cent."""
    change = None if before is None else round(close - before, 6)
    return change, round(change / before * 100, 3) if change is not None and before else None


def _given(value: float | UnsetType, otherwise: float | None) -> float | None:
    return otherwise if isinstance(value, UnsetType) else value


_STORED_DAY = Decoder(_StoredDay)


def _day_of(stored: bytes) -> Day | None:
    try:
        members = _STORED_DAY.decode(stored).day
    except DecodeError:
        return None
    return Day(**members) if members else None
