"""The right to write a symbol's chains: one stream holds it at a time, and a fencing token proves it to the scripts."""

from redis.client import Redis

from marketswarm import keys
from marketswarm.chain.redis_store import store_reachable
from marketswarm.clock import Clock
from marketswarm.scripts import Value, script

LEASE_MS = 10_000
RENEW_S = 3.0


class WriterLeases:
    """Takes, renews and gives back the right, for one owner.

    Args:
        owner: a name that no other process has.
    """

    def __init__(self, redis: Redis, clock: Clock, address: str, owner: str) -> None:
        self._redis = redis
        self._clock = clock
        self._address = address
        self.owner = owner

    def take(self, symbol: str) -> int | None:
        """Take or renew the right to write; the fencing token, or None while another owner holds it."""
        names = [keys.writer(symbol), keys.writer_token(symbol)]
        with store_reachable(self._address):
            arguments: list[Value] = [self.owner, LEASE_MS, self._clock.now_ms()]
            token = int(script("take_writer").run(self._redis, names, arguments))
        return token or None

    def give_back(self, symbol: str) -> None:
        """Let the next one take over at once."""
        with store_reachable(self._address):
            script("release").run(self._redis, [keys.writer(symbol)], [self.owner])
