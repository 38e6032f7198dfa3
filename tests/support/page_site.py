"""A site for the page's tests: a real store with two chains, something that moves them, and a real gateway that can be killed."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import requests
from redis import Redis

from marketswarm import keys
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.reports import StreamReports
from marketswarm.chain.stored import ChainChanges, Change, LoadOrigin, Window
from marketswarm.clock import SystemClock
from marketswarm.model.chain import ChainId
from marketswarm.model.contract import Contract, Greeks, Trade
from marketswarm.model.spot import SpotReading
from marketswarm.spot.redis_spots import RedisSpots
from tests.support import vigil_documents
from tests.support.applied import apply_all
from tests.support.builders import DAY, EXPIRE_MS, contract
from tests.support.free_ports import free_port
from tests.support.valkey import running_valkey

SPX, SPY = ChainId("SPX", DAY), ChainId("SPY", DAY)
SPOTS = {"SPX": 6_801.5, "SPY": 680.2}
SLOT_MS = 10_000
_FENCE = 1


def rows_of(chain: ChainId, spot: float, step: float, each_side: int = 30) -> list[Contract]:
    """A chain around spot, with greeks that are of the right size and open interest that is highest at every fifth strike."""
    middle = round(spot / step) * step
    strikes = [middle + step * at for at in range(-each_side, each_side + 1)]
    return [_row(chain, spot, step, strike, type) for strike in strikes for type in ("call", "put")]


def _row(chain: ChainId, spot: float, step: float, strike: float, type: str) -> Contract:
    now_ms, away = time.time_ns() // 1_000_000, (strike - spot) / step
    inner = max(0.0, (spot - strike) if type == "call" else (strike - spot))
    bid = round(inner + step / (1 + 0.2 * away * away), 2)
    delta = 1 / (1 + 2.718 ** (away / 3))
    greeks = Greeks(
        iv=round(0.16 + 0.0004 * away * away, 4), delta=round(delta if type == "call" else delta - 1, 4), gamma=0.01,
        theta=-2.5, vega=0.4, source="local", ts=now_ms,
    )  # fmt: skip
    root = "SPXW" if chain.symbol == "SPX" else chain.symbol
    return contract(
        strike,
        type,
        bid=bid,
        ask=round(bid + 0.1, 2),
        ts=now_ms,
        ticker=f"O:{root}{chain.expiration:%y%m%d}{type[0].upper()}{round(strike * 1000):08d}",
        symbol=chain.symbol,
        root=root,
        open_interest=4_000 if round(strike / step) % 5 == 0 else 700,
        greeks=greeks,
        trade=Trade(price=bid, size=1, ts=now_ms),
    )


class Market:
    """What writes into the store: chains through the real store, quotes ten times a second, reports, spots, events.

    It stands in for the stream worker: while it runs, both chains are live; while it rests, nothing attends to them.
    """

    def __init__(self, url: str) -> None:
        self.redis = Redis.from_url(url)
        self._url = url
        self._running, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._slot = 0
        self.told = 0
        self.changes_each = 12

    # -- what stands in the store at the start

    def fill(self) -> None:
        """Both chains, a few ticks, levels and two events."""
        for chain, step in ((SPX, 5.0), (SPY, 1.0)):
            self.load(chain, rows_of(chain, SPOTS[chain.symbol], step))
        now_ms = time.time_ns() // 1_000_000
        self._slot = now_ms // SLOT_MS * SLOT_MS - 20 * SLOT_MS
        for _ in range(20):
            self.tick()
        self.level()
        self.tell("Gamma cluster at 6,800 formed")
        self.tell("SPX fell 7.4 points in ten seconds")
        self.run()

    def load(self, chain: ChainId, rows: list[Contract], *, whole: bool = True) -> None:
        """Commit rows as the loader does: a whole chain, or a part that is added to it."""
        store = RedisChainStore(self.redis, SystemClock(), "test")
        strikes = [float(row.strike) for row in rows]
        self.redis.set(keys.loading(chain.symbol), "run")
        store.stage(chain, "run", rows)
        window = Window(SPOTS[chain.symbol], SPOTS[chain.symbol], min(strikes), max(strikes))
        store.commit(
            chain, "run", window, reason="startup" if whole else "drift", source="sim", expire_ms=EXPIRE_MS,
            origin=LoadOrigin(time.time_ns() // 1_000_000) if whole else None,
        )  # fmt: skip
        self.redis.set(keys.writer_token(chain.symbol), _FENCE)
        self.redis.hset(keys.chain_meta(chain.symbol, DAY.isoformat()), "state", "live")

    def tick(self, spot: float = 0.0) -> int:
        """The next slot of the heartbeat: SPX at `spot`, or where it was; its time."""
        self._slot = self._slot + SLOT_MS
        readings = [
            SpotReading(symbol, (spot if symbol == "SPX" else 0) or SPOTS[symbol], self._slot, "unified")
            for symbol in SPOTS
        ]
        RedisSpots(self.redis, "test").publish(self._slot, "sim", readings)
        return self._slot

    def level(self, **more: Any) -> None:
        """Levels of SPX as of the last tick."""
        told = vigil_documents.all_levels(**more)
        now_ms = time.time_ns() // 1_000_000
        fields = {
            name: one | {"as_of": self._slot if name == "spot" else now_ms} for name, one in told.items()
        }
        vigil_documents.publish(self.redis, fields)

    def tell(self, title: str, **more: Any) -> str:
        """One event; its id."""
        self.told += 1
        name = f"told-{self.told}"
        more = {"ts": time.time_ns() // 1_000_000, "type": "key_strike", "key": "6800"} | more
        vigil_documents.tell(self.redis, id=name, episode=name, title=title, **more)
        return name

    # -- the moving part

    def start(self) -> None:
        """Begin to move."""
        self._thread.start()

    def run(self) -> None:
        """Move on."""
        self._running.set()

    def rest(self) -> None:
        """Stand still, as when the stream worker is gone."""
        self._running.clear()

    def end(self) -> None:
        """For good."""
        self._over.set()
        self._thread.join(10)
        self.redis.close()

    def _work(self) -> None:
        dice, at = Random(7), 0
        with Redis.from_url(self._url) as own:
            store, reports = RedisChainStore(own, SystemClock(), "test"), StreamReports(own, "test")
            due_s = time.monotonic()
            while not self._over.wait(max(0.0, due_s - time.monotonic())):
                due_s = max(
                    due_s + 0.1, time.monotonic() - 0.1
                )  # ten a second, also where one of them takes longer
                if self._running.is_set():
                    at += 1
                    self._move(own, store, dice)
                    if at % 5 == 1:
                        self._report(reports)

    def _move(self, own: Redis, store: RedisChainStore, dice: Random) -> None:
        work = [self._changes(own, store, chain, dice) for chain in (SPX, SPY)]
        apply_all(store, work)

    def _changes(self, own: Redis, store: RedisChainStore, chain: ChainId, dice: Random) -> ChainChanges:
        names, now_ms = store.tickers(chain), time.time_ns() // 1_000_000
        epoch = int(own.hget(keys.chain_meta(chain.symbol, DAY.isoformat()), "epoch"))  # type: ignore[arg-type]
        changes = []
        for name in dice.sample(names, self.changes_each):
            bid = dice.randint(100, 9_000) / 100
            patch = f'"bid":{bid:g},"ask":{bid + 0.1:g},"mid":{bid + 0.05:g},"ts":{now_ms}'
            changes.append(Change(name, "quote", now_ms, None, patch))
        return ChainChanges(chain, epoch, _FENCE, changes)

    def _report(self, reports: StreamReports) -> None:
        told = {
            "ts": time.time_ns() // 1_000_000, "state": "live", "updates_per_s": 120.0,
            "lag_ms": {"p50": 31.0, "p99": 66.0}, "window_ms": 50, "gaps": 0, "reconnects": 0,
        }  # fmt: skip
        for symbol in SPOTS:
            reports.write(symbol, told)


class PageSite:
    """The market, and a gateway in a process of its own."""

    def __init__(self, market: Market, url: str, folder: Path) -> None:
        self.market = market
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self._env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MASSIVE_", "MARKETSWARM_"))
        }
        self._env |= {
            "MARKETSWARM_REDIS_URL": url, "MARKETSWARM_SYMBOLS": "SPX,SPY", "MARKETSWARM_SESSION": "always",
            "MARKETSWARM_STATE_DIR": str(folder / "state"),
        }  # fmt: skip
        self._gateway: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the gateway, always on the same port, and wait until it serves."""
        with (self._folder / "gateway.log").open("ab") as log:
            self._gateway = subprocess.Popen(
                [sys.executable, "-m", "marketswarm", "gateway", "--port", str(self.port)],
                env=self._env, cwd=self._folder, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        wait_until("a gateway that serves", self.serves)

    def serves(self) -> bool:
        """Whether it answers."""
        try:
            return requests.get(f"{self.base}/healthz", timeout=1).ok
        except requests.RequestException:
            return False

    def kill(self) -> None:
        """End the gateway without a word."""
        if self._gateway is not None:
            self._gateway.send_signal(signal.SIGKILL)
            self._gateway.wait(10)
            self._gateway = None

    def log(self) -> str:
        """What the gateway said."""
        return (self._folder / "gateway.log").read_text()

    def stored(self, symbol: str = "SPX") -> dict[str, Any]:
        """The chain's hash, parsed."""
        rows: Any = self.market.redis.hgetall(keys.chain(symbol, DAY.isoformat()))
        return {name.decode(): json.loads(text) for name, text in rows.items()}


@contextmanager
def page_site(folder: Path) -> Iterator[PageSite]:
    """A site for the time of the block."""
    with running_valkey() as url:
        market = Market(url)
        site = PageSite(market, url, folder)
        market.fill()
        market.start()
        try:
            site.start()
            yield site
        finally:
            site.kill()
            market.end()


def wait_until(what: str, is_so: Callable[[], bool], patience_s: float = 20.0) -> None:
    """Wait for a condition."""
    end = time.monotonic() + patience_s
    while not is_so():
        assert time.monotonic() < end, f"no {what} within {patience_s:g} s"
        time.sleep(0.02)
