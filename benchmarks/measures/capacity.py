"""How many quotes a second the stream can take: as fast as it reads, and for how many of them the lag stays where it is."""

from dataclasses import dataclass
from typing import Any

from benchmarks.limit import keep_latest, user_loop
from benchmarks.rows import Bound, Row
from benchmarks.settings import BenchSettings, say
from benchmarks.stage import StreamStage, prepared, sent_fast_enough, stream_stage

_NAME = "capacity"
_P99_MS = 150.0
_GROWTH, _GROWTH_MS = 1.5, 10.0  # a lag that is above this much of the first third's, and that many ms, grows
_STEP, _STEPS = 0.8, 6


def _at_least(value: float) -> Bound:
    return Bound(value, at_most=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameSize:
    """One size of frame, and what is asked of it: quotes a second, share of the limit, times the loop."""

    frame: int
    name: str
    must: Bound
    goal: Bound
    share_must: Bound | None = None
    share_goal: Bound | None = None
    times_must: Bound | None = None
    times_goal: Bound | None = None


_SIZES = (
    FrameSize(
        frame=100,
        name="frames of 100",
        must=_at_least(300_000),
        goal=_at_least(600_000),
        share_must=_at_least(0.25),
        share_goal=_at_least(0.5),
        times_must=_at_least(100),
        times_goal=_at_least(300),
    ),
    FrameSize(frame=1, name="frames of 1", must=_at_least(20_000), goal=_at_least(50_000)),
)


@dataclass(frozen=True, slots=True)
class Taken:
    """What the stream took with one size of frame."""

    flat_out: float
    wrong: int
    sustained: float
    p50_ms: float
    p99_ms: float


def measure(settings: BenchSettings) -> list[Row]:
    """Rates for frames of many quotes and of one, beside the limit and beside the loop of an afternoon."""
    seconds = settings.length_s(8, 2)
    with stream_stage(settings, _NAME) as stage:
        taken = [_taken(stage, size.frame, seconds) for size in _SIZES]
        tickers = stage.tickers()
    rows = []
    for size, ours in zip(_SIZES, taken, strict=True):
        say(f"{_NAME}: {size.name}, baselines")
        limit = keep_latest(settings, tickers, frame=size.frame, seconds=seconds)["rate"]
        loop = user_loop(settings, tickers, frame=size.frame, seconds=seconds)["rate"]
        rows += _rows(size, ours, limit, loop)
    return rows


def _taken(stage: StreamStage, frame: int, seconds: float) -> Taken:
    say(f"{_NAME}: frames of {frame}, as fast as they are read, for {seconds:g} s")
    prepared(stage.feed, [frame])
    sent = stage.feed.ask("run", frame=frame, seconds=seconds)
    drained_ms = stage.wait_drained(sent["last"])
    flat_out = sent["sent"] / (drained_ms - sent["began_ms"]) * 1000
    wrong = stage.wrong_quotes(sent["last"])
    rate = flat_out
    for _ in range(_STEPS):
        rate *= _STEP
        lags, fast_enough, missed = _paced(stage, frame, seconds, rate)
        wrong += missed
        if fast_enough and _is_steady(lags):
            return Taken(flat_out, wrong, rate, lags["all"]["p50"], lags["all"]["p99"])
    return Taken(flat_out, wrong, 0.0, lags["all"]["p50"], lags["all"]["p99"])


def _paced(
    stage: StreamStage, frame: int, seconds: float, rate: float
) -> tuple[dict[str, dict[str, float]], bool, int]:
    stage.reader.ask("begin", url=stage.redis_url)
    sent = stage.feed.ask("run", frame=frame, seconds=seconds, rate=rate)
    drained_ms = stage.wait_drained(sent["last"])
    lags: dict[str, Any] = stage.reader.ask("end", from_ms=sent["began_ms"], until_ms=drained_ms)
    say(
        f"{_NAME}: frames of {frame}, {sent['sent'] / sent['took_s']:,.0f} of {rate:,.0f} quotes/s, "
        f"p99 {lags['first']['p99']:.0f} → {lags['last']['p99']:.0f} ms"
    )
    return lags, sent_fast_enough(sent, rate), stage.wrong_quotes(sent["last"])


def _is_steady(lags: dict[str, dict[str, float]]) -> bool:
    first, last = lags["first"]["p50"], lags["last"]["p50"]
    return lags["all"]["p99"] <= _P99_MS and last <= max(_GROWTH * first, first + _GROWTH_MS)


def _rows(size: FrameSize, taken: Taken, limit: float, loop: float) -> list[Row]:
    name, unit = size.name, "quotes/s"
    return [
        Row(measure=_NAME, what=f"{name}, as fast as read", figure=taken.flat_out, unit=unit, judged="ratio",
            baseline=limit, beside="receive, decode, keep", must=size.share_must, goal=size.share_goal),
        Row(measure=_NAME, what=f"{name}, lag steady", figure=taken.sustained, unit=unit,
            baseline=taken.flat_out, beside="as fast as read", must=size.must, goal=size.goal),
        Row(measure=_NAME, what=f"{name}, lag steady", figure=taken.sustained, unit=unit, judged="ratio",
            baseline=loop, beside="HGET, merge, HSET each", must=size.times_must, goal=size.times_goal),
        Row(measure=_NAME, what=f"{name}, lag p50 then", figure=taken.p50_ms, unit="ms"),
        Row(measure=_NAME, what=f"{name}, lag p99 then", figure=taken.p99_ms, unit="ms", must=Bound(_P99_MS),
            goal=Bound(100)),
        Row(measure=_NAME, what=f"{name}, wrong last values", figure=taken.wrong, unit="", must=Bound(0)),
    ]  # fmt: skip
