"""The roll: the next chains are loaded before the close, and the next one is put in force at it.

A switch is one step in the store and needs nothing from the provider. Whatever went wrong before it is made good by a load.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Protocol
from uuid import uuid4

import structlog

from marketswarm.chain.flight import FlightControl
from marketswarm.chain.phases import Phase, am_stop_ms, end_of_trading_ms, phase_at
from marketswarm.chain.pointers import ChainPointers
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.strikes import StrikeBook
from marketswarm.clock import Clock
from marketswarm.maths.calendar import SessionCalendar
from marketswarm.model.chain import ChainId, ChainMeta
from marketswarm.model.ticker import Settlement

log = structlog.get_logger("marketswarm.roll")

_EARLY_MS = 1_000  # a message may come that much before the mark that it was sent for, when clocks differ
_ASK_AGAIN_S = 15.0
_WAIT_S, _LOOK_S = 3.0, 0.05


class AskLoad(Protocol):
    """Asks for a load of a symbol and returns at once."""

    def __call__(self, symbol: str, *, ahead: bool) -> Any:
        """Ask; `ahead` of the roll, beside the chain in force, or in its place."""
        ...


class ChainRoll:
    """Rolls the chains of all symbols.

    Args:
        symbols: whose chains.
        expirations: how many chains of a symbol are held.
        held_chains: the chains of a symbol that are streamed.
    """

    def __init__(
        self,
        store: RedisChainStore,
        flights: FlightControl,
        calendar: SessionCalendar,
        clock: Clock,
        *,
        pointers: ChainPointers,
        symbols: Sequence[str],
        expirations: int,
        held_chains: Callable[[str], Sequence[ChainId]],
    ) -> None:
        self._store = store
        self._pointers = pointers
        self._flights = flights
        self._calendar = calendar
        self._clock = clock
        self._symbols = tuple(symbols)
        self._expirations = expirations
        self._held_chains = held_chains
        self._book = StrikeBook(store)
        self._asked_s: dict[tuple[str, bool], float] = {}

    def run(self, load: AskLoad) -> list[str]:
        """Do what is due now for every symbol; gives the symbols that rolled.

        A symbol whose load is in flight is waited for, three seconds at most; the next run finds what is left.
        """
        self._await_close()
        until_s = self._clock.monotonic_s() + _WAIT_S
        rolled: list[str] = []
        waiting = list(self._symbols)
        while waiting := [symbol for symbol in waiting if not self._attend(symbol, load, rolled)]:
            if self._clock.monotonic_s() >= until_s:
                break
            self._clock.sleep(_LOOK_S)
        return rolled

    def _attend(self, symbol: str, load: AskLoad, rolled: list[str]) -> bool:
        """Do what is due for one symbol; False when its load in flight is in the way."""
        day = self._store.current_expiration(symbol)
        if day is None:
            return True
        chain = ChainId(symbol, day)
        phase = self._phase(chain)
        if phase == "switch":
            return self._roll(chain, load, rolled)
        if phase == "preload" and not self._is_ahead(chain):
            self._ask(load, symbol, ahead=True)
        return self._settle(symbol)

    # -- the switch ---------------------------------------------------------

    def _roll(self, old: ChainId, load: AskLoad, rolled: list[str]) -> bool:
        symbol, days = old.symbol, self._ready(old)
        if not days:
            self._ask(load, symbol, ahead=False)
            rolled.append(symbol)
            return True
        new, *later = days[: self._expirations]
        run = uuid4().hex
        with self._flights.take_off(symbol, run) as taken:
            if not taken or not self._pointers.switch(old, new, run, later):
                return False
        log.info("rolled", symbol=symbol, old=old.expiration.isoformat(), new=new.isoformat())
        rolled.append(symbol)
        if len(later) < self._expirations - 1:
            self._ask(load, symbol, ahead=False)
        return self._settle(symbol)

    def _ready(self, old: ChainId) -> list[date]:
        """The stored expirations that may follow: loaded ahead, or held beside, and not over themselves."""
        meta = self._store.meta(old)
        days = (meta.next or meta.later) if meta is not None else ()
        chains = [ChainId(old.symbol, day) for day in days]
        return [
            chain.expiration for chain in chains if self._is_stored(chain) and self._phase(chain) != "switch"
        ]

    def _is_ahead(self, chain: ChainId) -> bool:
        meta = self._store.meta(chain)
        days = meta.next if meta is not None else ()
        return bool(days) and all(self._is_stored(ChainId(chain.symbol, day)) for day in days)

    def _is_stored(self, chain: ChainId) -> bool:
        return self._store.meta(chain) is not None

    # -- contracts that settle in the morning -------------------------------

    def _settle(self, symbol: str) -> bool:
        """Drop contracts that trade no more from chains that go on without them; False when a load is in the way."""
        now_ms = self._clock.now_ms()
        for chain in self._held_chains(symbol):
            meta = self._store.meta(chain)
            if meta is None or now_ms < am_stop_ms(self._calendar, chain.expiration):
                continue
            if self._book.of(meta).settlements == {"am", "pm"} and not self._drop_settled(meta):
                return False
        return True

    def _drop_settled(self, meta: ChainMeta) -> bool:
        chain, run = meta.chain, uuid4().hex
        with self._flights.take_off(chain.symbol, run) as taken:
            if not taken:
                return False
            gone = [str(one) for one in self._book.tickers(chain) if one.settlement == "am"]
            self._store.drop(chain, run, gone, low=meta.low, high=meta.high, reason="roll")
        log.info("settled", chain=str(chain), contracts=len(gone))
        return True

    # -- when ---------------------------------------------------------------

    def _await_close(self) -> None:
        """Wait for a close that is less than a second away."""
        days = {symbol: self._store.current_expiration(symbol) for symbol in self._symbols}
        ends_ms = [self._end_ms(ChainId(symbol, day)) for symbol, day in days.items() if day is not None]
        left_ms = [end_ms - self._clock.now_ms() for end_ms in ends_ms]
        self._clock.sleep(max((left for left in left_ms if 0 < left <= _EARLY_MS), default=0) / 1000)

    def _phase(self, chain: ChainId) -> Phase:
        return phase_at(self._end_ms(chain), self._clock.now_ms())

    def _end_ms(self, chain: ChainId) -> int:
        meta = self._store.meta(chain)
        settlements = self._book.of(meta).settlements if meta is not None else frozenset[Settlement]()
        return end_of_trading_ms(self._calendar, chain.expiration, settlements)

    def _ask(self, load: AskLoad, symbol: str, *, ahead: bool) -> None:
        """Ask for a load, unless that was done a moment ago: a provider that fails is not asked at every run."""
        now_s = self._clock.monotonic_s()
        if now_s - self._asked_s.get((symbol, ahead), float("-inf")) >= _ASK_AGAIN_S:
            self._asked_s[symbol, ahead] = now_s
            load(symbol, ahead=ahead)
