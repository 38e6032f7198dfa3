"""A reader from outside: follows the feed of changes, and notes when each quote could first be read.

Orders: `begin`, then `end`, which gives the lags. Lag is the reader's clock minus the quote's own time; the latter is in whole
ms, cut off, so a lag is up to 1 ms too long.
"""

import re
import threading
import time
from dataclasses import asdict
from typing import Any

from redis import Redis

from benchmarks.children.orders import serve_orders
from benchmarks.quantiles import spread_of, thirds_of

_FEED = "sse:chain-feed"
_QUOTE_TIME = re.compile(rb'"quote":\{[^}]*"ts":(\d{13})')
_CHANGED = re.compile(rb'"O:\w+":')  # a ticker, and what has changed of it
_BLOCK_MS = 100


class FeedReader:
    """What the orders do. Entries are only stamped and kept while they come, and taken apart afterwards."""

    def __init__(self) -> None:
        self._read: list[tuple[float, dict[bytes, bytes]]] = []
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, url: str) -> None:
        """Follow the feed from now on."""
        redis = Redis.from_url(url, protocol=2)
        newest: Any = redis.xrevrange(_FEED, count=1)
        after = newest[0][0] if newest else b"0-0"
        self._read, self._ended = [], threading.Event()
        self._thread = threading.Thread(target=self._follow, args=(redis, after), daemon=True)
        self._thread.start()

    def end(self, from_ms: float, until_ms: float) -> dict[str, Any]:
        """Stop, and say how the lags of the quotes of that span of time were, in ms."""
        assert self._thread is not None
        self._ended.set()
        self._thread.join()
        samples = [
            (at_ms, at_ms - float(ts))
            for at_ms, entry in self._read
            for ts in _QUOTE_TIME.findall(entry[b"updates"])
            if from_ms <= float(ts) <= until_ms
        ]
        first, _, last = thirds_of(samples)
        return {
            "entries": len(self._read),
            "changes": sum(len(_CHANGED.findall(entry[b"updates"])) for _, entry in self._read),
            "jumps": self._jumps(),
            "all": asdict(spread_of([lag for _, lag in samples])),
            "first": asdict(spread_of(first)),
            "last": asdict(spread_of(last)),
        }

    def _follow(self, redis: Redis, after: bytes) -> None:
        while not self._ended.is_set():
            answer: Any = redis.xread({_FEED: after}, count=500, block=_BLOCK_MS)
            now_ms = time.time() * 1000
            for _, entries in answer or ():
                self._read += [(now_ms, fields) for _, fields in entries]
                after = entries[-1][0]

    def _jumps(self) -> int:
        """How many entries do not follow on the one before of their chain."""
        seqs: dict[tuple[bytes, bytes], int] = {}
        jumps = 0
        for _, entry in self._read:
            chain = entry[b"symbol"], entry[b"expiration"]
            jumps += seqs.get(chain, int(entry[b"prev_seq"])) != int(entry[b"prev_seq"])
            seqs[chain] = int(entry[b"seq"])
        return jumps


def main() -> None:
    """Serve."""
    reader = FeedReader()
    serve_orders({"begin": reader.begin, "end": reader.end})


if __name__ == "__main__":
    main()
