"""The rate that the whole tape of US options has on average: what the stream needs for it, and what it asks of the server."""

from dataclasses import dataclass
from typing import Any

from benchmarks.children.orders import child
from benchmarks.quantiles import Spread
from benchmarks.rows import Bound, Row
from benchmarks.server_calls import server_calls
from benchmarks.settings import CONTRACTS, BenchSettings, say
from benchmarks.stage import Paced, paced, stream_stage

_RATE, _FRAME = 300_000, 100
_NAME = "busy"
_WITHOUT_LOCAL = 0.05  # share of contracts that may have a reason in place of greeks


@dataclass(frozen=True, slots=True)
class _Found:
    ours: Paced
    calls: Spread
    idle_ms: dict[str, Any]
    with_greeks: int
    gaps: int


def measure(settings: BenchSettings) -> list[Row]:
    """Memory, processor time, lag, and the server's time for each call."""
    seconds = settings.length_s(10, 3)
    with stream_stage(settings, _NAME) as stage, child("idle", settings.room(_NAME)) as idle:
        say(f"{_NAME}: {_RATE:,} quotes/s for {seconds:g} s")
        before = stage.gaps()
        with server_calls(stage.redis_url) as calls:
            idle.ask("begin")
            ours = paced(stage, frame=_FRAME, seconds=seconds, rate=_RATE)
            found = _Found(
                ours, calls.spread(), idle.ask("end"), stage.with_local_greeks(), stage.gaps() - before
            )
    if not ours.kept_up:
        say(f"{_NAME}: only {ours.rate:,.0f} quotes/s were taken")
    return _rows(found)


def _rows(found: _Found) -> list[Row]:
    ours, calls = found.ours, found.calls
    call = "server call of up to 60 changes"
    return [
        Row(measure=_NAME, what="quotes taken", figure=ours.rate, unit="quotes/s", baseline=_RATE,
            beside="sent"),
        Row(measure=_NAME, what="lag p50", figure=ours.lags["all"]["p50"], unit="ms"),
        Row(measure=_NAME, what="lag p99", figure=ours.lags["all"]["p99"], unit="ms"),
        Row(measure=_NAME, what="stream worker's memory at most", figure=ours.streams.rss_mb, unit="MB",
            must=Bound(200)),
        Row(measure=_NAME, what="stream worker's CPU", figure=ours.streams.cpu * 100, unit="% of a core"),
        Row(measure=_NAME, what="server's CPU", figure=ours.server.cpu * 100, unit="% of a core"),
        Row(measure=_NAME, what=f"{call}, p50 of {calls.count:,}", figure=calls.p50, unit="ms"),
        Row(measure=_NAME, what=f"{call}, p99", figure=calls.p99, unit="ms", must=Bound(2),
            baseline=found.idle_ms["p99"], beside="lateness of a process that sleeps"),
        Row(measure=_NAME, what=f"{call}, longest", figure=calls.longest, unit="ms", must=Bound(2),
            baseline=found.idle_ms["longest"], beside="lateness of a process that sleeps"),
        Row(measure=_NAME, what="contracts with local greeks", figure=found.with_greeks, unit="",
            must=Bound(round(CONTRACTS * (1 - _WITHOUT_LOCAL)), at_most=False)),
        Row(measure=_NAME, what="wrong last values", figure=ours.wrong, unit="", must=Bound(0)),
        Row(measure=_NAME, what="gaps announced", figure=found.gaps, unit=""),
    ]  # fmt: skip
