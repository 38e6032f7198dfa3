"""Who may connect and who may write: rights that one process holds at a time, and that run out by themselves.

The account allows few connections, so a stream first takes one of its slots; a stream without a slot stands by. The right to
write a symbol carries a fencing token, which proves it to the scripts.
"""

from redis.client import Redis

from marketswarm import keys
from marketswarm.chain.redis_store import store_reachable
from marketswarm.clock import Clock
from marketswarm.scripts import Value, script

LEASE_MS = 4_000
RENEW_S = 1.0


class WriterLeases:
    """Takes, renews and gives back the rights, for one owner.

    Args:
        owner: a name that no other process has.
        connections: how many slots there are.
    """

    def __init__(self, redis: Redis, clock: Clock, address: str, owner: str, *, connections: int = 1) -> None:
        self._redis = redis
        self._clock = clock
        self._address = address
        self._connections = connections
        self._slot: int | None = None
        self.owner = owner

    def take_connection(self) -> bool:
        """Take or renew the right to one upstream connection; False while others hold all slots."""
        slots = range(1, self._connections + 1)
        mine = [self._slot] if self._slot is not None else []
        self._slot = next(
            (
                slot
                for slot in [*mine, *slots]
                if self._take(keys.connection(slot), keys.connection_token(slot))
            ),
            None,
        )
        return self._slot is not None

    def take(self, symbol: str) -> int | None:
        """Take or renew the right to write; the fencing token, or None while another owner holds it."""
        return self._take(keys.writer(symbol), keys.writer_token(symbol))

    def give_back(self, symbol: str) -> None:
        """Let the next one write at once."""
        self._release(keys.writer(symbol))

    def give_back_connection(self) -> None:
        """Let the next one connect at once."""
        if self._slot is not None:
            self._release(keys.connection(self._slot))

    def _take(self, held: str, token: str) -> int | None:
        arguments: list[Value] = [self.owner, LEASE_MS, self._clock.now_ms()]
        with store_reachable(self._address):
            given = script("take_writer").run(self._redis, [held, token], arguments)
        return int(given) or None

    def _release(self, held: str) -> None:
        with store_reachable(self._address):
            script("release").run(self._redis, [held], [self.owner])
