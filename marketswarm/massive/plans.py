"""What is known of the plan, in Redis: one look at it serves every process."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from redis.client import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from marketswarm import keys
from marketswarm.errors import StoreUnavailable
from marketswarm.model.plan import VendorPlan, plan_from, plan_text
from marketswarm.scripts import script

_TURN_MS: Final = 60_000  # longer than the asking takes; a killed one holds up the next no longer than this


class StoredPlan:
    """Reads and writes the plan."""

    def __init__(self, redis: Redis, address: str) -> None:
        self._redis = redis
        self._address = address

    @contextmanager
    def take_turn(self, run: str) -> Iterator[bool]:
        """Be the only one who asks for the time of the block; gives False when somebody else does.

        Raises:
            StoreUnavailable: nobody answers.
        """
        with self._reachable():
            taken = bool(self._redis.set(keys.PLAN_ASKING, run, nx=True, px=_TURN_MS))
        try:
            yield taken
        finally:
            with self._reachable():
                script("release").run(self._redis, [keys.PLAN_ASKING], [run])

    def read(self) -> VendorPlan | None:
        """The plan that was learnt last; None when there is none that can be read.

        Raises:
            StoreUnavailable: nobody answers.
        """
        with self._reachable():
            text: Any = self._redis.get(keys.PLAN)
        return None if text is None else plan_from(text)

    def write(self, plan: VendorPlan) -> None:
        """Replace the plan.

        Raises:
            StoreUnavailable: the one before stands.
        """
        with self._reachable():
            self._redis.set(keys.PLAN, plan_text(plan))

    @contextmanager
    def _reachable(self) -> Iterator[None]:
        try:
            yield
        except (RedisConnectionError, RedisTimeoutError) as error:
            raise StoreUnavailable(self._address, str(error)) from error
