"""How many quotes a second the stream can take: as fast as it reads, for how many of them the lag stays where it is, and how
long three times as many take to be worked off."""

from dataclasses import dataclass
from typing import Any

from benchmarks.limit import Limit, limit, sender, user_loop
from benchmarks.quantiles import median
from benchmarks.rows import Bound, Row
from benchmarks.search import highest
from benchmarks.settings import BenchSettings, say
from benchmarks.stage import Paced, StreamStage, paced, stream_stage

_NAME = "capacity"
_P99_MS = 150.0
_GROWTH, _GROWTH_MS = 1.5, 50.0  # what is above this much of the first third's, and more than a window, grows
_ASKED, _ASKED_TIMES = 300_000, 3
_SIZES_S = 2.0  # for what is still to come when the last prices are there
_ABOVE = 1.1  # a sender who paces itself leaves the stream more of the machine than one who does not
_BURST_S, _BURST_TIMES, _SENDERS_SHARE = 5.0, 3, 0.8


def _at_least(value: float) -> Bound:
    return Bound(value, at_most=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameSize:
    """One size of frame, how finely to look, and what is asked: quotes a second, share of the limit, times the loop."""

    frame: int
    name: str
    turns: int
    tries: int
    must: Bound
    goal: Bound
    share_must: Bound | None = None
    share_goal: Bound | None = None
    times_must: Bound | None = None
    times_goal: Bound | None = None


_MANY = FrameSize(
    frame=100,
    name="frames of 100",
    turns=4,
    tries=5,
    must=_at_least(300_000),
    goal=_at_least(600_000),
    share_must=_at_least(0.25),
    share_goal=_at_least(0.5),
    times_must=_at_least(100),
    times_goal=_at_least(300),
)
_ONE = FrameSize(
    frame=1, name="frames of 1", turns=2, tries=4, must=_at_least(20_000), goal=_at_least(50_000)
)


@dataclass(frozen=True, slots=True)
class SteadyTry:
    """One rate, and whether the lag stayed small and where it was."""

    ran: Paced

    @property
    def holds(self) -> bool:
        """Whether the feed could send it, p99 is small enough, and the last third is not worse than the first."""
        lags = self.ran.lags
        first, last = lags["first"]["p50"], lags["last"]["p50"]
        grows = last > max(_GROWTH * first, first + _GROWTH_MS)
        return self.ran.kept_up and lags["all"]["p99"] <= _P99_MS and not grows


@dataclass(frozen=True, slots=True)
class Taken:
    """What the stream took with one size of frame, and the limit beside it."""

    flat_out: float
    limit: float
    steady: float
    p50_ms: float
    p99_ms: float
    wrong: int


def measure(settings: BenchSettings) -> list[Row]:
    """Rates for frames of many quotes and of one, beside the limit and beside the loop of an afternoon; and a burst."""
    rows = []
    with stream_stage(settings, _NAME) as stage:
        tickers = stage.tickers()
        before = stage.gaps()
        fastest = sender(settings, tickers, frame=_MANY.frame, seconds=1)
        with limit(settings, tickers) as bare:
            for size in (_MANY, _ONE):
                taken = _taken(stage, bare, size, settings)
                rows += _rows(size, taken, _loop(settings, tickers, size))
                if size is _MANY:
                    rows += _asked_rows(stage, settings)
                    for rate in filter(None, dict.fromkeys((float(_ASKED), taken.steady))):
                        rows += _burst_rows(stage, rate, fastest, taken.limit)
        gaps = Row(measure=_NAME, what="gaps announced", figure=stage.gaps() - before, unit="")
    sent = Row(measure=_NAME, what=f"{_MANY.name}, what the feed could send", figure=fastest, unit="quotes/s")
    return [sent, *rows, gaps]


def _loop(settings: BenchSettings, tickers: list[str], size: FrameSize) -> float:
    say(f"{_NAME}: {size.name}, the loop of an afternoon")
    return user_loop(settings, tickers, frame=size.frame, seconds=settings.length_s(5, 2))


def _taken(stage: StreamStage, bare: Limit, size: FrameSize, settings: BenchSettings) -> Taken:
    seconds, wrong = settings.length_s(4, 2), 0
    flat_out, limits = [], []
    for turn in range(settings.times(size.turns)):
        say(f"{_NAME}: {size.name}, as fast as they are read, {turn + 1}: the stream, then the limit")
        rate, missed = _flat_out(stage, size.frame, seconds)
        flat_out.append(rate)
        limits.append(bare.count(frame=size.frame, seconds=min(seconds, 3))["rate"])
        wrong += missed
    tried: list[Paced] = []

    def try_at(rate: float) -> SteadyTry:
        tried.append(_say_so(size, rate, paced(stage, frame=size.frame, seconds=seconds, rate=rate)))
        return SteadyTry(tried[-1])

    steady, best = highest(_ABOVE * median(flat_out), settings.times(size.tries, 3), try_at)
    wrong += sum(ran.wrong for ran in tried)
    lags = best.ran.lags["all"]
    return Taken(median(flat_out), median(limits), steady, lags["p50"], lags["p99"], wrong)


def _flat_out(stage: StreamStage, frame: int, seconds: float) -> tuple[float, int]:
    """Quotes a second from the first frame until the last values are readable, and how many of those are wrong."""
    stage.feed.ask("prepare", frame=frame)
    sent = stage.feed.ask("run", frame=frame, seconds=seconds)
    drained_ms = stage.wait_drained(sent["last"])
    stage.wait_right(sent["last"], _SIZES_S)
    return sent["sent"] / (drained_ms - sent["began_ms"]) * 1000, stage.wrong_quotes(sent["last"])


def _say_so(size: FrameSize, rate: float, ran: Paced) -> Paced:
    lags = ran.lags
    say(
        f"{_NAME}: {size.name}, {ran.rate:,.0f} of {rate:,.0f} quotes/s, p99 {lags['all']['p99']:.0f} ms, "
        f"p50 {lags['first']['p50']:.0f} → {lags['last']['p50']:.0f} ms"
    )
    return ran


def _asked_rows(stage: StreamStage, settings: BenchSettings) -> list[Row]:
    """The rate that is asked for, several times: one try says more of the neighbours than of the stream."""
    seconds = settings.length_s(10, 2)
    ran = [
        _say_so(_MANY, _ASKED, paced(stage, frame=_MANY.frame, seconds=seconds, rate=_ASKED))
        for _ in range(settings.times(_ASKED_TIMES, 1))
    ]
    held = sum(SteadyTry(one).holds for one in ran)
    p99_ms = [one.lags["all"]["p99"] for one in ran]
    name = f"{_ASKED:,} quotes/s for {seconds:g} s, {len(ran)} times"
    return [
        Row(measure=_NAME, what=f"{name}: lag p99, median", figure=median(p99_ms), unit="ms", must=Bound(_P99_MS),
            goal=Bound(100)),
        Row(measure=_NAME, what=f"{name}: lag p99, worst", figure=max(p99_ms), unit="ms"),
        Row(measure=_NAME, what=f"{name}: held", figure=held, unit="times"),
    ]  # fmt: skip


def _burst_rows(stage: StreamStage, rate: float, fastest: float, limit: float) -> list[Row]:
    """A burst at a multiple of that rate; beside it what no stream could do without, at the limit's own pace."""
    burst = min(_BURST_TIMES * rate, _SENDERS_SHARE * fastest)
    say(f"{_NAME}: {_BURST_S:g} s at {burst:,.0f} quotes/s")
    quotes = int(burst * _BURST_S)
    sent = stage.feed.ask("run", frame=_MANY.frame, seconds=60, rate=burst, quotes=quotes)
    over_ms = sent["began_ms"] + _BURST_S * 1000
    late_s = max(0.0, stage.wait_drained(sent["last"]) - over_ms) / 1000
    stage.wait_right(sent["last"], _SIZES_S)
    wrong = stage.wrong_quotes(sent["last"])
    name = f"{_BURST_S:g} s of {burst / rate:.2g} × {rate:,.0f} quotes/s"
    return [
        Row(measure=_NAME, what=f"{name}, drained after", figure=late_s, unit="s", must=Bound(3), goal=Bound(0.5),
            baseline=max(0.0, quotes / limit - _BURST_S), beside="receive, decode, keep"),
        Row(measure=_NAME, what=f"{name}, wrong last values", figure=wrong, unit="", must=Bound(0)),
    ]  # fmt: skip


def _rows(size: FrameSize, taken: Taken, loop: float) -> list[Row]:
    name, unit = size.name, "quotes/s"
    shown: Any = {"short": size is _MANY}
    return [
        Row(measure=_NAME, what=f"{name}, as fast as read", figure=taken.flat_out, unit=unit, judged="ratio",
            baseline=taken.limit, beside="receive, decode, keep", must=size.share_must, goal=size.share_goal),
        Row(measure=_NAME, what=f"{name}, lag steady", figure=taken.steady, unit=unit,
            baseline=taken.flat_out, beside="as fast as read", must=size.must, goal=size.goal),
        Row(measure=_NAME, what=f"{name}, lag steady", figure=taken.steady, unit=unit, judged="ratio",
            baseline=loop, beside="HGET, merge, HSET each", must=size.times_must, goal=size.times_goal),
        Row(measure=_NAME, what=f"{name}, lag p50 then", figure=taken.p50_ms, unit="ms"),
        Row(measure=_NAME, what=f"{name}, lag p99 then", figure=taken.p99_ms, unit="ms", must=Bound(_P99_MS),
            goal=Bound(100), **shown),
        Row(measure=_NAME, what=f"{name}, wrong last values", figure=taken.wrong, unit="", must=Bound(0)),
    ]  # fmt: skip
