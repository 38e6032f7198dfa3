"""Quote frame received → readable in Redis, at the rate of a busy day."""

from typing import Any

from benchmarks.limit import limit
from benchmarks.rows import Bound, Row
from benchmarks.settings import BenchSettings, say
from benchmarks.stage import Paced, paced, stream_stage

_RATE, _FRAME = 20_000, 100
_NAME = "stream"


def measure(settings: BenchSettings) -> list[Row]:
    """Lag, whether it grows, and what stream worker and server use."""
    seconds = settings.length_s(20, 4)
    with stream_stage(settings, _NAME) as stage:
        say(f"{_NAME}: {_RATE:,} quotes/s for {seconds:g} s")
        ours = paced(stage, frame=_FRAME, seconds=seconds, rate=_RATE)
        tickers = stage.tickers()
    if not ours.kept_up:
        say(f"{_NAME}: only {ours.rate:,.0f} quotes/s could be sent")
    say(f"{_NAME}: the same frames without Redis")
    with limit(settings, tickers) as bare:
        least = bare.count(frame=_FRAME, seconds=min(seconds, 60.0), rate=_RATE)
    return [*_lag_rows(ours.lags, least["lag_ms"]), *_use_rows(ours, least)]


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


def _use_rows(ours: Paced, least: dict[str, Any]) -> list[Row]:
    beside = "receive, decode, keep"
    return [
        Row(measure=_NAME, what="stream worker's CPU", figure=ours.streams.cpu * 100, unit="% of a core",
            baseline=least["cpu"] * 100, beside=beside),
        Row(measure=_NAME, what="stream worker's memory", figure=ours.streams.rss_mb, unit="MB",
            baseline=least["rss"] / 1e6, beside=beside),
        Row(measure=_NAME, what="server's CPU", figure=ours.server.cpu * 100, unit="% of a core"),
        Row(measure=_NAME, what="server's memory", figure=ours.server.rss_mb, unit="MB"),
    ]  # fmt: skip
