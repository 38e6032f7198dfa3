"""A writer that never looks whether it still may: takes SPX once, then writes for ever.

    python -m tests.support.careless_writer REDIS_URL LEASE_MS

Prints a line for each attempt: `written` or `refused`.
"""

import sys

from redis import Redis

from marketswarm.chain.lease import WriterLeases
from marketswarm.chain.patches import quote_patch
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.stored import Change
from marketswarm.clock import SystemClock
from marketswarm.errors import WriterFenced
from tests.support.applied import apply_changes
from tests.support.builders import SPX, quote


def main(url: str, lease_ms: int) -> None:
    """Write quote after quote."""
    redis, clock = Redis.from_url(url), SystemClock()
    store = RedisChainStore(redis, clock, "test")
    leases = WriterLeases(redis, clock, "test", "careless", lease_ms=lease_ms)
    fence = leases.take([1], ["SPX"]).fences["SPX"]
    universe = store.universe(SPX)
    for number in range(1_000_000):
        update = quote(ts=10_000 + number, bid=1 + number % 100 / 100)
        change = Change(update.ticker, "quote", update.ts, number, quote_patch(update))
        try:
            apply_changes(store, SPX, universe.epoch, fence, [change])
            print("written", flush=True)
        except WriterFenced:
            print("refused", flush=True)
        clock.sleep(0.002)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
