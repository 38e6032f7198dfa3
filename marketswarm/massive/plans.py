"""What is known of the plan, in Redis: one look at it serves every process."""

from typing import Any

from redis.client import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from marketswarm import keys
from marketswarm.errors import StoreUnavailable
from marketswarm.model.plan import VendorPlan, plan_from, plan_text


class StoredPlan:
    """Reads and writes the plan."""

    def __init__(self, redis: Redis, address: str) -> None:
        self._redis = redis
        self._address = address

    def read(self) -> VendorPlan | None:
        """The plan that was learnt last; None when there is none that can be read.

        Raises:
            StoreUnavailable: nobody answers.
        """
        try:
            text: Any = self._redis.get(keys.PLAN)
        except (RedisConnectionError, RedisTimeoutError) as error:
            raise StoreUnavailable(self._address, str(error)) from error
        return None if text is None else plan_from(text)

    def write(self, plan: VendorPlan) -> None:
        """Replace the plan.

        Raises:
            StoreUnavailable: the one before stands.
        """
        try:
            self._redis.set(keys.PLAN, plan_text(plan))
        except (RedisConnectionError, RedisTimeoutError) as error:
            raise StoreUnavailable(self._address, str(error)) from error
