"""From a tick to its levels and events, with four symbols on one real worker: what a reader outside sees of it."""

import json
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psutil
from redis import Redis

from benchmarks.children.orders import Child, child
from benchmarks.settings import SYMBOLS, BenchSettings, say
from benchmarks.stage import KEY, market_process
from benchmarks.started import environment, started, wait_until
from tests.support.spine import STREAM, WORKER, Spine, spine
from tests.support.valkey import running_valkey

_NAME = "vigil"
_PERIOD_MS, _PAUSE_S, _SETTLE_S, _PATIENCE_S = 10_000, 0.4, 2.0, 30.0
_JUMP, _JUMP_EVERY, _WARM = 0.002, 15, 3  # of spot; ticks; ticks that are not counted
_QUIVER = 2e-6  # of spot, so that it is not still
_HASHES = "Kh"  # what the server tells subscribers of: changes of hashes


@dataclass(slots=True)
class Path:
    """What became of the ticks, in ms: from a tick's entry to its levels, to its events; and those of a bare Celery task.

    Attributes:
        unseen: ticks of symbols whose levels nobody saw.
        memory_mb: of the worker, before its first evaluation and after the last.
    """

    levels: list[float] = field(default_factory=list)
    events: list[float] = field(default_factory=list)
    plain: list[float] = field(default_factory=list)
    unseen: int = 0
    memory_mb: tuple[float, float] = (0.0, 0.0)


class LevelReader:
    """Reads each symbol's levels as soon as the server says that they were written."""

    def __init__(self, redis: Redis) -> None:
        redis.config_set("notify-keyspace-events", _HASHES)
        self._redis = redis
        self._told = redis.pubsub(ignore_subscribe_messages=True)
        self._told.subscribe(*(f"__keyspace@0__:vigil:levels:{symbol}" for symbol in SYMBOLS))
        self.seen: dict[tuple[str, int], float] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop."""
        self._over.set()
        self._thread.join(_PATIENCE_S)
        self._told.close()

    def _read(self) -> None:
        while not self._over.is_set():
            message = self._told.get_message(timeout=0.2)
            if message is None or message["data"] != "hset":
                continue
            symbol = message["channel"].rpartition(":")[2]
            spot: Any = self._redis.hget(f"vigil:levels:{symbol}", "spot")
            self.seen.setdefault((symbol, json.loads(spot)["as_of"]), time.time() * 1000)


def follow_ticks(settings: BenchSettings, *, ticks: int) -> Path:
    """Tick that often, faster than the clock does, with quotes coming in; the slots lie in the hour before."""
    with ExitStack() as stack:
        _, bases = stack.enter_context(market_process(settings, _NAME))
        folder = settings.room(_NAME)
        running = stack.enter_context(spine(folder, bases["rest"], bases["ws"], MASSIVE_API_KEY=KEY))
        running.start("worker", *WORKER)
        running.start("stream", *STREAM)
        running.wait_live(*SYMBOLS)
        plain_url, plain = stack.enter_context(plain_worker(settings, _NAME))
        ticker = stack.enter_context(child("ticks", folder, running.env | {"BENCH_REDIS": plain_url}))
        reader = LevelReader(running.redis)
        stack.callback(reader.end)
        say(f"{_NAME}: {ticks} ticks of {len(SYMBOLS)} symbols, {_PAUSE_S:g} s apart")
        before = _weight(running)
        sent = _tick_often(running, ticker, ticks)
        path = path_of(
            running.redis.xrange("sse:timeseries"), running.redis.xrange("vigil:events"), reader.seen
        )
        path.plain = plain_lags(sent, [entry_ms(one) for one, _ in plain.xrange("plain:ticks")])
        path.memory_mb = before, _weight(running)
        return path


def path_of(
    ticks: Sequence[tuple[str, dict[str, str]]],
    events: Sequence[tuple[str, dict[str, str]]],
    levels: dict[tuple[str, int], float],
) -> Path:
    """Lags behind the entries of ticks, by the server's own clock; the first ticks, which open connections, left out.

    Args:
        ticks: entries of `sse:timeseries`.
        events: entries of `vigil:events`.
        levels: symbol and slot → when its levels were read.
    """
    published = {(fields["symbol"], int(fields["ts"])): entry_ms(name) for name, fields in ticks}
    first = min((slot for _, slot in published), default=0) + _WARM * _PERIOD_MS
    counted = {which: at for which, at in published.items() if which[1] >= first}
    told = [(entry_ms(name), json.loads(fields["event"])) for name, fields in events]
    return Path(
        levels=[max(levels[which] - at, 0.0) for which, at in counted.items() if which in levels],
        events=[at - counted[which] for at, one in told if (which := (one["symbol"], one["ts"])) in counted],
        unseen=sum(which not in levels for which in counted),
    )


def entry_ms(name: str) -> float:
    """When an entry was written, by its id."""
    return float(name.partition("-")[0])


def _tick_often(running: Spine, ticker: Child, ticks: int) -> list[float]:
    """When each round of bare tasks was sent. Spots jump now and then, so that there is something to tell."""
    spots = {symbol: float(running.meta(symbol)["spot"]) for symbol in SYMBOLS}
    slot = (round(time.time() * 1000) // _PERIOD_MS - ticks - 1) * _PERIOD_MS
    sent = []
    for number in range(ticks):
        ticker.ask("tick", slot=slot + number * _PERIOD_MS, spots=_moved(spots, number))
        time.sleep(_PAUSE_S / 2)
        sent.append(ticker.ask("plain", times=len(SYMBOLS)))
        time.sleep(_PAUSE_S / 2)
    time.sleep(_SETTLE_S)
    return sent


def _moved(spots: dict[str, float], number: int) -> dict[str, float]:
    factor = 1 + _JUMP * (number // _JUMP_EVERY % 2) + _QUIVER * (number * 7 % 5)
    return {symbol: round(spot * factor, 2) for symbol, spot in spots.items()}


def plain_lags(sent: Sequence[float], written: Sequence[float]) -> list[float]:
    """Each entry behind the sending of its round; entries stand in the order of rounds."""
    rounds = [at for at in sent for _ in SYMBOLS]
    return [max(at - began, 0.0) for began, at in zip(rounds, written, strict=False)][_WARM * len(SYMBOLS) :]


def _weight(running: Spine) -> float:
    return psutil.Process(running.processes["worker"].pid).memory_info().rss / 1e6


@contextmanager
def plain_worker(settings: BenchSettings, measure: str) -> Iterator[tuple[str, Redis]]:
    """The worker of the baseline, on a server of its own."""
    log = settings.room(measure) / "plain-worker.log"
    command = (
        sys.executable,
        "-m",
        "celery",
        "-A",
        "benchmarks.children.plain_beat",
        "worker",
        "-n",
        "plain@%h",
    )
    with ExitStack() as stack:
        url = stack.enter_context(running_valkey())
        stack.enter_context(started([*command, "--loglevel", "INFO"], log, environment(BENCH_REDIS=url)))
        wait_until("a ready plain worker", lambda: " ready." in log.read_text(), _PATIENCE_S)
        yield url, stack.enter_context(Redis.from_url(url, decode_responses=True))
