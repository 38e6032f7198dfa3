"""Notices that the plan behind the key gives channels that a connection does without: it was upgraded."""

from collections.abc import Callable, Collection
from typing import Final

from marketswarm.clock import Clock
from marketswarm.model.plan import VendorPlan

_LOOK_S: Final = 10.0


class PlanWatch:
    """What is known of the plan, looked at every ten seconds.

    A kind of channel is tried once. The WebSocket may refuse what the snapshots have, and would refuse it again; only what the
    plan lacked meanwhile is tried anew.

    Args:
        known: gives what is known now; None when nothing is, or when it cannot be read.
        clock: measures.
    """

    def __init__(self, known: Callable[[], VendorPlan | None], clock: Clock) -> None:
        self._known = known
        self._clock = clock
        self._looked_s = clock.monotonic_s()
        plan = known()
        self._tried: frozenset[str] = plan.sure_kinds() if plan is not None else frozenset()

    def gain(self, missing: Callable[[], Collection[str]]) -> VendorPlan | None:
        """The plan, when it is sure to give a kind that is missing and was not tried; None otherwise, and between looks."""
        now_s = self._clock.monotonic_s()
        if now_s - self._looked_s < _LOOK_S:
            return None
        self._looked_s = now_s
        plan = self._known()
        if plan is None:
            return None
        self._tried &= frozenset(plan.kinds())
        gained = plan.sure_kinds().intersection(missing()) - self._tried
        self._tried |= gained
        return plan if gained else None
