"""One connection that is replaced where another one would bring more.

It moves to the vendor's delayed host when the real-time one takes the key and then stays mute, and it begins anew when the plan
gives more than it did. Then a new connection, and no mere request on the old one: a plan is surely looked at when a key is taken,
and what was polled until then is repaired like after any loss.
"""

from collections.abc import Callable, Collection
from collections.abc import Set as AbstractSet
from dataclasses import replace

import structlog

from marketswarm.massive.feed import MassiveFeed
from marketswarm.massive.hosts import Hosts
from marketswarm.massive.plan_watch import PlanWatch
from marketswarm.model.plan import VendorPlan
from marketswarm.ports import BadFrames, FeedFrame, FeedNotice, FeedStatus

log = structlog.get_logger("marketswarm.feed")

_UPGRADED = "the plan gives more than before"
_MUTE = "the real-time host took the key and answered nothing: this key's data is delayed"


class FallbackFeed:
    """A `MassiveFeed` that knows a second host. What it learns stays known to the process.

    Args:
        hosts: shared by all connections.
        connect: base address → a feed of one connection, which asks for what the plan gives.
        watch: notices when the plan gives more; None: nobody looks.
    """

    def __init__(
        self, hosts: Hosts, connect: Callable[[str], MassiveFeed], watch: PlanWatch | None = None
    ) -> None:
        self._watch = watch
        self._hosts = hosts
        self._connect = connect
        self._base = hosts.base
        self._feed = connect(hosts.base)
        self._wanted: Collection[str] = ()
        self._expects_data = False
        self._is_stopped = False

    def expect_data(self, expected: bool) -> None:
        """Whether the market is open, so that silence says something."""
        self._expects_data = expected
        self._feed.expect_data(expected)

    def want(self, tickers: Collection[str]) -> None:
        """Replace the set of contracts to stream."""
        self._wanted = tickers
        self._feed.want(tickers)

    def poll(self, timeout_s: float) -> list[FeedFrame | FeedNotice]:
        """Wait for at most that long for something, then return all there is, in order."""
        items = self._feed.poll(timeout_s)
        if self._feed.is_mute and not self._is_stopped and self._may_move():
            items.append(self._move())
        elif not self._is_stopped and self._watch is not None and (plan := self._watch.gain(self._missing)):
            items.append(self._begin_anew(plan))
        return items

    def confirmed(self) -> AbstractSet[str]:
        """The wanted contracts that are acknowledged."""
        return self._feed.confirmed()

    def status(self) -> FeedStatus:
        """What the feed says of itself now."""
        return replace(self._feed.status(), delayed=self._hosts.is_delayed)

    def queued_frames(self) -> int:
        """How many frames wait."""
        return self._feed.queued_frames()

    def take_bad_frames(self) -> BadFrames:
        """What could not be used since the last call."""
        return self._feed.take_bad_frames()

    def stop(self) -> None:
        """Close the connection. May be called from any thread, and twice."""
        self._is_stopped = True
        self._feed.stop()

    def _missing(self) -> tuple[str, ...]:
        return self._feed.missing_kinds

    def _may_move(self) -> bool:
        """Whether there is another host: one that nobody has tried, or to which another connection went already."""
        if self._hosts.delayed is not None:
            self._hosts.fall_back()
        return self._base != self._hosts.base

    def _move(self) -> FeedNotice:
        log.warning("delayed host", base=self._hosts.base, why=_MUTE)
        return self._replace(_MUTE)

    def _begin_anew(self, plan: VendorPlan) -> FeedNotice:
        if not plan.is_delayed:
            self._hosts.go_back()
        log.info("plan upgraded", base=self._hosts.base, kinds=plan.kinds())
        return self._replace(_UPGRADED)

    def _replace(self, why: str) -> FeedNotice:
        self._feed.stop()
        self._feed.poll(0)  # which closes it
        self._base = self._hosts.base
        self._feed = self._connect(self._base)
        self._feed.expect_data(self._expects_data)
        self._feed.want(self._wanted)
        return FeedNotice("lost", why)
