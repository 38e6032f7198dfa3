"""A thousand bursts out of silence: whether the last value of every contract arrives each time, and how soon."""

import random
import time

from benchmarks.quantiles import spread_of
from benchmarks.rows import Bound, Row
from benchmarks.settings import BenchSettings, say
from benchmarks.stage import StreamStage, stream_stage

_NAME = "bursts"
_FRAME = 100
_FEWEST, _MOST = 100, 2_500  # quotes of a burst
_LONGEST_PAUSE_S = 0.06  # so that a burst begins anywhere within a flush window
_WITH_SIZES = 10  # after so many bursts sizes and times are looked at, too, which come later than prices
_PATIENCE_S, _WHOLE_S = 2.0, 150.0


def measure(settings: BenchSettings) -> list[Row]:
    """Fewer bursts when they take too long; the row says how many there were."""
    wanted = settings.times(1_000, 50)
    with stream_stage(settings, _NAME) as stage:
        say(f"{_NAME}: {wanted:,} of up to {_MOST:,} quotes")
        stage.feed.ask("prepare", frame=_FRAME)
        before = stage.gaps()
        lost, after_ms = _bursts(stage, wanted)
        gaps = stage.gaps() - before
    spread = spread_of(after_ms)
    return [
        Row(measure=_NAME, what=f"last values lost in {spread.count:,} bursts", figure=lost, unit="",
            must=Bound(0)),
        Row(measure=_NAME, what="gaps announced", figure=gaps, unit=""),
        Row(measure=_NAME, what="all last prices seen by a reader of whole chains, p50", figure=spread.p50, unit="ms"),
        Row(measure=_NAME, what="all last prices seen by a reader of whole chains, p99", figure=spread.p99, unit="ms"),
    ]  # fmt: skip


def _bursts(stage: StreamStage, wanted: int) -> tuple[int, list[float]]:
    chance = random.Random(1)
    lost, after_ms = 0, []
    end_s = time.monotonic() + _WHOLE_S
    while len(after_ms) < wanted and time.monotonic() < end_s:
        time.sleep(chance.uniform(0, _LONGEST_PAUSE_S))
        sent = stage.feed.ask("run", frame=_FRAME, seconds=10, quotes=chance.randint(_FEWEST, _MOST))
        after_ms.append(stage.wait_prices(sent["last"], _PATIENCE_S) - sent["ended_ms"])
        lost += stage.wrong_prices(sent["last"])
        if len(after_ms) % _WITH_SIZES == 0:
            stage.wait_right(sent["last"], _PATIENCE_S)
            lost += stage.wrong_quotes(sent["last"])
    return lost, after_ms
