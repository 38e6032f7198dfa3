"""How far from its mark on the wall clock each slot's entry is written, beside Celery's own schedule of ten seconds."""

import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from redis import Redis

from benchmarks.quantiles import Spread, spread_of
from benchmarks.rows import Bound, Row
from benchmarks.settings import SYMBOLS, BenchSettings, say
from benchmarks.stage import KEY, market_process
from benchmarks.started import environment, started
from tests.support.spine import BEAT, WORKER, Spine, spine
from tests.support.valkey import running_valkey

_NAME = "heartbeat"
_PERIOD_MS = 10_000
_PLAIN = "benchmarks.children.plain_beat"
_TICKS = "plain:ticks"


def measure(settings: BenchSettings) -> list[Row]:
    """Both for the same span of time, side by side."""
    seconds = settings.length_s(60, 21)
    folder = settings.room(_NAME)
    with ExitStack() as stack:
        _, bases = stack.enter_context(market_process(settings, _NAME))
        running = stack.enter_context(spine(folder, bases["rest"], bases["ws"], MASSIVE_API_KEY=KEY))
        running.start("worker", *WORKER, "--loglevel", "INFO")
        running.wait_for("a ready worker", lambda: " ready." in running.log("worker"))
        running.start("beat", *BEAT)
        plain = stack.enter_context(_plain_celery(folder))
        running.wait_for("a first slot", lambda: running.ticks(SYMBOLS[0]))
        running.wait_for("a first tick of Celery's", lambda: plain.xlen(_TICKS))
        say(f"{_NAME}: listening for {seconds:g} s")
        time.sleep(seconds)
        return _rows(running, plain)


def slots_of(entries: Sequence[tuple[str, dict[str, str]]], symbol: str) -> tuple[list[float], int, int]:
    """Distances of one symbol's entries from their slots in ms, and how many slots are missing or doubled."""
    ours = [
        (int(entry_id.partition("-")[0]), int(f["ts"])) for entry_id, f in entries if f["symbol"] == symbol
    ]
    slots = Counter(slot for _, slot in ours)
    missed = (max(slots) - min(slots)) // _PERIOD_MS + 1 - len(slots)
    return [float(at - slot) for at, slot in ours], missed, sum(count - 1 for count in slots.values())


def wandering(times_ms: Sequence[int], period_ms: int = _PERIOD_MS) -> list[float]:
    """How far each time is from the grid that the first one sets, in ms."""
    return [abs(float(at - times_ms[0] - turn * period_ms)) for turn, at in enumerate(times_ms)][1:]


def _rows(running: Spine, plain: Redis) -> list[Row]:
    entries: Any = running.redis.xrange("sse:timeseries")
    by_symbol = [slots_of(entries, symbol) for symbol in SYMBOLS]
    far: Spread = spread_of([far for distances, _, _ in by_symbol for far in distances])
    ids: Any = plain.xrange(_TICKS)
    own: Spread = spread_of(wandering([int(entry_id.partition("-")[0]) for entry_id, _ in ids]))
    beside = "Celery's schedule from its own first tick"
    return [
        Row(measure=_NAME, what=f"distance from the mark, p50 of {far.count}", figure=far.p50, unit="ms",
            baseline=own.p50, beside=beside),
        Row(measure=_NAME, what="distance from the mark, p99", figure=far.p99, unit="ms", baseline=own.p99,
            beside=beside, must=Bound(100), goal=Bound(20)),
        Row(measure=_NAME, what="distance from the mark, longest", figure=far.longest, unit="ms",
            baseline=own.longest, beside=beside),
        Row(measure=_NAME, what="missed slots", figure=sum(row[1] for row in by_symbol), unit="", must=Bound(0)),
        Row(measure=_NAME, what="doubled slots", figure=sum(row[2] for row in by_symbol), unit="", must=Bound(0)),
    ]  # fmt: skip


@contextmanager
def _plain_celery(folder: Path) -> Iterator[Redis]:
    """Worker and beat of the baseline, on a server of their own."""
    celery = (sys.executable, "-m", "celery", "-A", _PLAIN)
    doors = {
        "plain-worker": ("worker", "-n", "plain@%h"),
        "plain-beat": ("beat", "--pidfile=", "--schedule", str(folder / "plain-schedule")),
    }
    with ExitStack() as stack:
        url = stack.enter_context(running_valkey())
        env = environment(BENCH_REDIS=url)
        for name, door in doors.items():
            stack.enter_context(started([*celery, *door], folder / f"{name}.log", env))
        yield stack.enter_context(Redis.from_url(url, decode_responses=True))
