"""The real stream and loads in this process, on a simulator whose wire misbehaves and on a real server.

Everything is joined by `Swarm`, as in the workers; only Celery between the stream and the loads is left out.
"""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from redis import Redis

from marketswarm import keys
from marketswarm.errors import MarketSwarmError
from marketswarm.massive.feed import MassiveFeed
from marketswarm.massive.session import SessionRules
from marketswarm.massive.sharded import ShardedFeed
from marketswarm.ports import MarketFeed
from marketswarm.settings import Settings
from marketswarm.wiring import Swarm
from tests.support.simulator import RunningSimulator
from tests.support.valkey import running_valkey

SYMBOLS = ("SPX", "SPY")
PATIENCE_S = 30.0
_POLL_S = 0.02
_STIRS = 5  # steps, so that none chooses too many contracts at once


class RuledSwarm(Swarm):
    """A swarm whose feed goes by other waits than the usual ones."""

    def __init__(self, settings: Settings, rules: SessionRules) -> None:
        super().__init__(settings)
        self.rules = rules

    def feed(self) -> MarketFeed:
        url, key = self.settings.massive_ws_url, self._api_key
        return ShardedFeed(
            lambda: MassiveFeed(url, key, clock=self.clock, random=random.random, rules=self.rules),
            self.clock,
        )


@dataclass
class Chain:
    """What is stored of one symbol's chain at one moment."""

    state: str = ""
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)


