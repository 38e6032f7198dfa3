"""Which chains of a symbol a load is about: what the provider lists, from a day on."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from marketswarm.errors import NoExpiration
from marketswarm.model.chain import ChainId, Listing
from marketswarm.ports import MarketData


class ChainListings:
    """Asks the provider for listings; one without a contract that trades counts for none.

    Args:
        expirations: how many of the next expirations to hold.
        held_chains: the chains of a symbol that are streamed.
    """

    def __init__(
        self, market: MarketData, *, expirations: int, held_chains: Callable[[str], Sequence[ChainId]]
    ) -> None:
        self._market = market
        self._expirations = expirations
        self._held_chains = held_chains

    def of(self, chain: ChainId) -> Listing:
        """The listing of one chain.

        Raises:
            NoExpiration: when nothing of it trades.
        """
        listing = self._market.listing(chain)
        if not listing.strikes:
            raise NoExpiration(chain.symbol, chain.expiration.isoformat())
        return listing

    def next(self, symbol: str, first: date) -> list[Listing]:
        """The next chains from a day on, as many as are held. One that has settled in the morning already is passed over.

        Raises:
            NoExpiration: when nothing trades from that day on.
        """
        found: list[Listing] = []
        day = first
        while len(found) < self._expirations:
            days = self._market.expirations(symbol, day, self._expirations - len(found))
            if not days:
                break
            found += self._trading([ChainId(symbol, each) for each in days])
            day = days[-1] + timedelta(days=1)
        if not found:
            raise NoExpiration(symbol, f"{first} or later")
        return found

    def ahead(self, last: ChainId) -> list[Listing]:
        """The chains behind the last one that are streamed already, ahead of the roll: what repairs the symbol repairs them."""
        return self._trading([chain for chain in self._held_chains(last.symbol) if chain > last])

    def _trading(self, chains: Sequence[ChainId]) -> list[Listing]:
        listings = [self._market.listing(chain) for chain in chains]
        return [listing for listing in listings if listing.strikes]
