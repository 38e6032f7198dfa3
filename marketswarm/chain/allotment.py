"""What the budget gives to each chain now, from what is stored of all of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from marketswarm.chain.budget import Claim, Room, Shares, claim_of_held, share_out
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.shares import CONTRACTS_A_CONNECTION
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
        connections: that the account allows.
        workers: how many stream workers have a connection now; 0 when that is not known.
        each_side: N that a chain asks for of which nothing is stored.
        margin: strikes that drift would like to leave behind a window.
        a_connection: contracts that one connection carries.
    """

    def __init__(
        self,
        store: RedisChainStore,
        book: StrikeBook,
        *,
        symbols: Sequence[str],
        expirations: int,
        held_chains: Callable[[str], Sequence[ChainId]],
        connections: int,
        workers: Callable[[], int],
        each_side: int,
        margin: int,
        a_connection: int = CONTRACTS_A_CONNECTION,
    ) -> None:
        self._store = store
        self._book = book
        self._symbols = tuple(symbols)
        self._expirations = expirations
        self._held_chains = held_chains
        self._connections = connections
        self._workers = workers
        self._a_connection = a_connection
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
            return share_out([self._claims(symbol) for symbol in self._symbols], self._room(), self._margin)
        others = [self._claims(symbol) for symbol in self._symbols if symbol != chain.symbol]
        siblings = self._claims(chain.symbol, chain)
        if alike:
            siblings = [replace(each, asked=claim.asked) for each in siblings]
        return share_out([*others, [*siblings, claim]], self._room(), self._margin)

    def room(self) -> int:
        """How many more contracts could be streamed; below 0 when there are too many."""
        return self._room().left([self._streamed(symbol) for symbol in self._symbols])

    def knows_workers(self) -> bool:
        """Whether anybody streams. While nobody does, what stands need not change for those who are about to come back."""
        return self._workers() > 0

    def _room(self) -> Room:
        """What can be carried: by as many workers as there can be, as long as nobody is seen."""
        workers = self._workers() or min(self._connections, len(self._symbols))
        return Room(self._connections, workers, self._a_connection)

    def _streamed(self, symbol: str) -> int:
        metas = [self._store.meta(chain) for chain in self._held_chains(symbol)]
        return sum(meta.contracts for meta in metas if meta is not None)

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
