"""A request as the routes see it, and the door in front of each: what the account's plans allow, and how often."""

from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from marketswarm.simulator.answers import Answer, not_entitled, too_many_calls
from marketswarm.simulator.plans import AssetClass, Right, class_of
from marketswarm.simulator.terms import Terms

_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `base` is scheme and host for absolute addresses in the answer."""

    path: str
    parts: Mapping[str, str]
    parameters: Mapping[str, str]
    base: str
    account: str = ""

    def next_url(self, cursor: str | None) -> str | None:
        """Where the page behind a cursor is, without a key; None when there is none."""
        return None if cursor is None else f"{self.base}{self.path}?cursor={cursor}"


Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """A handler with what a plan must include for it.

    Attributes:
        of: the asset class whose plan counts; `ticker` where the path's ticker tells it, None where any account may ask.
    """

    handler: Handler
    right: Right = "reference"
    of: AssetClass | Literal["ticker"] | None = None


class Door:
    """Lets calls through as the plans say. `terms` gives those that the account has, `now_ms` the present moment."""

    def __init__(self, terms: Callable[[], Terms], now_ms: Callable[[], int]) -> None:
        self._terms_now, self._now_ms = terms, now_ms
        self._answered: dict[tuple[str, AssetClass | None], deque[int]] = defaultdict(deque)

    @property
    def _terms(self) -> Terms:
        return self._terms_now()

    def guard(self, route: Route) -> Handler:
        """The route's handler behind the door."""

        def answer(call: Call) -> Answer:
            asset_class = class_of(call.parts["ticker"]) if route.of == "ticker" else route.of
            self._count(call.account, asset_class)
            if asset_class is not None and not self._terms.plans.of(asset_class).gives(route.right):
                raise not_entitled(self._terms.switches)
            return route.handler(call)

        return answer

    def _count(self, account: str, asset_class: AssetClass | None) -> None:
        limit = self._limit(asset_class)
        if limit is None:
            return
        now_ms, answered = self._now_ms(), self._answered[account, asset_class]
        while answered and answered[0] <= now_ms - _MINUTE_MS:
            answered.popleft()
        if len(answered) >= limit:
            raise too_many_calls(self._terms.switches, answered[0] + _MINUTE_MS - now_ms)
        answered.append(now_ms)

    def _limit(self, asset_class: AssetClass | None) -> int | None:
        """Calls a minute; what belongs to no class is limited only where every plan is."""
        plans = self._terms.plans
        asked = plans.all() if asset_class is None else (plans.of(asset_class),)
        limits = [plan.calls_a_minute for plan in asked]
        return None if None in limits else max(limit for limit in limits if limit is not None)
