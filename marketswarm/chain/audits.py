"""What the audits have found, in Redis, and whose turn it is to audit."""

import json
from contextlib import AbstractContextManager
from typing import Any

from redis.client import Redis

from marketswarm import keys
from marketswarm.chain.tally import AuditTally
from marketswarm.reachable import store_reachable
from marketswarm.turns import take_turn


class AuditLedger:
    """Reads and writes the tallies."""

    def __init__(self, redis: Redis, address: str) -> None:
        self._redis = redis
        self._address = address

    def take_turn(self, run: str) -> AbstractContextManager[bool]:
        """Be the only audit for the time of the block; gives False when another one is under way."""
        return take_turn(self._redis, self._address, keys.AUDITING, run)

    def read(self, symbol: str) -> AuditTally:
        """The symbol's tally; an empty one when it was never audited."""
        return AuditTally.of(self.told(symbol))

    def told(self, symbol: str) -> dict[str, Any]:
        """The symbol's tally as plain values, its `rate` that of the time of the last audit; empty when there is none."""
        with store_reachable(self._address):
            fields: Any = self._redis.hgetall(keys.audit(symbol))
        return {name.decode(): json.loads(value) for name, value in fields.items()}

    def write(self, symbol: str, tally: AuditTally, now_ms: int) -> None:
        """Replace the symbol's tally."""
        told: dict[Any, Any] = {name: json.dumps(value) for name, value in tally.as_json(now_ms).items()}
        with store_reachable(self._address), self._redis.pipeline(transaction=True) as pipe:
            pipe.delete(keys.audit(symbol))
            pipe.hset(keys.audit(symbol), mapping=told)
            pipe.execute()
