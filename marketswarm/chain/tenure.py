"""Which chains of a symbol are held, and whether anybody attends to them."""

from collections.abc import Callable, Iterable

from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.reports import StreamReports
from marketswarm.clock import Clock
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
        clock: Clock,
        *,
        expirations: int,
    ) -> None:
        self._store = store
        self._reports = reports
        self._clock = clock
        self._expirations = expirations

    def held_chains(self, symbol: str) -> list[ChainId]:
        """The chains of a symbol that are to be streamed: the one in force, those beside it, and the next if there is room.

        Which ones is written beside the chain in force; one of them may not be stored yet.
        """
        current = self._store.current_expiration(symbol)
        if current is None:
            return []
        meta = self._store.meta(ChainId(symbol, current))
        if meta is None:
            return [ChainId(symbol, current)]
        later = meta.later[: self._expirations - 1]
        ahead = meta.next if meta.next_streamed else ()
        days = dict.fromkeys((current, *later, *ahead))
        return [ChainId(symbol, day) for day in days]

    def mark_unattended(self, symbols: Iterable[str]) -> list[str]:
        """Mark chains stale that claim to be live while no stream attends to them; which ones."""
        chains = [chain for symbol in symbols for chain in self.held_chains(symbol)]
        return [str(chain) for chain in chains if self._store.mark_unattended(chain)]

    def wait_served(self, chain: ChainId, epoch: int, is_hopeless: Callable[[], bool]) -> bool:
        """Wait until the stream has subscribed the chain as it is at that epoch, or there is no hope that it can.

        Whether that came about: False after five seconds, and at once when there is no stream.
        """
        until_s = self._clock.monotonic_s() + _SERVED_WAIT_S
        while self._clock.monotonic_s() < until_s:
            report = self._reports.read(chain.symbol)
            if report.get("served_epochs", {}).get(chain.expiration.isoformat(), 0) >= epoch:
                return True
            if not report:
                return False
            if is_hopeless():
                return True
            self._clock.sleep(_SERVED_LOOK_S)
        return False
