"""The order to record, in Redis: given by a command for as long as it lives, read by every process that receives something."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from redis.client import Pipeline, Redis

from marketswarm import keys

ORDER_TTL_MS: Final = 5_000
PART_TTL_MS: Final = 15_000


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be recorded where; streams wait until `frames`, so that the chains are whole before they begin."""

    id: str
    path: str
    frames: bool = False

    def text(self) -> str:
        """As it stands in Redis."""
        return json.dumps({"id": self.id, "path": self.path, "frames": self.frames})


class RecordingOrders:
    """Gives and reads the order, and what became of it."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def give(self, order: Order) -> Order | None:
        """Ask for a recording; another one that is under way is given back, and stays."""
        if self._redis.set(keys.RECORDING, order.text(), nx=True, px=ORDER_TTL_MS):
            self._redis.delete(keys.RECORDING_PARTS)
            return None
        stands = self.read()
        if stands is None:
            return self.give(order)
        return None if stands.id == order.id else stands  # ours where the answer to the first try was lost

    def renew(self, order: Order) -> bool:
        """Let it go on, as it stands here; False when it has run out or another one stands there."""
        return self._where_ours(order, lambda pipe: pipe.set(keys.RECORDING, order.text(), px=ORDER_TTL_MS))

    def take_back(self, order: Order) -> None:
        """End it."""
        self._where_ours(order, lambda pipe: pipe.delete(keys.RECORDING))

    def read(self) -> Order | None:
        """The order in force; None when there is none."""
        return _order_in(self._redis.get(keys.RECORDING))

    def _where_ours(self, order: Order, act: Callable[[Pipeline], Any]) -> bool:
        """Do that if the order that stands there is this one, with nobody in between; whether it is."""
        stands: list[Order | None] = []

        def attempt(pipe: Pipeline) -> None:
            stands[:] = [_order_in(pipe.get(keys.RECORDING))]
            pipe.multi()
            if _is(stands[0], order):
                act(pipe)

        self._redis.transaction(attempt, keys.RECORDING)
        return _is(stands[0], order)

    def tell(self, part: str, told: dict[str, Any]) -> None:
        """Say what a process has recorded."""
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(keys.RECORDING_PARTS, part, json.dumps(told))
            pipe.pexpire(keys.RECORDING_PARTS, PART_TTL_MS)
            pipe.execute()

    def told(self, order: Order) -> dict[str, dict[str, Any]]:
        """Process → what it has recorded of this order."""
        fields: Any = self._redis.hgetall(keys.RECORDING_PARTS)
        parts = {name.decode(): json.loads(value) for name, value in fields.items()}
        return {name: told for name, told in parts.items() if told.get("id") == order.id}


def _order_in(text: Any) -> Order | None:
    try:
        told = json.loads(text)
        return Order(str(told["id"]), str(told["path"]), bool(told["frames"]))
    except (TypeError, ValueError, KeyError):
        return None


def _is(stands: Order | None, order: Order) -> bool:
    return stands is not None and stands.id == order.id
