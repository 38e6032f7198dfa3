"""How many clients the event stream serves on its core with none behind, what each costs, and what one costs that never reads."""

import resource
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psutil
from redis import Redis

from benchmarks.children.orders import Child, child
from benchmarks.rows import Bound, Row
from benchmarks.settings import BenchSettings, say
from benchmarks.usage import Usage, Used
from marketswarm import keys
from tests.support.valkey import running_valkey

_NAME = "gateway"
_RATE = 20.0  # entries a second
_UPDATES = '{"O:SPXW261123C06800000":{"v":17,"ts":1795449600123,"quote":{"bid":1.6,"ask":1.65,"mid":1.625}}}'
_STEPS = (1_000, 2_000, 3_000, 4_000)
_SETTLE_S, _DRAIN_S = 1.0, 2.0
_SILENT, _BLOCKED_S, _LARGE_BYTES = 50, 3.0, 20_000
_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Served:
    """What so many clients got.

    Attributes:
        whole: how many of them heard every entry.
        events: that all heard together.
        late_ms: spread of the lag.
    """

    clients: int
    whole: int
    events: int
    late_ms: dict[str, Any]
    used: Used
    seconds: float

    @property
    def none_behind(self) -> bool:
        """Whether all had heard everything two seconds after the last entry was written."""
        return self.whole == self.clients

    @property
    def us_per_event(self) -> float:
        """Processor time of the server for one event to one client."""
        return self.used.cpu * self.seconds / max(1, self.events) * 1_000_000


def measure(settings: BenchSettings) -> list[Row]:
    """Both kinds at 1,000 clients, ours on as far as it goes, and clients that never read."""
    _allow_sockets()
    seconds = settings.length_s(6, 2)
    steps = (100, 200) if settings.quick else _STEPS
    first = steps[0]
    say(f"{_NAME}: {first:,} clients, a queue for each")
    queues = _serve(settings, "queue", (first,), seconds)[0]
    say(f"{_NAME}: {', '.join(f'{step:,}' for step in steps)} clients of ours")
    ours = _serve(settings, "ring", steps, seconds)
    rows = [*_rows_beside(ours[0], queues), *(row for one in ours[1:2] for row in _rows_of(one)), _most(ours)]
    say(f"{_NAME}: {_SILENT} clients that never read")
    return [*rows, *_silent_rows(settings)]


def _serve(settings: BenchSettings, kind: str, steps: tuple[int, ...], seconds: float) -> list[Served]:
    """More and more clients, until some are behind."""
    found: list[Served] = []
    with (
        _stage(settings, kind) as (redis, gateway, port),
        child("event_clients", settings.room(_NAME)) as clients,
    ):
        for step in steps:
            clients.ask("connect", port=port, count=step - (found[-1].clients if found else 0))
            found.append(_counted(redis, gateway, clients, step, seconds))
            if not found[-1].none_behind:
                break
        clients.ask("leave")
    return found


def _counted(redis: Redis, gateway: Child, clients: Child, count: int, seconds: float) -> Served:
    _write(redis, _SETTLE_S)
    time.sleep(_DRAIN_S)
    clients.ask("begin")
    usage = Usage(gateway.process.pid)
    began_s = time.perf_counter()
    written = _write(redis, seconds)
    used, took_s = usage.end(), time.perf_counter() - began_s
    time.sleep(_DRAIN_S)
    told = clients.ask("end")
    whole = sum(heard == written for heard in told["heard"])
    return Served(count, whole, sum(told["heard"]), told["late_ms"], used, took_s)


def _write(redis: Redis, seconds: float, rate: float = _RATE, updates: str = _UPDATES) -> int:
    """Entries at a rate, each with the time at which it was written; how many."""
    count = max(1, round(seconds * rate))
    began_s = time.perf_counter()
    for number in range(count):
        wait_s = began_s + number / rate - time.perf_counter()
        time.sleep(max(0.0, wait_s))
        redis.xadd(keys.CHAIN_FEED, _entry(number, updates), maxlen=keys.CHAIN_FEED_MAXLEN)
    time.sleep(max(0.0, began_s + seconds - time.perf_counter()))
    return count


