"""How far from its mark on the wall clock each slot's entry is written, beside Celery's own schedule of ten seconds."""

import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from redis import Redis

from benchmarks.quantiles import Spread, spread_of
from benchmarks.rows import Bound, Row
from benchmarks.settings import SYMBOLS, BenchSettings, Interrupted, say
from benchmarks.stage import KEY, market_process
from benchmarks.started import environment, started
from tests.support.spine import BEAT, WORKER, Spine, spine
from tests.support.valkey import running_valkey

_NAME = "heartbeat"
_PERIOD_MS = 10_000
_PLAIN = "benchmarks.children.plain_beat"
_SERIES, _TICKS = "sse:timeseries", "plain:ticks"
_LOOK_S, _SAY_S = 5.0, 60.0  # a stop loses at most so much; told so often
_PROCESSES = ("worker", "beat")

Entry = tuple[str, dict[str, str]]


@dataclass(slots=True)
class Followed:
    """The entries of one stream so far: kept here, since the stream itself is cut to a length."""

    redis: Redis
    key: str
    entries: list[Entry] = field(default_factory=list)

    def look(self) -> None:
        """Read what has been added."""
        after = f"({self.entries[-1][0]}" if self.entries else "-"
        found: Any = self.redis.xrange(self.key, min=after)
        self.entries += found


def measure(settings: BenchSettings) -> list[Row]:
    """Both for the same span of time, side by side. A stop gives what was seen until then."""
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
        ours, own = Followed(running.redis, _SERIES), Followed(plain, _TICKS)
        memory = _weights(running)
        try:
            _listen(running, ours, own, seconds)
        except KeyboardInterrupt:
            raise Interrupted(_rows(ours, own, memory, memory)) from None
        return _rows(ours, own, memory, _weights(running))


def slots_of(entries: Sequence[Entry], symbol: str) -> tuple[list[float], int, int]:
    """Distances of one symbol's entries from their slots in ms, and how many slots are missing or doubled."""
    ours = [
        (int(entry_id.partition("-")[0]), int(f["ts"])) for entry_id, f in entries if f["symbol"] == symbol
    ]
    slots = Counter(slot for _, slot in ours)
    missed = (max(slots) - min(slots)) // _PERIOD_MS + 1 - len(slots) if slots else 0
    return [float(at - slot) for at, slot in ours], missed, sum(count - 1 for count in slots.values())


def wandering(times_ms: Sequence[int], period_ms: int = _PERIOD_MS) -> list[float]:
    """How far each time is from the grid that the first one sets, in ms."""
    return [abs(float(at - times_ms[0] - turn * period_ms)) for turn, at in enumerate(times_ms)][1:]


def _listen(running: Spine, ours: Followed, own: Followed, seconds: float) -> None:
    began_s = said_s = time.monotonic()
    while (left_s := began_s + seconds - time.monotonic()) > 0:
        time.sleep(min(_LOOK_S, left_s))
        ours.look()
        own.look()
        if time.monotonic() - said_s >= _SAY_S:
            said_s = time.monotonic()
            _say_so_far(running, ours, round((said_s - began_s) / 60), seconds / 60)


def _say_so_far(running: Spine, ours: Followed, minute: int, minutes: float) -> None:
    far, missed, doubled = _far_of(ours)
    weights = ", ".join(f"{name} {weight:.0f} MB" for name, weight in _weights(running).items())
    say(
        f"{_NAME}: {minute} of {minutes:g} min, p99 {far.p99:.0f} ms, longest {far.longest:.0f} ms, "
        f"{missed} missed, {doubled} doubled, {weights}"
    )


def _far_of(ours: Followed) -> tuple[Spread, int, int]:
    """Distances from the marks in ms, missed slots, doubled slots: of all symbols."""
    by_symbol = [slots_of(ours.entries, symbol) for symbol in SYMBOLS]
    far = spread_of([far for distances, _, _ in by_symbol for far in distances])
    return far, sum(row[1] for row in by_symbol), sum(row[2] for row in by_symbol)


def _weights(running: Spine) -> dict[str, float]:
    """Process → resident MB, with its children."""
    weights = {}
    for name in _PROCESSES:
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(running.processes[name].pid)
            family = (process, *process.children(recursive=True))
            weights[name] = sum(member.memory_info().rss for member in family) / 1e6
    return weights


def _rows(ours: Followed, own: Followed, before: dict[str, float], after: dict[str, float]) -> list[Row]:
    far, missed, doubled = _far_of(ours)
    plain = spread_of(wandering([int(entry_id.partition("-")[0]) for entry_id, _ in own.entries]))
    beside = "Celery's schedule from its own first tick"
    return [
        Row(measure=_NAME, what=f"distance from the mark, p50 of {far.count:,}", figure=far.p50, unit="ms",
            baseline=plain.p50, beside=beside),
        Row(measure=_NAME, what="distance from the mark, p99", figure=far.p99, unit="ms", baseline=plain.p99,
            beside=beside, must=Bound(100), goal=Bound(20)),
        Row(measure=_NAME, what="distance from the mark, longest", figure=far.longest, unit="ms",
            baseline=plain.longest, beside=beside),
        Row(measure=_NAME, what="missed slots", figure=missed, unit="", must=Bound(0)),
        Row(measure=_NAME, what="doubled slots", figure=doubled, unit="", must=Bound(0)),
        *(
            Row(measure=_NAME, what=f"memory of {name}", figure=after[name], unit="MB", baseline=before.get(name),
                beside="at the beginning")
            for name in after
        ),
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
