"""What one applied change costs the server, with its seq and its feed entry, beside plain HSETs of the same bytes.

Two of them: one HSET of as many fields, the least that can be done, and one HSET a contract in a pipeline, which is what a
writer without a script would send. Neither knows what changed, tells anybody, or keeps an older value out. Between them and ours
stands a script that cuts the same sections in and tells the feed, and checks nothing.
"""

import time
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from redis import Redis

from benchmarks.quantiles import Spread, spread_of
from benchmarks.rows import Bound, Row
from benchmarks.settings import BenchSettings, say
from marketswarm import keys
from marketswarm.chain.patches import quote_patch
from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.chain.stored import Change, LoadOrigin, Window
from marketswarm.clock import SystemClock
from marketswarm.model.chain import ChainId
from marketswarm.model.contract import Contract, Day, Greeks, Quote, Trade
from marketswarm.model.update import QuoteUpdate
from tests.support.applied import apply_changes
from tests.support.valkey import running_valkey

_NAME = "script"
_CHAIN = ChainId("SPX", date(2030, 1, 2))
_OWNER, _TTL_MS = "bench", 600_000
_BATCH, _BLOCK = 60, 50  # contracts a call, calls between changes of side
_PLAIN, _BARE_META, _BARE_FEED = "plain", "bare:meta", "bare:feed"
_BARE_SCRIPT = Path(__file__).parents[1] / "bare_splice.lua"
_APPLIED, _AT_ONCE, _ONE_BY_ONE, _BARE = _KINDS = "applied", "at once", "one by one", "bare"


def measure(settings: BenchSettings) -> list[Row]:
    """All kinds of write in turn on one server, so that all see the same machine."""
    blocks = 4 if settings.quick else 40
    say(f"{_NAME}: {blocks * _BLOCK:,} batches of {_BATCH}, and as many other writes")
    with running_valkey() as url, Redis.from_url(url) as redis:
        bench = _Bench(redis)
        for _ in range(blocks):
            bench.turn()
        return bench.rows()


