"""Who does what only one may do at a time: a key in Redis, kept for as long as that takes, and soon let go for whoever died."""

import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from redis.client import Redis
from redis.exceptions import RedisError

from marketswarm.reachable import store_reachable
from marketswarm.scripts import script

TURN_MS: Final = 6_000  # whoever is killed holds up the next no longer than this
_RENEW_S: Final = 1.5


@contextmanager
def take_turn(redis: Redis, address: str, key: str, run: str) -> Iterator[bool]:
    """Be the only one for the time of the block; gives False when another run is. The same run is let in again.

    Args:
        redis: where the key is.
        address: the store as it may be shown.
        key: names what is done.
        run: names whoever takes the turn: a task's id, so that a task delivered again does not wait for itself.

    Raises:
        StoreUnavailable: nobody answers.
    """
    with store_reachable(address):
        taken = redis.set(key, run, nx=True, px=TURN_MS) or redis.get(key) == run.encode()
    if not taken:
        yield False
        return
    done = threading.Event()
    keeper = threading.Thread(target=_keep, args=(redis, key, run, done), name=f"turn-{key}", daemon=True)
    keeper.start()
    try:
        yield True
    finally:
        done.set()
        keeper.join()
        with store_reachable(address):
            script("release").run(redis, [key], [run])


def _keep(redis: Redis, key: str, run: str, done: threading.Event) -> None:
    """Renew the turn until it is over; while the store is away there is nothing to be done."""
    while not done.wait(_RENEW_S):
        with contextlib.suppress(RedisError):
            script("renew").run(redis, [key], [run, TURN_MS])
