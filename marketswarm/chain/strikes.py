"""Which strikes the stored chains hold, and how their contracts settle; read anew only when a chain's set changed."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.model.chain import ChainId, ChainMeta
from marketswarm.model.ticker import OptionTicker, Settlement, parse_option_ticker

_MOST_REMEMBERED = 200


@dataclass(frozen=True, slots=True)
class HeldStrikes:
    """What a stored chain holds.

    Attributes:
        counts: strike → contracts, by strike ascending.
        settlements: how its contracts settle.
    """

    counts: Mapping[float, int] = field(default_factory=dict)
    settlements: frozenset[Settlement] = frozenset()


class StrikeBook:
    """Remembers what was read, by chain and epoch."""

    def __init__(self, store: RedisChainStore) -> None:
        self._store = store
        self._known: dict[ChainId, tuple[int, HeldStrikes]] = {}

    def of(self, meta: ChainMeta) -> HeldStrikes:
        """The strikes of a chain as its meta says that it stands."""
        known = self._known.get(meta.chain)
        if known is not None and known[0] == meta.epoch:
            return known[1]
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        held = self._read(meta.chain)
        self._known[meta.chain] = (meta.epoch, held)
        return held

    def tickers(self, chain: ChainId) -> list[OptionTicker]:
        """Every contract of a chain as it is now, parsed, in no order."""
        return [parse_option_ticker(name) for name in self._store.tickers(chain)]

    def _read(self, chain: ChainId) -> HeldStrikes:
        tickers = self.tickers(chain)
        counts = Counter(ticker.strike for ticker in tickers)
        return HeldStrikes(
            {strike: counts[strike] for strike in sorted(counts)},
            frozenset(ticker.settlement for ticker in tickers),
        )
