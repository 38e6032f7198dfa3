"""Asks the vendor, with a few cheap calls, what the plan behind the key gives."""

from collections.abc import Callable, Sequence
from typing import Final

from marketswarm.clock import Clock
from marketswarm.errors import KeyRefused, ProviderError
from marketswarm.massive.backoff import RetryPolicy
from marketswarm.massive.calls import Query, VendorCalls
from marketswarm.massive.plan import Said, judge
from marketswarm.model.plan import Known, UnderlyingPlan, VendorPlan
from marketswarm.model.spot import SpotReadings
from marketswarm.model.ticker import Underlying
from marketswarm.ports import Progress

_ONCE: Final = RetryPolicy(
    attempts=1
)  # a plan of five calls a minute has none to spare; it is asked again later
_AROUND: Final = 0.02  # of spot: near the money every contract is quoted, and most are traded


def no_progress(_step: str, _done: int, _total: int) -> None:
    """Nobody is told."""


class PlanProbe:
    """One call for the spot of all underlyings, then two for each.

    Args:
        calls: the API.
        spots: gives the spot of symbols, source after source.
        fingerprint: of the key, for the plan.
        base: the API's address, for the plan.
        in_session: whether the market is open at a moment (ms).
    """

    def __init__(
        self,
        calls: VendorCalls,
        spots: Callable[[Sequence[str]], SpotReadings],
        clock: Clock,
        *,
        fingerprint: str,
        base: str,
        in_session: Callable[[int], bool],
    ) -> None:
        self._calls = calls
        self._spots = spots
        self._clock = clock
        self._fingerprint = fingerprint
        self._base = base
        self._in_session = in_session

    def ask(self, underlyings: Sequence[Underlying], progress: Progress = no_progress) -> VendorPlan:
        """What the key gives of each underlying; what could not be learnt now is unknown. Raises nothing of the vendor's."""
        total = len(underlyings) + 1
        progress("spot", 0, total)
        try:
            spots = self._spots([one.symbol for one in underlyings])
            found = []
            for done, one in enumerate(underlyings, 1):
                progress(one.symbol, done, total)
                found.append(self._ask(one, spots))
        except KeyRefused:
            return self._nothing("no", underlyings)
        except (
            ProviderError
        ):  # it cannot be reached, or allows no more calls now: asking on would make it worse
            return self._nothing("unknown", underlyings)
        progress("done", total, total)
        return self._plan("yes", found)

    def _ask(self, underlying: Underlying, spots: SpotReadings) -> UnderlyingPlan:
        reading = spots.found.get(underlying.symbol)
        bounds = {}
        if reading is not None:
            bounds["strike_price.gte"] = f"{reading.spot * (1 - _AROUND):.2f}"
            bounds["strike_price.lte"] = f"{reading.spot * (1 + _AROUND):.2f}"
        path = f"/v3/snapshot/options/{underlying.provider_ticker}"
        return judge(
            underlying.symbol,
            chain=self._said(f"plan of {underlying.symbol}", path, bounds | {"limit": "250"}),
            listing=self._said(
                f"listing of {underlying.symbol}",
                "/v3/reference/options/contracts",
                {"underlying_ticker": underlying.symbol, "limit": "1"},
            ),
            spots=spots,
            in_session=self._in_session(self._clock.now_ms()),
        )

    def _said(self, what: str, path: str, query: Query) -> Said:
        try:
            return self._calls.get(what, path, query, _ONCE)
        except KeyRefused:
            raise
        except ProviderError as error:
            return error

    def _nothing(self, key: Known, underlyings: Sequence[Underlying]) -> VendorPlan:
        return self._plan(key, [UnderlyingPlan(one.symbol) for one in underlyings])

    def _plan(self, key: Known, found: Sequence[UnderlyingPlan]) -> VendorPlan:
        return VendorPlan(self._fingerprint, self._base, self._clock.now_ms(), key, tuple(found))
