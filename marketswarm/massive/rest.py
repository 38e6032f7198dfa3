"""The provider's snapshots over REST: spot, expirations, listing and chain rows."""

from collections.abc import Callable, Sequence
from datetime import date

from msgspec import Raw

from marketswarm.clock import Clock
from marketswarm.errors import WireError
from marketswarm.massive.answers import is_delayed
from marketswarm.massive.backoff import Backoff, RetryPolicy
from marketswarm.massive.calls import Timeouts, Transport, VendorCalls
from marketswarm.massive.eligibility import Universe
from marketswarm.massive.listing import decode_listing, listed_contract
from marketswarm.massive.rows import decode_rows
from marketswarm.massive.spots import SpotSources
from marketswarm.maths.calendar import new_york_day, us_options_calendar
from marketswarm.model.chain import ChainId, ChainRows, Listing
from marketswarm.model.spot import SpotReadings
from marketswarm.model.ticker import Underlying
from marketswarm.ports import CallTap

_CONTRACTS = "/v3/reference/options/contracts"
_CHAIN_PAGE = "250"  # the vendor refuses more
_LISTING_PAGE = "1000"

# A spot belongs to a slot of ten seconds: one quick second try is worth it, a long wait is not.
SPOT_RETRY = RetryPolicy(attempts=2, total_s=4.0, backoff=Backoff(base_s=0.2, cap_s=0.2))


class MassiveRest:
    """`MarketData` over the vendor's REST API. Safe to share between threads.

    Every method raises `ProviderError` or a class below it, retries already done. Neither an error nor a log line holds
    the key or an address.

    Args:
        base_url: where the API is.
        api_key: the vendor's key, sent as a header.
        indices: symbols that the vendor prefixes with `I:`.
        clock: measures, waits, and says which day it is.
        random: gives numbers in [0, 1), for the waits between tries.
        timeouts: of one try.
        retry: of every call but spot.
        spot_retry: of the calls for spot.
        on_page: called after each page with its number within its call.
        tap: told of each answer.
        transport: what gives the answers in place of the network.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        indices: frozenset[str],
        clock: Clock,
        random: Callable[[], float],
        timeouts: Timeouts | None = None,
        retry: RetryPolicy | None = None,
        spot_retry: RetryPolicy = SPOT_RETRY,
        on_page: Callable[[int], None] | None = None,
        tap: CallTap | None = None,
        transport: Transport | None = None,
    ) -> None:
        self._calls = VendorCalls(
            base_url,
            api_key,
            clock=clock,
            random=random,
            timeouts=timeouts,
            on_page=on_page,
            tap=tap,
            transport=transport,
        )
        self._indices = indices
        self._clock = clock
        self._retry = retry or RetryPolicy()
        self._spots = SpotSources(self._calls, spot_retry, self.expirations)

    @property
    def is_key_refused(self) -> bool:
        """Whether the last answer was that the key is not known."""
        return self._calls.is_key_refused

    def spots(self, symbols: Sequence[str]) -> SpotReadings:
        """Spot of all symbols, by one call and the fallbacks behind it."""
        return self._spots.read([self._underlying(symbol) for symbol in symbols], self._today())

    def expirations(self, symbol: str, from_day: date, count: int) -> list[date]:
        """The next listed expirations from that day on, ascending, at most `count`."""
        found: list[date] = []
        while len(found) < count:
            bound = (
                {"expiration_date.gt": str(found[-1])} if found else {"expiration_date.gte": str(from_day)}
            )
            expiration = self._first_expiration(symbol, bound)
            if expiration is None:
                break
            if expiration < from_day or (found and expiration <= found[-1]):
                raise WireError(f"expirations of {symbol}", f"{expiration} is outside of what was asked for")
            found.append(expiration)
        return found

    def listing(self, chain: ChainId) -> Listing:
        """Every strike that the vendor lists for the chain, and how many contracts of both rights."""
        # The reference names indices without their prefix, unlike every other endpoint.
        query = {
            "underlying_ticker": chain.symbol,
            "expiration_date": str(chain.expiration),
            "limit": _LISTING_PAGE,
            "sort": "strike_price",
            "order": "asc",
        }
        rows: list[Raw] = []
        for page in self._calls.pages(f"listing of {chain}", _CONTRACTS, query, self._retry):
            rows += page.results or ()
        return decode_listing(rows, self._universe(chain))

    def chain_rows(self, chain: ChainId, low: float, high: float) -> ChainRows:
        """A snapshot of all contracts with low ≤ strike ≤ high, all pages or an error, never a part."""
        query = {
            "expiration_date": str(chain.expiration),
            "strike_price.gte": _number(low),
            "strike_price.lte": _number(high),
            "limit": _CHAIN_PAGE,
            "sort": "strike_price",
            "order": "asc",
        }
        path = f"/v3/snapshot/options/{self._underlying(chain.symbol).provider_ticker}"
        rows: list[Raw] = []
        pages, delayed = 0, False
        for page in self._calls.pages(f"chain of {chain}", path, query, self._retry):
            rows += page.results or ()
            pages, delayed = pages + 1, delayed or is_delayed(page)
        return decode_rows(rows, self._universe(chain), pages=pages, delayed=delayed)

    def close(self) -> None:
        """Close the kept connections."""
        self._calls.close()

    def _first_expiration(self, symbol: str, bound: dict[str, str]) -> date | None:
        query = {
            "underlying_ticker": symbol,
            **bound,
            "sort": "expiration_date",
            "order": "asc",
            "limit": "1",
        }
        what = f"expirations of {symbol}"
        # A page may be empty and still have a next one: the first row decides, wherever it stands.
        for page in self._calls.pages(what, _CONTRACTS, query, self._retry):
            for raw in page.results or ():
                row = listed_contract(raw)
                if row is None:
                    raise WireError(what, "a row without a usable expiration_date")
                return row.expiration_date
        return None

    def _underlying(self, symbol: str) -> Underlying:
        return Underlying(symbol, symbol in self._indices)

    def _universe(self, chain: ChainId) -> Universe:
        calendar = us_options_calendar()
        last_session = calendar.session(calendar.previous_session(chain.expiration))
        return Universe(chain, chain.symbol in self._indices, self._clock.now_ms() >= last_session.close_ms)

    def _today(self) -> date:
        return new_york_day(self._clock.now_ms())


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
