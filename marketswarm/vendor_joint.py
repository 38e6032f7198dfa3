"""Joins what is known of the plan with the feed: what the key may do is asked, kept, and decides what is streamed from where."""

import random
from collections.abc import Callable
from contextlib import suppress
from typing import Final
from uuid import uuid4

from marketswarm.clock import Clock
from marketswarm.errors import SettingsError, StoreUnavailable
from marketswarm.massive.calls import Timeouts, VendorCalls
from marketswarm.massive.fallback import FallbackFeed
from marketswarm.massive.feed import MassiveFeed
from marketswarm.massive.hosts import Hosts
from marketswarm.massive.plan_watch import PlanWatch
from marketswarm.massive.plans import StoredPlan
from marketswarm.massive.probe import PlanProbe, no_progress
from marketswarm.massive.rest import MassiveRest
from marketswarm.massive.session import SessionRules
from marketswarm.massive.sharded import ShardedFeed
from marketswarm.massive.subscriptions import SubscriptionRules
from marketswarm.model.plan import VendorPlan, key_fingerprint
from marketswarm.once import once
from marketswarm.ports import FeedTap, MarketFeed, Progress
from marketswarm.settings import Settings

_PROBE_TIMEOUTS: Final = Timeouts(connect_s=3.0, read_s=5.0)


class VendorJoint:
    """The plan behind the key, and feeds that keep to it.

    Args:
        plans: gives where the plan is kept.
        in_session: whether the market is open at a moment (ms).
        lines: gives each connection somebody to tell of what arrives.
    """

    def __init__(
        self,
        settings: Settings,
        api_key: str,
        market: MassiveRest,
        plans: Callable[[], StoredPlan],
        clock: Clock,
        *,
        in_session: Callable[[int], bool],
        lines: Callable[[], FeedTap | None],
    ) -> None:
        self._settings = settings
        self._lines = lines
        self._key = api_key
        self._market = market
        self._plans = plans
        self._clock = clock
        self._in_session = in_session
        self._fingerprint = key_fingerprint(api_key)
        self._base = settings.massive_rest_url
        self._hosts = Hosts.of(settings.massive_ws_url, settings.massive_ws_delayed_url)

    def known_plan(self) -> VendorPlan | None:
        """What was learnt of this key; None when nothing was.

        Raises:
            StoreUnavailable: nobody answers.
        """
        plan = self._plans().read()
        return plan if plan is not None and plan.is_of(self._fingerprint, self._base) else None

    def keep_plan(self) -> str:
        """Ask what the key may do when that is due: `known` when it is not, `busy` while somebody else asks, else `asked`.

        Raises:
            StoreUnavailable: nobody answers.
        """
        known = self.known_plan()
        if known is not None and not known.is_due(self._clock.now_ms(), self._settings.symbols):
            return "known"
        with self._plans().take_turn(uuid4().hex) as taken:
            if not taken:
                return "busy"
            self._plans().write(self.look().filled(known))
            return "asked"

    def ask_now(self, progress: Progress = no_progress) -> VendorPlan:
        """Ask the vendor now; it is kept where there is a store."""
        plan = self.look(progress)
        with suppress(StoreUnavailable, SettingsError):
            plan = plan.filled(self.known_plan())
            self._plans().write(plan)
        return plan

    def look(self, progress: Progress = no_progress) -> VendorPlan:
        """Ask the vendor now, without a store."""
        return self._probe.ask([self._settings.underlying(name) for name in self._settings.symbols], progress)

    def feed(self) -> MarketFeed:
        """A new feed of the provider: on one connection, and on more where they are allowed and needed."""
        return ShardedFeed(self._one_connection, self._clock)

    def _one_connection(self) -> FallbackFeed:
        return FallbackFeed(self._hosts, self._connect, PlanWatch(self._readable_plan, self._clock))

    def _connect(self, base: str) -> MassiveFeed:
        rules = SessionRules(SubscriptionRules(kinds=self._kinds()))
        return MassiveFeed(
            base, self._key, clock=self._clock, random=random.random, rules=rules, tap=self._lines()
        )

    def _kinds(self) -> tuple[str, ...]:
        """The channels worth asking for: a kind that is known to be in no row of any underlying is none of them."""
        plan = self._readable_plan()
        return SubscriptionRules().kinds if plan is None else plan.kinds()

    def _readable_plan(self) -> VendorPlan | None:
        try:
            return self.known_plan()
        except StoreUnavailable:
            return None

    @once
    def _probe(self) -> PlanProbe:
        calls = VendorCalls(
            self._base, self._key, clock=self._clock, random=random.random, timeouts=_PROBE_TIMEOUTS
        )
        return PlanProbe(
            calls,
            self._market.spots,
            self._clock,
            fingerprint=self._fingerprint,
            base=self._base,
            in_session=self._in_session,
        )
