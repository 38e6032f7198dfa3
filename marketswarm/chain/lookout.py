"""What the store holds of the streamed symbols, and which of them were loaded anew."""

from collections.abc import Callable, Sequence

from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.stored import Universe
from marketswarm.errors import NoSuchChain
from marketswarm.model.chain import ChainId


class Lookout:
    """Follows the entries of `sse:chain-full` and reads chains.

    Args:
        held_chains: which stored chains of a symbol to hold, the one in force first.
    """

    def __init__(self, store: RedisChainStore, held_chains: Callable[[str], Sequence[ChainId]]) -> None:
        self._store = store
        self._held_chains = held_chains
        self._seen: str | None = None

    def loaded(self) -> set[str] | None:
        """The symbols that were loaded since the last call; None when that is not known, so that all must be looked at.

        Raises:
            StoreUnavailable: what was loaded is told by a later call.
        """
        if self._seen is None:
            self._seen = self._store.newest_load_id()
            return None
        self._seen, entries = self._store.new_loads(self._seen)
        return {entry["symbol"] for entry in entries}

    def forget(self) -> None:
        """The store may have come back with other entries: begin anew."""
        self._seen = None

    def universes(self, symbol: str) -> list[Universe]:
        """Which contracts the held chains of a symbol hold now, the chain in force first; those not stored are left out."""
        found = []
        for chain in self._held_chains(symbol):
            try:
                found.append(self._store.universe(chain))
            except NoSuchChain:
                continue
        return found
