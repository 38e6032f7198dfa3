"""One evaluation of Vigil, the way from a tick to its levels and events, what it keeps, and what it weighs."""

from redis import Redis

from benchmarks.quantiles import Spread, spread_of
from benchmarks.rows import Bound, Row
from benchmarks.settings import SYMBOLS, BenchSettings, say
from benchmarks.vigil_day import Day, live_through
from benchmarks.vigil_path import Path, follow_ticks
from tests.support.valkey import running_valkey

_NAME = "vigil"
_WARM = 60  # ticks of the day that are not counted: the first ones import and fill caches
_STATE_KB = 64.0


def measure(settings: BenchSettings) -> list[Row]:
    """A simulated day through one process, then real processes."""
    ticks = settings.times(2_340, 180)
    say(f"{_NAME}: a day of {ticks:,} evaluations")
    with running_valkey() as url, Redis.from_url(url) as redis:
        day = live_through(redis, ticks=ticks, stored=settings.times(400, 40))
    path = follow_ticks(settings, ticks=settings.times(250, 25))
    return [*_day_rows(day), *_path_rows(path)]


def _day_rows(day: Day) -> list[Row]:
    pure, decoding = spread_of(day.pure[_WARM:]), spread_of(day.decoding[_WARM:])
    stored, beside = spread_of(day.stored), "their JSON decoded, nothing else"
    same = spread_of(day.pure[-len(day.stored) :])
    return [
        Row(measure=_NAME, what=f"one evaluation of 202 contracts, p50 of {pure.count:,}", figure=pure.p50, unit="ms",
            baseline=decoding.p50, beside=beside, must=Bound(20), goal=Bound(10)),
        Row(measure=_NAME, what="one evaluation of 202 contracts, p99", figure=pure.p99, unit="ms",
            baseline=decoding.p99, beside=beside, must=Bound(20), goal=Bound(10), short=False),
        Row(measure=_NAME, what=f"the same with the store, p50 of {stored.count:,}", figure=stored.p50, unit="ms",
            baseline=same.p50, beside="the same ticks without it"),
        Row(measure=_NAME, what="the same with the store, p99", figure=stored.p99, unit="ms", baseline=same.p99,
            beside="the same ticks without it"),
        Row(measure=_NAME, what=f"largest state of a day with {day.events:,} events", figure=max(day.states) / 1000,
            unit="kB", must=Bound(_STATE_KB), short=False),
    ]  # fmt: skip


def _path_rows(path: Path) -> list[Row]:
    plain, symbols = spread_of(path.plain), len(SYMBOLS)
    ways = (("levels", spread_of(path.levels)), ("event", spread_of(path.events)))
    before_mb, after_mb = path.memory_mb
    return [
        *(row for name, lag in ways for row in _lag_rows(f"tick → {name}, {symbols} symbols on one worker", lag, plain)),
        Row(measure=_NAME, what="ticks whose levels were not seen", figure=path.unseen, unit="", must=Bound(0)),
        Row(measure=_NAME, what="memory of that worker", figure=after_mb, unit="MB", baseline=before_mb,
            beside="before its first evaluation"),
    ]  # fmt: skip


def _lag_rows(what: str, lag: Spread, plain: Spread) -> list[Row]:
    beside = "four bare Celery tasks that write an entry"
    return [
        Row(measure=_NAME, what=f"{what}, p50 of {lag.count:,}", figure=lag.p50, unit="ms", baseline=plain.p50,
            beside=beside),
        Row(measure=_NAME, what=f"{what}, p99", figure=lag.p99, unit="ms", baseline=plain.p99, beside=beside,
            must=Bound(250)),
    ]  # fmt: skip
