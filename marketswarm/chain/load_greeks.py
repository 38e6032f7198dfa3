"""Gives the rows of a load their greeks, so that no chain is ever stored with those of two sources."""

from collections.abc import Callable, Iterable

from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.valued_rows import has_local_greeks, with_local_greeks
from marketswarm.clock import Clock
from marketswarm.errors import NoSuchChain
from marketswarm.model.chain import ChainId
from marketswarm.model.contract import Contract


class LoadGreeks:
    """Values rows before they are staged.

    Args:
        settles_ms: when a root of a chain settles.
    """

    def __init__(
        self, store: RedisChainStore, clock: Clock, *, settles_ms: Callable[[ChainId, str], int]
    ) -> None:
        self._store = store
        self._clock = clock
        self._settles_ms = settles_ms

    def whole(self, chain: ChainId, contracts: Iterable[Contract], spot: float) -> list[Contract]:
        """A whole chain; what is stored is asked only when nothing of the new one can be valued."""
        rows = list(contracts)
        valued = self._valued(chain, rows, spot, stay_local=False)
        if has_local_greeks(valued) or not has_local_greeks(self._stored(chain).values()):
            return valued
        return self._valued(chain, rows, spot, stay_local=True)

    def part(self, chain: ChainId, contracts: Iterable[Contract], spot: float) -> list[Contract]:
        """Contracts that join a stored chain, valued together with it; and of the stored ones those whose source changes."""
        stored, new = self._stored(chain), {one.ticker: one for one in contracts}
        is_local = has_local_greeks(stored.values())
        valued = self._valued(chain, [*(stored | new).values()], spot, stay_local=is_local)
        changes_source = has_local_greeks(valued) and not is_local
        return valued if changes_source else [one for one in valued if one.ticker in new]

    def _valued(
        self, chain: ChainId, rows: list[Contract], spot: float, *, stay_local: bool
    ) -> list[Contract]:
        return with_local_greeks(
            rows,
            spot=spot,
            now_ms=self._clock.now_ms(),
            settles_ms=lambda root: self._settles_ms(chain, root),
            stay_local=stay_local,
        )

    def _stored(self, chain: ChainId) -> dict[str, Contract]:
        try:
            return self._store.read(chain.symbol, chain.expiration).contracts
        except NoSuchChain:
            return {}
