"""A whole feed in a virtual world: stream, loads, heartbeat and audits on a real store, beside a vendor with faults."""

import json
import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from marketswarm.errors import MarketSwarmError
from marketswarm.massive.feed import MassiveFeed
from marketswarm.massive.rest import MassiveRest
from marketswarm.massive.sharded import ShardedFeed
from marketswarm.model.chain import LoadReason
from marketswarm.settings import Settings
from marketswarm.wiring import Swarm
from tests.support.merge import merge_patch
from tests.support.virtual_vendor import (
    LASTING,
    MOMENTARY,
    Fault,
    VirtualInbox,
    VirtualSocket,
    VirtualVendor,
    VirtualWire,
)
from tests.support.virtual_world import World

BEGINS_MS = 1_836_830_000_000  # a day far off, so that no real server finds anything of it expired
_TURN_S = 0.002  # what a turn of the stream costs at least
_SLOT_S, _AUDIT_S, _ATTEND_S, _AGE_S = 10.0, 5.0, 2.0, 0.5
_SHORT_MS = 600_000


def faults_of(seed: int) -> list[Fault]:
    """One to five faults, which begin between the third and the eighteenth second."""
    chance = random.Random(seed)
    kinds = [*MOMENTARY, *LASTING, "store flush", "store away"]
    return [
        Fault(
            kind,
            round(chance.uniform(3, 18), 3),
            round(chance.uniform(0.3, 5), 3) if kind in LASTING or kind == "store away" else 0.0,
        )
        for kind in (chance.choice(kinds) for _ in range(chance.randint(1, 5)))
    ]


