"""Which chains of a symbol are held, when they roll, and whether anybody attends to them."""

from collections.abc import Iterable

from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.reports import StreamReports
from marketswarm.clock import Clock
from marketswarm.maths.calendar import SessionCalendar
from marketswarm.model.chain import ChainId

_SERVED_WAIT_S, _SERVED_LOOK_S = 5.0, 0.05


class Tenure:
    """Answers for all symbols, from what is stored.

    Args:
        expirations: how many chains of a symbol are held.
    """

    def __init__(
        self,
        store: RedisChainStore,
        reports: StreamReports,
        calendar: SessionCalendar,
        clock: Clock,
        *,
        expirations: int,
    ) -> None:
        self._store = store
        self._reports = reports
        self._calendar = calendar
        self._clock = clock
        self._expirations = expirations

    def held_chains(self, symbol: str) -> list[ChainId]:
        """The stored chains of a symbol that are to be streamed: the one in force, then those behind it."""
        current = self._store.current_expiration(symbol)
        if current is None:
            return []
        if self._expirations == 1:
            return [ChainId(symbol, current)]
        later = [day for day in self._store.expirations(symbol) if day >= current]
        return [ChainId(symbol, day) for day in later[: self._expirations]]

    def closed(self, symbols: Iterable[str]) -> list[str]:
        """The symbols whose expiration in force has closed: they need their next chain."""
        first = self._calendar.first_expiration_day(self._clock.now_ms())
        in_force = {symbol: self._store.current_expiration(symbol) for symbol in symbols}
        return [symbol for symbol, day in in_force.items() if day is not None and day < first]

    def mark_unattended(self, symbols: Iterable[str]) -> list[str]:
        """Mark chains stale that claim to be live while no stream attends to them; which ones."""
        chains = [chain for symbol in symbols for chain in self.held_chains(symbol)]
        return [str(chain) for chain in chains if self._store.mark_unattended(chain)]

    def wait_served(self, chain: ChainId, epoch: int) -> bool:
        """Wait until the stream has subscribed the chain as it is at that epoch; False when it does not in five seconds."""
        until_s = self._clock.monotonic_s() + _SERVED_WAIT_S
        while self._clock.monotonic_s() < until_s:
            report = self._reports.read(chain.symbol)
            if not report:
                return False
            if report.get("served_epochs", {}).get(chain.expiration.isoformat(), 0) >= epoch:
                return True
            self._clock.sleep(_SERVED_LOOK_S)
        return False
