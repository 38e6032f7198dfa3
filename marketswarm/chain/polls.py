"""The last poll of each symbol, in Redis, and whose turn it is to poll."""

import json
from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import Any

from redis.client import Redis

from marketswarm import keys
from marketswarm.chain.polled import Poll
from marketswarm.reachable import store_reachable
from marketswarm.turns import take_turn


class PollLedger:
    """Reads and writes the polls."""

    def __init__(self, redis: Redis, address: str) -> None:
        self._redis = redis
        self._address = address

    def take_turn(self, run: str) -> AbstractContextManager[bool]:
        """Be the only poll for the time of the block; gives False when another one is under way."""
        return take_turn(self._redis, self._address, keys.POLLING, run)

    def read(self, symbol: str) -> Poll:
        """The symbol's last poll; an empty one when there was none."""
        with store_reachable(self._address):
            text: Any = self._redis.get(keys.polled(symbol))
        return Poll() if text is None else Poll(**json.loads(text))

    def write(self, symbol: str, poll: Poll) -> None:
        """Replace it."""
        with store_reachable(self._address):
            self._redis.set(keys.polled(symbol), json.dumps(asdict(poll)))
