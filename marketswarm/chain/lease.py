"""The rights in Redis: connections and symbols, which one process holds at a time, and which run out by themselves.

The right to write a symbol carries a fencing token, which proves it to the scripts. Who should hold what is decided in
`shares.py`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from redis.client import Redis

from marketswarm import keys
from marketswarm.chain.shares import Table
from marketswarm.clock import Clock
from marketswarm.reachable import store_reachable
from marketswarm.scripts import Value, script

LEASE_MS = 2_500
RENEW_S = 0.5


@dataclass(frozen=True, slots=True)
class Held:
    """What was granted.

    Attributes:
        slots: connections.
        fences: symbol → the fencing token for it.
    """

    slots: tuple[int, ...] = ()
    fences: dict[str, int] = field(default_factory=dict)


class WriterLeases:
    """Takes, renews and gives back rights, for one owner.

    Args:
        owner: a name that no other process has.
        connections: how many connections the account allows.
        lease_ms: how long a right lasts unless renewed.
    """

    def __init__(
        self,
        redis: Redis,
        clock: Clock,
        address: str,
        owner: str,
        *,
        connections: int = 1,
        lease_ms: int = LEASE_MS,
    ) -> None:
        self._redis = redis
        self._clock = clock
        self._address = address
        self._slots = range(1, connections + 1)
        self._lease_ms = lease_ms
        self.owner = owner

    def look(self, symbols: Sequence[str]) -> Table:
        """Who holds what now, in one question."""
        names = [keys.CONNECTION_WANTED]
        names += [keys.connection(slot) for slot in self._slots]
        names += [keys.connection_token(slot) for slot in self._slots]
        names += [keys.writer(symbol) for symbol in symbols]
        with store_reachable(self._address):
            found: Any = self._redis.mget(names)
        answers: Iterator[bytes | None] = iter(found)
        waiting = _text(next(answers))
        slots = {slot: _text(next(answers)) for slot in self._slots}
        untouched = frozenset(slot for slot in self._slots if next(answers) is None)
        writers = {symbol: _text(next(answers)) for symbol in symbols}
        return Table(slots, writers, waiting, untouched)

    def workers(self) -> int:
        """How many workers have a connection now."""
        return len(self.look(()).members())

    def take(self, slots: Sequence[int], symbols: Sequence[str]) -> Held:
        """Take or renew rights, in one step; nothing at all while another holds the first connection named."""
        pairs = [(keys.connection(slot), keys.connection_token(slot)) for slot in slots]
        pairs += [(keys.writer(symbol), keys.writer_token(symbol)) for symbol in symbols]
        if not slots:
            return Held()
        arguments: list[Value] = [self.owner, self._lease_ms, self._clock.now_ms()]
        with store_reachable(self._address):
            names = [name for pair in pairs for name in pair]
            given = script("take_writer").run(self._redis, names, arguments)
        fences = dict(zip(symbols, map(int, given[len(slots) :]), strict=True))
        return Held(
            tuple(slot for slot, token in zip(slots, given, strict=False) if token),
            {symbol: fence for symbol, fence in fences.items() if fence},
        )

    def wait(self) -> None:
        """Let it be known that a connection is wanted."""
        with store_reachable(self._address):
            self._redis.set(keys.CONNECTION_WANTED, self.owner, px=self._lease_ms)

    def give_back(self, symbol: str) -> None:
        """Let the next one write at once."""
        self._release(keys.writer(symbol))

    def give_back_connection(self, slot: int) -> None:
        """Let the next one connect at once."""
        self._release(keys.connection(slot))

    def _release(self, held: str) -> None:
        with store_reachable(self._address):
            script("release").run(self._redis, [held], [self.owner])


def _text(answer: bytes | None) -> str | None:
    return None if answer is None else answer.decode()
