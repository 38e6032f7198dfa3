"""Quote frame received → readable in Redis, at the rate of a busy day."""

from typing import Any

from benchmarks.limit import keep_latest
from benchmarks.rows import Bound, Row
from benchmarks.settings import BenchSettings, say
from benchmarks.stage import StreamStage, Usage, Used, prepared, sent_fast_enough, stream_stage

_RATE, _FRAME = 20_000, 100
_REACH_MS = 2_000  # what was sent last is read a little later
_NAME = "stream"


def measure(settings: BenchSettings) -> list[Row]:
    """Lag, whether it grows, and what stream worker and server use."""
    seconds = settings.length_s(20, 4)
    with stream_stage(settings, _NAME) as stage:
        say(f"{_NAME}: {_RATE:,} quotes/s for {seconds:g} s")
        lags, worker, server = _run(stage, seconds)
        tickers = stage.tickers()
    say(f"{_NAME}: the same frames without Redis")
    limit = keep_latest(settings, tickers, frame=_FRAME, seconds=seconds, rate=_RATE)
    return [*_lag_rows(lags, limit["lag_ms"]), *_use_rows(worker, server, limit)]


def _lag_rows(lags: dict[str, Any], least: dict[str, float]) -> list[Row]:
    rows = [
        Row(
            measure=_NAME,
            what=f"lag {name}",
            figure=lags["all"][name],
            unit="ms",
            baseline=least[name],
            beside="without Redis",
            must=Bound(100) if name == "p99" else None,
            goal=Bound(60) if name == "p99" else None,
        )
        for name in ("p50", "p99", "longest")
    ]
    rows += [
        Row(
            measure=_NAME,
            what=f"lag {name}, last third",
            figure=lags["last"][name],
            unit="ms",
            baseline=lags["first"][name],
            beside="in the first third",
        )
        for name in ("p50", "p99")
    ]
    return [*rows, Row(measure=_NAME, what="jumps in seq", figure=lags["jumps"], unit="", must=Bound(0))]


def _use_rows(worker: Used, server: Used, limit: dict[str, Any]) -> list[Row]:
    beside = "receive, decode, keep"
    return [
        Row(measure=_NAME, what="stream worker's CPU", figure=worker.cpu * 100, unit="% of a core",
            baseline=limit["cpu"] * 100, beside=beside),
        Row(measure=_NAME, what="stream worker's memory", figure=worker.rss_mb, unit="MB",
            baseline=limit["rss"] / 1e6, beside=beside, must=Bound(150)),
        Row(measure=_NAME, what="server's CPU", figure=server.cpu * 100, unit="% of a core"),
        Row(measure=_NAME, what="server's memory", figure=server.rss_mb, unit="MB"),
    ]  # fmt: skip


def _run(stage: StreamStage, seconds: float) -> tuple[dict[str, Any], Used, Used]:
    prepared(stage.feed, [_FRAME])
    stage.reader.ask("begin", url=stage.redis_url)
    worker, server = Usage(stage.spine.processes["stream"].pid), Usage(stage.pid_of_server())
    sent = stage.feed.ask("run", frame=_FRAME, seconds=seconds, rate=_RATE)
    used = worker.so_far(), server.so_far()
    stage.wait_drained(sent["last"])
    if not sent_fast_enough(sent, _RATE):
        say(f"{_NAME}: only {sent['sent'] / sent['took_s']:,.0f} quotes/s could be sent")
    return stage.reader.ask("end", from_ms=sent["began_ms"], until_ms=sent["ended_ms"] + _REACH_MS), *used
