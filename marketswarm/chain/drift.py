"""Whether spot has left the middle of its chain's window."""

from collections.abc import Mapping

from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.window import has_drifted
from marketswarm.model.chain import ChainId
from marketswarm.model.ticker import parse_option_ticker


class DriftWatch:
    """Compares spots with the stored windows.

    Args:
        strikes_allowed: how many strikes spot may be away from the centre.
        points_allowed: symbol → points, where given instead of strikes.
    """

    def __init__(
        self, store: RedisChainStore, *, strikes_allowed: float, points_allowed: Mapping[str, float]
    ) -> None:
        self._store = store
        self._strikes_allowed = strikes_allowed
        self._points_allowed = points_allowed
        self._strikes: dict[str, tuple[int, list[float]]] = {}

    def has_drifted(self, symbol: str, spot: float) -> bool:
        """Whether the symbol's chain in force needs other strikes; False without a chain."""
        day = self._store.current_expiration(symbol)
        meta = self._store.meta(ChainId(symbol, day)) if day else None
        if meta is None:
            return False
        return has_drifted(
            self._strikes_of(meta.chain, meta.epoch),
            meta.centre,
            spot,
            strikes_allowed=self._strikes_allowed,
            points_allowed=self._points_allowed.get(symbol),
        )

    def _strikes_of(self, chain: ChainId, epoch: int) -> list[float]:
        known = self._strikes.get(chain.symbol)
        if known is None or known[0] != epoch:
            strikes = {parse_option_ticker(ticker).strike for ticker in self._store.tickers(chain)}
            known = self._strikes[chain.symbol] = (epoch, sorted(strikes))
        return known[1]
