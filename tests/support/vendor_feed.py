"""A live feed of a scripted vendor whose waits are short enough for a test, and what it gives."""

import time
from collections.abc import Callable
from functools import partial

from marketswarm.clock import Clock, SystemClock
from marketswarm.massive.backoff import Backoff
from marketswarm.massive.feed import MassiveFeed
from marketswarm.massive.inbox import Inbox, InboxSize
from marketswarm.massive.session import SessionRules
from marketswarm.massive.socket import FeedSocket, SocketWaits
from marketswarm.massive.subscriptions import SubscriptionRules
from marketswarm.ports import FeedFrame, FeedNotice
from tests.support.scripted_vendor import ScriptedVendor

TICKER = "O:SPXW261123C06800000"
UP_AND_CONFIRMED = [FeedNotice("up"), FeedNotice("confirmed")]


def rules(**changes) -> SessionRules:
    """Waits short enough for a test."""
    quick = {"connect_s": 2.0, "auth_s": 0.3, "ping_every_s": 0.1, "pong_within_s": 0.2, "crowded_s": 0.2}
    return SessionRules(backoff=Backoff(0.02, 0.05), **(quick | changes))


class HurriedClock(SystemClock):
    """Twenty seconds in one."""

    def monotonic_s(self) -> float:
        return super().monotonic_s() * 20


def make_feed(
    vendor: ScriptedVendor, *, key: str | None = None, clock: Clock | None = None, **changes
) -> MassiveFeed:
    """A feed of that vendor which wants one contract, on quotes alone."""
    changes.setdefault("subscriptions", SubscriptionRules(kinds=("Q",), ack_timeout_s=0.1))
    made = MassiveFeed(
        vendor.ws_url,
        key or vendor.key,
        clock=clock or SystemClock(),
        random=lambda: 1.0,
        rules=rules(**changes),
        inbox=Inbox(InboxSize(frames=1000)),
        dial=partial(FeedSocket, waits=SocketWaits(io_s=0.2, farewell_s=0.1)),
    )
    made.want([TICKER])
    return made


def poll_until(feed: MassiveFeed, holds: Callable[[list], bool], timeout_s: float = 20.0) -> list:
    """Poll until what came satisfies the condition, then give all of it."""
    came, end = [], time.monotonic() + timeout_s
    while not holds(came):
        assert time.monotonic() < end, f"only {came} came; {feed.status()}"
        came += feed.poll(0.05)
    return came


def notices(came: list) -> list[FeedNotice]:
    """The notices among it."""
    return [item for item in came if isinstance(item, FeedNotice)]


def kinds(came: list) -> list[str]:
    """The kinds of the notices among it."""
    return [notice.kind for notice in notices(came)]


def bids(came: list) -> list[float]:
    """The bids of the quotes among it, in order."""
    return [update.bid for item in came if isinstance(item, FeedFrame) for update in item.updates]
