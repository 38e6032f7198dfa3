"""From an event to its message, and one time that Vexy speaks."""

from redis import Redis

from benchmarks.quantiles import spread_of
from benchmarks.rows import Bound, Row
from benchmarks.settings import SYMBOLS, BenchSettings, say
from benchmarks.vexy_path import Alone, Path, follow_events, speak_alone
from tests.support.valkey import running_valkey

_NAME = "vexy"
_WARM = 20  # the first ones read the words


def measure(settings: BenchSettings) -> list[Row]:
    """In one process, then in real ones."""
    times = settings.times(1_000, 100)
    say(f"{_NAME}: {times:,} events, one by one")
    with running_valkey() as url, Redis.from_url(url) as redis:
        alone = speak_alone(redis, times=times)
    path = follow_events(settings, rounds=settings.times(250, 25))
    return [*_path_rows(path), *_alone_rows(alone)]


def _path_rows(path: Path) -> list[Row]:
    lag, plain = spread_of(path.messages), spread_of(path.plain)
    what, beside = (
        f"event → message, {len(SYMBOLS)} symbols on one worker",
        "four bare Celery tasks that write an entry",
    )
    return [
        Row(measure=_NAME, what=f"{what}, p50 of {lag.count:,}", figure=lag.p50, unit="ms", baseline=plain.p50,
            beside=beside),
        Row(measure=_NAME, what=f"{what}, p99", figure=lag.p99, unit="ms", baseline=plain.p99, beside=beside,
            must=Bound(300)),
        Row(measure=_NAME, what="events that were not told", figure=path.unheard, unit="", must=Bound(0)),
        Row(measure=_NAME, what="events that were told twice", figure=path.twice, unit="", must=Bound(0)),
    ]  # fmt: skip


def _alone_rows(alone: Alone) -> list[Row]:
    spoken, bare = spread_of(alone.spoken[_WARM:]), spread_of(alone.bare[_WARM:])
    beside = "read, written and acknowledged, nothing else"
    return [
        Row(measure=_NAME, what=f"one event heard and told in one process, p50 of {spoken.count:,}", figure=spoken.p50,
            unit="ms", baseline=bare.p50, beside=beside),
        Row(measure=_NAME, what="one event heard and told in one process, p99", figure=spoken.p99, unit="ms",
            baseline=bare.p99, beside=beside),
        Row(measure=_NAME, what="state after them", figure=alone.state / 1000, unit="kB"),
    ]  # fmt: skip
