"""The limit that a stream in this language and on this socket can reach: receive, decode, keep the latest, and nothing else.

Orders: `connect` with contracts; `count` for so long.
"""

import random
import threading
import time
from dataclasses import asdict
from datetime import date
from typing import Any

import psutil

from benchmarks.children.orders import serve_orders
from benchmarks.quantiles import spread_of
from marketswarm.chain.conflate import Conflator
from marketswarm.clock import SystemClock
from marketswarm.massive.feed import MassiveFeed
from marketswarm.model.chain import ChainId
from marketswarm.ports import FeedFrame

_WINDOW_S = 0.05
_STORED = b"{}"


class KeepLatest:
    """Feed and conflator joined as the stream joins them; what is flushed is thrown away."""

    def __init__(self) -> None:
        self._clock = SystemClock()
        self._conflator = Conflator()
        self._updates = 0
        self._lags_ms: list[float] = []
        self._feed: MassiveFeed | None = None

    def connect(self, ws: str, tickers: list[str]) -> None:
        """Subscribe the contracts, and keep what comes from now on."""
        self._conflator.hold({ChainId("SPX", date(2030, 1, 2)): dict.fromkeys(tickers, _STORED)})
        self._feed = MassiveFeed(ws, "bench", clock=self._clock, random=random.random)
        self._feed.want(tickers)
        threading.Thread(target=self._live, args=(self._feed,), daemon=True).start()

    def count(self, seconds: float) -> dict[str, Any]:
        """Updates a second, the share of one core, and the lag of what would be flushed, in ms, over a span of time."""
        me = psutil.Process()
        began_s, began, busy = time.perf_counter(), self._updates, sum(me.cpu_times()[:2])
        self._lags_ms = []
        time.sleep(seconds)
        took_s = time.perf_counter() - began_s
        return {
            "rate": (self._updates - began) / took_s,
            "cpu": (sum(me.cpu_times()[:2]) - busy) / took_s,
            "rss": me.memory_info().rss,
            "lag_ms": asdict(spread_of(self._lags_ms)),
        }

    def _live(self, feed: MassiveFeed) -> None:
        flush_at_s = 0.0
        while True:
            for item in feed.poll(_WINDOW_S):
                if isinstance(item, FeedFrame):
                    self._conflator.add(item.updates, item.arrived_s, self._clock.now_ms())
                    self._updates += len(item.updates)
            if (now_s := self._clock.monotonic_s()) >= flush_at_s:
                flush_at_s = now_s + _WINDOW_S
                self._drop()

    def _drop(self) -> None:
        now_ms = time.time() * 1000
        for waiting in self._conflator.take():
            self._lags_ms += [now_ms - latest.quote.ts for latest in waiting.contracts if latest.quote]
            self._conflator.flushed(waiting.contracts)


def main() -> None:
    """Serve."""
    limit = KeepLatest()
    serve_orders({"connect": limit.connect, "count": limit.count})


if __name__ == "__main__":
    main()
