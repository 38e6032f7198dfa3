"""Start-up load of all symbols, when every REST answer takes 50 ms."""

from typing import Any

from redis import Redis

from benchmarks.children.orders import child
from benchmarks.quantiles import median
from benchmarks.rows import Bound, Row
from benchmarks.settings import CONTRACTS, SYMBOLS, BenchSettings, say
from benchmarks.stage import KEY, market_process
from tests.support.valkey import running_valkey

_NAME = "load"
_DELAY_MS = 50.0


def measure(settings: BenchSettings) -> list[Row]:
    """From before the first request until the fourth chain is committed."""
    times = settings.times(7)
    with (
        running_valkey() as url,
        Redis.from_url(url) as redis,
        market_process(settings, _NAME, delay_ms=_DELAY_MS, events_per_second=0.0) as (market, bases),
    ):
        env = {"MARKETSWARM_REDIS_URL": url, "MASSIVE_REST_URL": bases["rest"], "MASSIVE_API_KEY": KEY}
        loads, bare, calls = [], [], 0
        for turn in range(times):
            say(f"{_NAME}: {turn + 1} of {times}")
            redis.flushall()
            market.ask("calls")
            loads.append(_loaded(settings, env))
            paths = market.ask("calls")
            calls = len(paths)
            bare.append(_called(settings, bases["rest"], paths))
    took, least = [load["took_s"] for load in loads], [call["took_s"] for call in bare]
    beside = f"the same {calls} calls, nothing stored"
    stored = min(sum(load["contracts"].values()) for load in loads)
    return [
        Row(measure=_NAME, what=f"four chains, median of {times}", figure=median(took), unit="s",
            baseline=median(least), beside=beside, must=Bound(2), goal=Bound(1)),
        Row(measure=_NAME, what="four chains, slowest", figure=max(took), unit="s",
            baseline=max(least), beside=beside, must=Bound(2), goal=Bound(1), short=False),
        Row(measure=_NAME, what="contracts stored", figure=stored, unit="", must=Bound(CONTRACTS, False),
            short=False),
    ]  # fmt: skip


def _loaded(settings: BenchSettings, env: dict[str, str]) -> dict[str, Any]:
    with child("loads", settings.room(_NAME), env) as loads:
        done: dict[str, Any] = loads.ask("load", symbols=list(SYMBOLS))
    return done


def _called(settings: BenchSettings, rest: str, paths: list[str]) -> dict[str, Any]:
    with child("loads", settings.room(_NAME)) as loads:
        done: dict[str, Any] = loads.ask("call", rest=rest, paths=paths, threads=len(SYMBOLS))
    return done
