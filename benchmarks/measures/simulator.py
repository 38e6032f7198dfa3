"""How many quotes a second the simulator itself can feed on its one core, beside premade frames sent by a bare loop; and how long
a whole day takes without a socket."""

from typing import Any

from benchmarks.children.orders import child
from benchmarks.limit import sender
from benchmarks.rows import Bound, Row
from benchmarks.settings import EACH_SIDE, BenchSettings, say
from benchmarks.stage import market_process
from benchmarks.usage import Usage, Used

_NAME = "simulator"
_AS_FAST_AS_IT_CAN = 1_000_000.0  # events a second, more than it can make
_RATE = 100_000
_QUOTES_SHARE, _RATED, _CONTRACTS = (
    0.97,
    800,
    808,
)  # of events that are quotes; contracts of the stated rate; those asked for
_DAY_EVENTS_PER_S = 400.0


def _at_least(value: float) -> Bound:
    return Bound(value, at_most=False)


def measure(settings: BenchSettings) -> list[Row]:
    """Live quotes in frames of 100 and of one, at most and at 100,000 a second; premade ones; and a day in process."""
    seconds = settings.length_s(5, 1)
    tickers, most, busy = _live(settings, seconds, frame=100, events=_AS_FAST_AS_IT_CAN)
    _, single, single_busy = _live(settings, seconds, frame=1, events=_AS_FAST_AS_IT_CAN)
    events = _RATE / _QUOTES_SHARE * _RATED / _CONTRACTS
    _, paced, used = _live(settings, seconds, frame=100, events=events)
    say(f"{_NAME}: premade frames")
    bare, bare_single = (sender(settings, tickers, frame=frame, seconds=seconds) for frame in (100, 1))
    return [
        *_rate_rows(most, single, bare, bare_single),
        _of_cpu("frames of 100", most, busy),
        _of_cpu("frames of 1", single, single_busy),
        Row(measure=_NAME, what="CPU at 100,000 live quotes/s", figure=used.cpu * 100, unit="% of a core",
            must=Bound(100)),
        Row(measure=_NAME, what="quotes/s then", figure=paced["quotes"] / paced["took_s"], unit="quotes/s"),
        *_day_rows(settings),
    ]  # fmt: skip


def _rate_rows(most: dict[str, Any], single: dict[str, Any], bare: float, bare_single: float) -> list[Row]:
    beside = "the same size of frame, premade"
    rates = (found["quotes"] / found["took_s"] for found in (most, single))
    many, one = rates
    sizes = most["quotes"] / max(1, most["frames"])
    return [
        Row(measure=_NAME, what="live, frames of 100", figure=many, unit="quotes/s", baseline=bare, beside=beside,
            must=_at_least(100_000)),
        Row(measure=_NAME, what="live, frames of 100, quotes a frame", figure=sizes, unit=""),
        Row(measure=_NAME, what="live, frames of 1", figure=one, unit="quotes/s", baseline=bare_single,
            beside=beside, must=_at_least(10_000)),
        Row(measure=_NAME, what="premade, frames of 100", figure=bare, unit="quotes/s", must=_at_least(500_000)),
    ]  # fmt: skip


def _of_cpu(what: str, counted: dict[str, Any], used: Used) -> Row:
    """What a core that it has for itself would give: neighbours do not change it much."""
    rate = counted["quotes"] / counted["took_s"] / used.cpu
    return Row(measure=_NAME, what=f"live, {what}, in a second of its CPU", figure=rate, unit="quotes/s")


def _live(
    settings: BenchSettings, seconds: float, *, frame: int, events: float
) -> tuple[list[str], dict[str, Any], Used]:
    say(f"{_NAME}: live quotes in frames of {frame}, {events:,.0f} events/s asked for")
    name = f"{_NAME}-{frame}-{events:.0f}"
    with (
        market_process(settings, name, events_per_second=events, quotes_per_frame=frame) as (market, bases),
        child("sink", settings.room(name)) as sink,
    ):
        tickers = market.ask("near", each_side=EACH_SIDE)
        sink.ask("connect", ws=bases["ws"], tickers=tickers)
        sink.ask("count", seconds=min(1.0, seconds))
        usage = Usage(market.process.pid)
        counted = sink.ask("count", seconds=seconds)
        return tickers, counted, usage.end()


def _day_rows(settings: BenchSettings) -> list[Row]:
    say(f"{_NAME}: a day in process")
    until = "10:00" if settings.quick else "16:20"
    with child("simulated_day", settings.room(_NAME)) as day:
        whole = day.ask("run", until=until, each_side=EACH_SIDE, events=_DAY_EVENTS_PER_S)
        silent = day.ask("run", until=until, each_side=0, events=0.0)
    what = f"SPX 09:25 to {until} in ticks of 1 s"
    return [
        Row(measure=_NAME, what=f"{what}, {whole['quotes']:,} quotes", figure=whole["took_s"], unit="s",
            baseline=silent["took_s"], beside="nobody listens", must=Bound(60)),
        Row(measure=_NAME, what="the same, seconds of CPU", figure=whole["cpu_s"], unit="s",
            baseline=silent["cpu_s"], beside="nobody listens"),
    ]  # fmt: skip
