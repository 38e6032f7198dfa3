"""What is known of the plan, in Redis: one look at it serves every process."""

from contextlib import AbstractContextManager
from typing import Any

from redis.client import Redis

from marketswarm import keys
from marketswarm.model.plan import VendorPlan, plan_from, plan_text
from marketswarm.reachable import store_reachable
from marketswarm.turns import take_turn


class StoredPlan:
    """Reads and writes the plan."""

    def __init__(self, redis: Redis, address: str) -> None:
        self._redis = redis
        self._address = address

    def take_turn(self, run: str) -> AbstractContextManager[bool]:
        """Be the only one who asks for the time of the block; gives False when somebody else does.

        Raises:
            StoreUnavailable: nobody answers.
        """
        return take_turn(self._redis, self._address, keys.PLAN_ASKING, run)

    def read(self) -> VendorPlan | None:
        """The plan that was learnt last; None when there is none that can be read.

        Raises:
            StoreUnavailable: nobody answers.
        """
        with store_reachable(self._address):
            text: Any = self._redis.get(keys.PLAN)
        return None if text is None else plan_from(text)

    def write(self, plan: VendorPlan) -> None:
        """Replace the plan.

        Raises:
            StoreUnavailable: the one before stands.
        """
        with store_reachable(self._address):
            self._redis.set(keys.PLAN, plan_text(plan))