class VirtualSession:
    """One run. `live_moments` are those at which a chain began to be called live, with what was wrong in it then."""

    def __init__(
        self,
        redis: Redis,
        url: str,
        seed: int,
        faults: Sequence[Fault],
        symbols: Sequence[str] = ("SPY",),
        *,
        is_audited: bool = True,
    ) -> None:
        redis.flushall()
        self.redis, self.symbols, self.faults = redis, tuple(symbols), list(faults)
        self.world = World(BEGINS_MS)
        self.vendor = VirtualVendor(self.world, self.symbols, seed, self.faults)
        settings = Settings.model_validate(
            {
                "MARKETSWARM_SYMBOLS": ",".join(symbols),
                "MARKETSWARM_STRIKES_EACH_SIDE": 4,
                "MARKETSWARM_REDIS_URL": url,
                "MARKETSWARM_SESSION": "always",
                "MARKETSWARM_SOURCE": "sim",
                "MARKETSWARM_FLUSH_MS": 100,
                "MASSIVE_API_KEY": "virtual-key",
            }
        )
        self.swarm = Swarm(settings, self.world)
        self.swarm.owner = "virtual"
        self._join(random.Random(seed).random)
        self.stream = self.swarm.stream(self._request)
        self.audits = 0
        self._states: dict[str, str] = {}
        self.live_moments: list[tuple[float, str, list[str]]] = []
        self._keep_time()
        if is_audited:
            self.world.every(_AUDIT_S, lambda: self._send_off(self._audit))

    def run(self, until_s: float) -> None:
        """Let the world go on until then."""
        while self.world.monotonic_s() < until_s:
            self.stream.turn()
            self._note_states()
            self.world.run_until(self.world.monotonic_s() + _TURN_S)
            if self.world.failures:
                raise self.world.failures[0]

    def settle(self, most_s: float) -> None:
        """Go on until all chains are live and audited, no fault lasting any more; then hold the market still."""
        end_s, audits = self.world.monotonic_s() + most_s, self.audits + 2 * len(self.symbols)
        while not (self.is_live() and self.audits >= audits):
            assert self.world.monotonic_s() < end_s, f"not live: {self._states}, {self.stream.status()}"
            self.run(self.world.monotonic_s() + 0.5)
        self.vendor.held_still = True
        self.run(self.world.monotonic_s() + 2.0)

    def is_live(self) -> bool:
        """Whether every chain is called live."""
        return all(self.meta(symbol).get("state") == "live" for symbol in self.symbols)

    def meta(self, symbol: str) -> dict[str, str]:
        """Meta of the chain in force."""
        day = self.redis.hget("chaincurrent", symbol)
        return self.redis.hgetall(f"chainmeta:{symbol}:{day}") if day else {}

    def chain(self, symbol: str) -> dict[str, Any]:
        """Contracts of the chain in force."""
        rows = self.redis.hgetall(f"chain:{symbol}:{self.redis.hget('chaincurrent', symbol)}")
        return {ticker: json.loads(row) for ticker, row in rows.items()}

    def wrong(self, symbol: str, before_ms: int) -> list[str]:
        """Contracts that differ from the market's book in what has not changed there since that moment."""
        return list(self._wrong(symbol, before_ms))

    def feed_without_the_hash(self, symbol: str) -> dict[str, Any]:
        """What the entries of the feed come to, merged from the first one after the store was emptied last."""
        merged: dict[str, Any] = {}
        for _, entry in self.redis.xrange("sse:chain-feed"):
            if entry["symbol"] == symbol:
                for ticker in json.loads(entry.get("removed", "[]")):
                    merged.pop(ticker, None)
                for ticker, news in json.loads(entry["updates"]).items():
                    merged[ticker] = merge_patch(merged.get(ticker), news)
        return merged

    def _wrong(self, symbol: str, before_ms: int) -> Iterator[str]:
        book = self.vendor.market.book
        for ticker, row in self.chain(symbol).items():
            truth = book.contracts[book.row_of[ticker]]
            quote, trade = row.get("quote", {}), row.get("trade", {})
            told = (quote.get("bid"), quote.get("ask"), quote.get("bid_size", 0), quote.get("ask_size"))
            is_so = tuple(truth[name].item() for name in ("bid", "ask", "bid_size", "ask_size"))
            if truth["quote_ms"] < before_ms and told != is_so:
                yield f"{ticker} quote {told} and not {is_so} of {truth['quote_ms']}"
            told = (trade.get("price", 0), trade.get("size", 0))
            is_so = (truth["trade_price"].item(), truth["trade_size"].item())
            if truth["trade_ms"] < before_ms and told != is_so:
                yield f"{ticker} trade {told} and not {is_so} of {truth['trade_ms']}"

    def _join(self, chance: Any) -> None:
        """Put the vendor in the place of the network."""
        rest = MassiveRest(
            "https://vendor",
            "virtual-key",
            indices=self.swarm.settings.indices,
            clock=self.world,
            random=chance,
        )
        rest._calls._session.mount("https://", VirtualWire(self.vendor))
        self.swarm.__dict__["market"] = rest

        def connect() -> MassiveFeed:
            return MassiveFeed(
                "wss://vendor",
                "virtual-key",
                clock=self.world,
                random=chance,
                inbox=VirtualInbox(self.world),
                dial=lambda _url, inbox, _clock: VirtualSocket(self.vendor, inbox),
            )

        self._let_the_store_fail()
        self.swarm.vendor.feed = lambda: ShardedFeed(connect, self.world)

    def _let_the_store_fail(self) -> None:
        """While a fault says so, the swarm gets no connection to its store."""
        pool = self.swarm.redis.connection_pool
        get_connection = pool.get_connection

        def get(*arguments: Any, **more: Any) -> Any:
            if self.vendor.is_on("store away"):
                raise RedisConnectionError("away")
            return get_connection(*arguments, **more)

        pool.get_connection = get

    def _keep_time(self) -> None:
        """What beat would send, each in a thread of its own, and a store that is emptied when a fault says so."""
        self.world.every(_SLOT_S, lambda: self._send_off(self._beat))
        self.world.every(_ATTEND_S, lambda: self._send_off(self.swarm.attend))
        self.world.every(_AGE_S, self._age_keys)
        for fault in self.faults:
            if fault.kind == "store flush":
                self.world.after(fault.from_s, self.redis.flushall)

    def _age_keys(self) -> None:
        """The server's clock is the real one, on which hardly any time passes: let holds run out by the world's."""
        for key in self.redis.scan_iter(count=1000):
            left_ms = self.redis.pttl(key)
            if 0 < left_ms < _SHORT_MS:
                self.redis.pexpire(key, max(1, left_ms - round(_AGE_S * 1000)))

    def _beat(self) -> None:
        slot = self.world.now_ms() // 10_000 * 10_000
        self.swarm.tick(slot, lambda symbol: self._send_off(lambda: self._extend(symbol)))

    def _extend(self, symbol: str) -> None:
        self.swarm.extend_chain(symbol, progress=lambda *_: None)

    def _audit(self) -> None:
        self.audits += self.swarm.audit().outcome in {"same", "repaired", "gap"}

    def _request(self, symbol: str, reason: LoadReason, request: str) -> None:
        self._send_off(
            lambda: self.swarm.load_chain(symbol, reason, request=request, progress=lambda *_: None)
        )

    def _send_off(self, work: Any) -> None:
        self.world.send_off(lambda: self._endure(work))

    def _endure(self, work: Any) -> None:
        """A task that fails is on record, and nothing else ends with it."""
        with suppress(MarketSwarmError):
            work()

    def _note_states(self) -> None:
        for symbol in self.symbols:
            state = self.meta(symbol).get("state", "none")
            if state == "live" and self._states.get(symbol) != "live":
                now_ms = self.world.now_ms()
                self.live_moments.append(
                    (self.world.monotonic_s(), symbol, self.wrong(symbol, now_ms - 1500))
                )
            self._states[symbol] = state