def _entry(number: int, updates: str) -> dict[Any, Any]:
    head = {"symbol": "SPX", "expiration": "2026-11-23", "epoch": 1, "seq": number + 1, "prev_seq": number}
    return {**head, "ts": time.time_ns() // 1_000, "updates": updates}


@contextmanager
def _stage(settings: BenchSettings, kind: str, **options: Any) -> Iterator[tuple[Redis, Child, int]]:
    """A store and a server."""
    with (
        running_valkey() as url,
        Redis.from_url(url) as redis,
        child("event_gateway", settings.room(_NAME)) as gateway,
    ):
        yield redis, gateway, gateway.ask("serve", kind=kind, redis_url=url, **options)


def _rows_beside(ours: Served, queues: Served) -> list[Row]:
    beside = "a queue and a StreamingResponse for each client"
    name = f"{ours.clients:,} clients at {_RATE:g} messages/s"
    return [
        Row(measure=_NAME, what=f"{name}, clients that got all", figure=ours.whole, unit="", baseline=queues.whole,
            beside=beside, must=Bound(ours.clients, at_most=False)),
        *(Row(measure=_NAME, what=f"{name}, lag {rank}", figure=ours.late_ms[rank], unit="ms",
              baseline=queues.late_ms[rank], beside=beside) for rank in ("p50", "p99")),
        Row(measure=_NAME, what=f"{name}, CPU", figure=ours.used.cpu * 100, unit="% of a core",
            baseline=queues.used.cpu * 100, beside=beside, must=Bound(100)),
        Row(measure=_NAME, what=f"{name}, CPU for one message to one client", figure=ours.us_per_event, unit="µs",
            baseline=queues.us_per_event, beside=beside),
        Row(measure=_NAME, what=f"{name}, resident memory", figure=ours.used.rss_mb, unit="MB",
            baseline=queues.used.rss_mb, beside=beside),
    ]  # fmt: skip


def _rows_of(ours: Served) -> list[Row]:
    name = f"{ours.clients:,} clients at {_RATE:g} messages/s"
    return [
        Row(measure=_NAME, what=f"{name}, clients that got all", figure=ours.whole, unit=""),
        Row(measure=_NAME, what=f"{name}, lag p99", figure=ours.late_ms["p99"], unit="ms"),
        Row(measure=_NAME, what=f"{name}, CPU", figure=ours.used.cpu * 100, unit="% of a core"),
        Row(measure=_NAME, what=f"{name}, resident memory", figure=ours.used.rss_mb, unit="MB"),
    ]  # fmt: skip


def _most(ours: list[Served]) -> Row:
    held = max((one.clients for one in ours if one.none_behind), default=0)
    return Row(measure=_NAME, what=f"clients at {_RATE:g} messages/s with none behind, in steps up to {_STEPS[-1]:,}",
               figure=held, unit="clients", must=Bound(1_000, at_most=False), goal=Bound(2_000, at_most=False))  # fmt: skip


def _silent_rows(settings: BenchSettings) -> list[Row]:
    """Clients that never read, while large entries come: memory of each, and how long until they are gone."""
    large = '{"O:X":{"text":"' + "x" * _LARGE_BYTES + '"}}'
    with (
        _stage(settings, "ring", blocked_s=_BLOCKED_S) as (redis, gateway, port),
        child("event_clients", settings.room(_NAME)) as clients,
    ):
        process = psutil.Process(gateway.process.pid)
        _fill_ring(redis, large)
        before = process.memory_info().rss
        clients.ask("connect_silent", port=port, count=_SILENT)
        began_s, over = time.perf_counter(), threading.Event()
        writing = threading.Thread(target=_write_until, args=(redis, over, large))
        writing.start()
        most = before
        while (told := gateway.ask("figures"))["clients"] and time.perf_counter() - began_s < 60:
            most = max(most, process.memory_info().rss)
            time.sleep(0.1)
        took_s = time.perf_counter() - began_s
        over.set()
        writing.join()
        clients.ask("leave")
    return [
        Row(measure=_NAME, what="a client that never reads, memory", figure=(most - before) / _SILENT / _MB, unit="MB",
            must=Bound(1)),
        Row(measure=_NAME, what=f"{_SILENT} clients that never read, told why and cut", figure=told["dropped"].get("slow", 0),
            unit="", must=Bound(_SILENT, at_most=False)),
        Row(measure=_NAME, what=f"the same, until the last is gone (blocked for {_BLOCKED_S:g} s at most)", figure=took_s,
            unit="s"),
    ]  # fmt: skip


def _fill_ring(redis: Redis, large: str) -> None:
    """So that what the ring itself holds is not taken for what a client costs."""
    for _ in range(20):
        for number in range(100):
            redis.xadd(keys.CHAIN_FEED, _entry(number, large), maxlen=200)
        time.sleep(0.1)


def _write_until(redis: Redis, over: threading.Event, large: str) -> None:
    while not over.is_set():
        _write(redis, 0.5, 200.0, large)


def _allow_sockets() -> None:
    """As many files as the system lets a process have; its children inherit it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