class FaultSite:
    """A stream at work."""

    def __init__(self, simulator: RunningSimulator, redis_url: str) -> None:
        self.simulator = simulator
        self.redis = Redis.from_url(redis_url, decode_responses=True)
        self.rules: SessionRules | None = None
        self.load_errors: list[str] = []
        self._url = redis_url
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._loads = ThreadPoolExecutor(2)

    def use(self, rules: SessionRules, *, anew: bool = False) -> None:
        """Stream by these rules, on a stream of its own unless the present one goes by them already."""
        if rules == self.rules and not anew:
            return
        self.stop()
        self.rules = rules
        self.redis.flushall()
        swarm = RuledSwarm(self._settings(), rules)
        stream = swarm.stream(
            lambda symbol, reason, request: self._load(swarm, symbol, reason, request), reads_on=True
        )
        self._stopping = stopping = threading.Event()
        self._thread = threading.Thread(target=lambda: stream.run(stopping.is_set), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the stream."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(PATIENCE_S)
            assert not self._thread.is_alive(), "the stream does not end"
            self._thread = None

    def close(self) -> None:
        """End everything."""
        self.stop()
        self._loads.shutdown()
        self.redis.close()

    # -- faults ----------------------------------------------------------------

    def begin(self, *texts: str, stirs: bool = False) -> None:
        """Begin faults; with a stir much happens in the market in the same moment, of which no connection is told."""
        server, rows = self.simulator.server, self._rows() if stirs else None

        async def act() -> None:
            for text in texts:
                await server.faults.begin(text)
            if rows is not None:
                server.market.advance(server.clock.now_ms())
                for _ in range(_STIRS):
                    server.market.happen(rows, len(rows) / _STIRS)

        self.simulator.wait(act)

    def end(self, name: str) -> None:
        """End a fault."""
        self.simulator.wait(lambda: self.simulator.server.faults.end(name))

    def end_all(self) -> None:
        """End what is at work, let the market run."""
        for name in self.simulator.call(lambda: self.simulator.server.faults.at_work):
            self.end(name)
        self.hold(still=False)

    def hold(self, *, still: bool) -> None:
        """Let the market stand still, or run."""
        self.simulator.call(lambda: setattr(self.simulator.server.feed, "is_held", still))

    # -- truth and what is stored --------------------------------------------------

    def truth(self, tickers: Collection[str]) -> dict[str, tuple[Any, ...]]:
        """Ticker → quote and trade as the market's book has them."""
        return self.simulator.call(lambda: self._book(tickers))

    def chain(self, symbol: str) -> Chain:
        """State and contracts, read in one step."""
        day = self.redis.hget("chaincurrent", symbol)
        pipe = self.redis.pipeline()
        pipe.hget(f"chainmeta:{symbol}:{day}", "state")
        pipe.hgetall(f"chain:{symbol}:{day}")
        state, texts = pipe.execute()
        return Chain(state or "", {ticker: _decode(text) for ticker, text in texts.items()})

    def counts(self) -> Counter[str]:
        """What was left out, by reason, and `crossed`."""
        found = Counter({name: int(text) for name, text in self.redis.hgetall(keys.BAD_FRAME_COUNTS).items()})
        for symbol in SYMBOLS:
            report = self.report(symbol)
            found.update(report.get("refused", {}))
            found.update(report.get("flagged", {}))
        return found

    def states(self) -> dict[str, str]:
        """The state of each symbol's chain."""
        return {symbol: state for symbol, (state, _) in self.outlines().items()}

    def outlines(self) -> dict[str, tuple[str, int]]:
        """State and number of contracts of each symbol's chain, read in one step."""
        days = [self.redis.hget("chaincurrent", symbol) for symbol in SYMBOLS]
        pipe = self.redis.pipeline()
        for symbol, day in zip(SYMBOLS, days, strict=True):
            pipe.hget(f"chainmeta:{symbol}:{day}", "state")
            pipe.hlen(f"chain:{symbol}:{day}")
        found = pipe.execute()
        return {symbol: (found[2 * n] or "", int(found[2 * n + 1])) for n, symbol in enumerate(SYMBOLS)}

    def is_live(self) -> bool:
        """Whether every chain is called live."""
        return set(self.states().values()) == {"live"}

    def differences(self) -> dict[str, tuple[Any, Any]]:
        """Ticker → stored and true, where they differ; the market must stand still for it to mean something."""
        found: dict[str, tuple[Any, Any]] = {}
        for symbol in SYMBOLS:
            rows = self.chain(symbol).rows
            found |= compared(rows, self.truth(rows))
        return found

    def report(self, symbol: str = "SPX") -> dict[str, Any]:
        """What the stream says of a symbol."""
        return {name: _decode(text) for name, text in self.redis.hgetall(f"stream:{symbol}").items()}

    def wait_for(self, what: str, holds: Callable[[], Any], timeout_s: float = PATIENCE_S) -> float:
        """Wait until something holds; how long it took."""
        began_s = time.monotonic()
        while not holds():
            if time.monotonic() - began_s > timeout_s:
                raise AssertionError(
                    f"{what} did not come about: {self.states()}, {self.report()}, loads: {self.load_errors[-3:]}"
                )
            time.sleep(_POLL_S)
        return time.monotonic() - began_s

    # -- inside ----------------------------------------------------------------------

    def _rows(self) -> NDArray[np.int64]:
        row_of = self.simulator.server.market.book.row_of
        return np.array([row_of[ticker] for symbol in SYMBOLS for ticker in self.chain(symbol).rows])

    def _settings(self) -> Settings:
        given = {
            "MASSIVE_API_KEY": "key",
            "MASSIVE_REST_URL": self.simulator.rest,
            "MASSIVE_WS_URL": self.simulator.ws,
            "MARKETSWARM_REDIS_URL": self._url,
            "MARKETSWARM_SYMBOLS": ",".join(SYMBOLS),
            "MARKETSWARM_STRIKES_EACH_SIDE": "10",
            "MARKETSWARM_SESSION": "always",
        }
        return Settings.load(given=given)

    def _load(self, swarm: Swarm, symbol: str, reason: str, request: str) -> None:
        if not self._stopping.is_set():
            self._loads.submit(self._load_now, swarm, symbol, reason, request)

    def _load_now(self, swarm: Swarm, symbol: str, reason: str, request: str) -> None:
        try:
            swarm.load_chain(symbol, reason, request=request, progress=lambda _step, _done, _total: None)
        except MarketSwarmError as error:
            self.load_errors.append(str(error))

    def _book(self, tickers: Collection[str]) -> dict[str, tuple[Any, ...]]:
        book = self.simulator.server.market.book
        found: dict[str, tuple[Any, ...]] = {}
        for ticker in tickers:
            row = book.contracts[book.row_of[ticker]]
            quote = (float(row["bid"]), float(row["ask"]), int(row["bid_size"]), int(row["ask_size"]))
            trade = (float(row["trade_price"]), int(row["trade_size"]), int(row["trade_ms"]))
            found[ticker] = (*quote, *(trade if row["trade_ms"] else (None,) * 3))
        return found


def compared(
    rows: Mapping[str, Mapping[str, Any]], truth: Mapping[str, tuple[Any, ...]]
) -> dict[str, tuple[Any, Any]]:
    """Ticker → stored and true, where they differ."""
    stored = {ticker: _values(row) for ticker, row in rows.items()}
    return {
        ticker: (stored[ticker], true)
        for ticker, true in truth.items()
        if ticker in stored and stored[ticker] != true
    }


def without_sizes(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Such values without the sizes of the quote."""
    bid, ask, _, _, *trade = values
    return (bid, ask, *trade)


def _values(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """A stored row as the book would have it: nobody quotes a side that is absent."""
    quote, trade = row.get("quote", {}), row.get("trade", {})
    sides = tuple(quote.get(name, 0) for name in ("bid", "ask", "bid_size", "ask_size"))
    return (*sides, *(trade.get(name) for name in ("price", "size", "ts")))


def _decode(text: str) -> Any:
    return json.loads(text)


@contextmanager
def fault_site(simulator: RunningSimulator) -> Iterator[FaultSite]:
    """A site on a server of its own; `use` starts the stream."""
    with running_valkey() as url:
        site = FaultSite(simulator, url)
        try:
            yield site
        finally:
            site.end_all()
            site.close()
