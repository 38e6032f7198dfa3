"""What the budget gives to each chain now, from what is stored of all of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from marketswarm.chain.budget import Claim, Shares, claim_of_held, share_out
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.strikes import HeldStrikes, StrikeBook
from marketswarm.model.chain import ChainId, ChainMeta


class Allotment(Protocol):
    """What a load asks before it chooses strikes."""

    def shares(
        self, chain: ChainId | None = None, claim: Claim | None = None, /, *, alike: bool = False
    ) -> Shares:
        """What the budget gives when that chain claims so much."""
        ...

    def room(self) -> int:
        """How many more contracts could be streamed; below 0 when there are too many."""
        ...


@dataclass(frozen=True, slots=True)
class Unlimited:
    """A budget without a bound."""

    margin: int = 0

    def shares(
        self,
        _chain: ChainId | None = None,
        _claim: Claim | None = None,
        /,
        *,
        alike: bool = False,  # noqa: ARG002  the protocol's word
    ) -> Shares:
        """All that is asked for."""
        return Shares(level=1_000_000, margin=self.margin)

    def room(self) -> int:
        """Any number."""
        return 1_000_000


@dataclass(frozen=True, slots=True)
class Holding:
    """One chain that is held, as it is stored."""

    meta: ChainMeta
    strikes: HeldStrikes = field(default_factory=HeldStrikes)


class StoredAllotment:
    """Shares the contracts of all connections among the chains of all symbols.

    Args:
        symbols: all that are configured.
        expirations: how many chains of each are held.
        held_chains: the chains of a symbol that are streamed.
        capacity: contracts that all connections together take.
        each_side: N that a chain asks for of which nothing is stored.
        margin: strikes that drift would like to leave behind a window.
    """

    def __init__(
        self,
        store: RedisChainStore,
        book: StrikeBook,
        *,
        symbols: Sequence[str],
        expirations: int,
        held_chains: Callable[[str], Sequence[ChainId]],
        capacity: int,
        each_side: int,
        margin: int,
    ) -> None:
        self._store = store
        self._book = book
        self._symbols = tuple(symbols)
        self._expirations = expirations
        self._held_chains = held_chains
        self._capacity = capacity
        self._each_side = each_side
        self._margin = margin

    @property
    def each_side(self) -> int:
        """N that a chain asks for unless it was asked otherwise."""
        return self._each_side

    @property
    def margin_wanted(self) -> int:
        """Strikes that may stay behind a window where there is room."""
        return self._margin

    def holdings(self) -> list[Holding]:
        """Every chain that is held, of all symbols."""
        return [holding for symbol in self._symbols for holding in self._of(symbol)]

    def shares(
        self, chain: ChainId | None = None, claim: Claim | None = None, /, *, alike: bool = False
    ) -> Shares:
        """What the budget gives to all chains.

        Args:
            chain: one that is about to be loaded or moved.
            claim: what that one claims, in place of what is stored of it.
            alike: whether the symbol's other chains are about to ask for as much.
        """
        if chain is None or claim is None:
            claims = [each for symbol in self._symbols for each in self._claims(symbol)]
            return share_out(claims, self._capacity, self._margin)
        others = [each for symbol in self._symbols if symbol != chain.symbol for each in self._claims(symbol)]
        siblings = self._claims(chain.symbol, chain)
        if alike:
            siblings = [replace(each, asked=claim.asked) for each in siblings]
        return share_out([*others, *siblings, claim], self._capacity, self._margin)

    def room(self) -> int:
        """How many more contracts could be streamed; below 0 when there are too many."""
        chains = [chain for symbol in self._symbols for chain in self._held_chains(symbol)]
        metas = [self._store.meta(chain) for chain in chains]
        return self._capacity - sum(meta.contracts for meta in metas if meta is not None)

    def _claims(self, symbol: str, named: ChainId | None = None) -> list[Claim]:
        """The claims of the chains that a symbol will hold, but of the one that is named, which speaks for itself.

        A chain that is loaded ahead takes the place of the one that ends, so the latest ones count.
        """
        holdings = {holding.meta.chain: holding for holding in self._of(symbol)}
        days = set(holdings) | ({named} if named is not None else set())
        lasting = sorted(days)[-self._expirations :]
        claims = [self._claim(holdings[chain]) for chain in lasting if chain != named]
        return claims + [Claim(self._each_side)] * (self._expirations - len(lasting))

    def _claim(self, holding: Holding) -> Claim:
        meta = holding.meta
        asked = meta.strikes_asked or self._each_side
        return claim_of_held(asked, meta.strikes_each_side, meta.centre, holding.strikes.counts)

    def _of(self, symbol: str) -> list[Holding]:
        metas = [self._store.meta(chain) for chain in self._held_chains(symbol)]
        return [Holding(meta, self._book.of(meta)) for meta in metas if meta is not None]