class _Bench:
    """Writes in all ways, and keeps what the server says of its own time."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._store = RedisChainStore(redis, SystemClock(), "bench")
        self._fence = 1
        self._epoch = self._commit()
        self._at = 0
        self._ts = 0
        self._usec = dict.fromkeys(_KINDS, 0)
        self._cpu_s = dict.fromkeys(_KINDS, 0.0)
        self._changes = 0
        self._applied_s: list[float] = []
        self._calls_usec: list[float] = []
        self._bare = redis.register_script(_BARE_SCRIPT.read_text(encoding="utf-8"))
        redis.config_set("slowlog-log-slower-than", 0)
        redis.config_set("slowlog-max-len", 4 * _BLOCK)

    def turn(self) -> None:
        """A block of applied batches, then the same bytes plainly, and by the bare script."""
        batches = [self._changes_of(_BATCH) for _ in range(_BLOCK)]
        began_s = self._forget()
        for changes in batches:
            asked_s = time.perf_counter()
            (done,) = apply_changes(self._store, _CHAIN, self._epoch, self._fence, changes)
            self._applied_s.append(time.perf_counter() - asked_s)
            self._changes += done.applied
        self._note(_APPLIED, "evalsha", began_s)
        slow: Any = self._redis.slowlog_get(4 * _BLOCK)
        self._calls_usec += [call["duration"] for call in slow if call["command"].startswith(b"EVALSHA")]
        rows: Any = self._redis.hgetall(keys.chain("SPX", "2030-01-02"))
        fields = dict(list(rows.items())[:_BATCH])
        began_s = self._forget()
        for _ in range(_BLOCK):
            self._redis.hset(_PLAIN, mapping=fields)
        self._note(_AT_ONCE, "hset", began_s)
        began_s = self._forget()
        for _ in range(_BLOCK):
            with self._redis.pipeline(transaction=False) as pipe:
                for ticker, row in fields.items():
                    pipe.hset(_PLAIN, ticker, row)
                pipe.execute()
        self._note(_ONE_BY_ONE, "hset", began_s)
        calls = [_bare_words(fields, changes) for changes in batches]
        began_s = self._forget()
        for call in calls:
            self._bare([_PLAIN, _BARE_META, _BARE_FEED], call)
        self._note(_BARE, "evalsha", began_s)

    def rows(self) -> list[Row]:
        """What it comes to."""
        within = {name: usec / self._changes for name, usec in self._usec.items()}
        cpu = {name: seconds * 1e6 / self._changes for name, seconds in self._cpu_s.items()}
        calls: Spread = spread_of([usec / 1000 for usec in self._calls_usec])
        client: Spread = spread_of([seconds * 1000 for seconds in self._applied_s])
        what = f"one call of {_BATCH} contracts on the server"
        beside, single = f"HSET of the same bytes, {_BATCH} fields", "HSET of the same bytes, each by itself"
        return [
            Row(measure=_NAME, what="one applied change, within the command", figure=within[_APPLIED], unit="µs",
                baseline=within[_AT_ONCE], beside=beside, must=Bound(3), goal=Bound(2), judged="ratio"),
            Row(measure=_NAME, what="the same", figure=within[_APPLIED], unit="µs",
                baseline=within[_ONE_BY_ONE], beside=single),
            Row(measure=_NAME, what="a script that checks and compares nothing, within the command", figure=within[_BARE],
                unit="µs", baseline=within[_AT_ONCE], beside=beside),
            Row(measure=_NAME, what="one applied change, server's CPU all told", figure=cpu[_APPLIED], unit="µs",
                baseline=cpu[_AT_ONCE], beside=beside),
            Row(measure=_NAME, what="the same", figure=cpu[_APPLIED], unit="µs",
                baseline=cpu[_ONE_BY_ONE], beside=single),
            Row(measure=_NAME, what="the same", figure=cpu[_APPLIED], unit="µs",
                baseline=cpu[_BARE], beside="a script that checks and compares nothing"),
            Row(measure=_NAME, what=f"{what}, p50", figure=calls.p50, unit="ms"),
            Row(measure=_NAME, what=f"{what}, p99", figure=calls.p99, unit="ms"),
            Row(measure=_NAME, what=f"{what}, longest", figure=calls.longest, unit="ms", must=Bound(2)),
            Row(measure=_NAME, what="the same seen by the client, p99", figure=client.p99, unit="ms",
                baseline=calls.p99, beside="on the server"),
        ]  # fmt: skip

    def _changes_of(self, count: int) -> list[Change]:
        self._ts = max(
            self._ts + 1, time.time_ns() // 1_000_000
        )  # a contract's flushes never share a millisecond
        changes = []
        for _ in range(count):
            self._at += 1
            contract = self._contracts[self._at % len(self._contracts)]
            bid = round((self._at * 7 % 2_000 + 1) * 0.05, 2)
            sizes = self._at % 390 + 1, self._at * 3 % 390 + 1
            quote = QuoteUpdate(contract.ticker, self._ts, bid, round(bid + 0.15, 2), self._at, *sizes)
            changes.append(Change(contract.ticker, "quote", self._ts, self._at, quote_patch(quote)))
        return changes

    def _commit(self) -> int:
        now_ms = time.time_ns() // 1_000_000
        self._contracts = [_contract(at, now_ms - 60_000) for at in range(202)]
        self._redis.set(keys.loading("SPX"), "run")
        self._redis.set(keys.writer_token("SPX"), self._fence)
        self._store.stage(_CHAIN, "run", self._contracts)
        window = Window(6800.0, 6800.0, 6550.0, 7050.0)
        done = self._store.commit(
            _CHAIN,
            "run",
            window,
            reason="startup",
            source="sim",
            expire_ms=now_ms + _TTL_MS,
            origin=LoadOrigin(now_ms),
        )
        return done.epoch

    def _forget(self) -> float:
        """Let the server count anew; the processor time that it has used until now."""
        self._redis.config_resetstat()
        self._redis.slowlog_reset()
        return self._cpu_so_far()

    def _note(self, kind: str, command: str, began_s: float) -> None:
        self._cpu_s[kind] += self._cpu_so_far() - began_s
        stats: Any = self._redis.info("commandstats")
        self._usec[kind] += int(stats[f"cmdstat_{command}"]["usec"])

    def _cpu_so_far(self) -> float:
        used: Any = self._redis.info("cpu")
        return float(used["used_cpu_user"] + used["used_cpu_sys"])


def _bare_words(tickers: Iterable[Any], changes: Sequence[Change]) -> list[str | int]:
    """The sections of these changes for other contracts, as the bare script takes them."""
    words: list[str | int] = [changes[0].ts]
    for ticker, change in zip(tickers, changes, strict=True):
        words += [ticker, ',"quote":{', change.patch]
    return words


def _contract(at: int, ts: int) -> Contract:
    """A contract with every section, as a liquid one has."""
    strike, kind = 6550 + at // 2 * 5, "call" if at % 2 else "put"
    return Contract(
        ticker=f"O:SPXW300102{kind[0].upper()}{strike * 1000:08d}",
        symbol="SPX",
        root="SPXW",
        expiration=_CHAIN.expiration,
        strike=strike,
        type="call" if at % 2 else "put",
        style="european",
        multiplier=100,
        open_interest=1000 + at,
        ts=ts,
        quote=Quote(bid=1.6, ask=1.65, mid=1.625, bid_size=123, ask_size=37, ts=ts),
        trade=Trade(price=1.65, size=1, exchange=302, ts=ts),
        day=Day(open=3.3, high=3.5, low=1.35, close=1.7, volume=1204, vwap=2.5245, previous_close=1.35,
                change=0.35, change_percent=25.926, ts=ts),
        greeks=Greeks(iv=0.1612, delta=0.1747, gamma=0.0152, theta=-5.99, vega=0.386, source="local", ts=ts),
    )  # fmt: skip
