"""What recording costs the stream: the same runs with and without, in turns."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.quantiles import median
from benchmarks.rows import Bound, Row
from benchmarks.settings import BenchSettings, say
from benchmarks.stage import Paced, StreamStage, paced, stream_stage

_NAME = "recording"
_FRAMES = (100, 1)
_RATES = {100: 300_000, 1: 20_000}  # what has to be sustained
_PATIENCE_S = 30.0


def measure(settings: BenchSettings) -> list[Row]:
    """The rate as fast as it reads, processor time at a rate, and what is recorded of it."""
    rows: list[Row] = []
    with stream_stage(settings, _NAME) as stage:
        for frame in _FRAMES:
            rows += _of_frames(settings, stage, frame)
    return rows


def _of_frames(settings: BenchSettings, stage: StreamStage, frame: int) -> list[Row]:
    seconds, name = settings.length_s(4, 2), f"frames of {frame}"
    bare, recorded, told = [], [], []
    for turn in range(settings.times(6)):
        say(f"{_NAME}: {name}, as fast as they are read, {turn + 1}: with and without")
        # Each goes first as often: the second of a pair finds another machine than the first.
        for is_recorded in (turn % 2 == 1, turn % 2 == 0):
            if not is_recorded:
                bare.append(_flat_out(stage, frame, seconds))
                continue
            with _recording(settings, stage) as summary:
                recorded.append(_flat_out(stage, frame, seconds))
            told.append(summary)
    rate = _RATES[frame]
    say(f"{_NAME}: {name}, {rate:,} quotes/s: without, then with")
    without = paced(stage, frame=frame, seconds=seconds, rate=rate)
    with _recording(settings, stage) as summary:
        beside = paced(stage, frame=frame, seconds=seconds, rate=rate)
    return _rows(frame, (median(bare), median(recorded)), (without, beside), [*told, summary])


def _rows(
    frame: int, rates: tuple[float, float], ran: tuple[Paced, Paced], told: list[dict[str, Any]]
) -> list[Row]:
    name = f"frames of {frame}"
    without, beside = ran
    quotes = beside.rate
    per_quote = told[-1]["bytes"] / (quotes * told[-1]["seconds"]) if quotes else 0.0
    return [
        Row(measure=_NAME, what=f"{name}, as fast as read", figure=rates[1], unit="quotes/s", judged="ratio",
            baseline=rates[0], beside="not recorded", must=Bound(0.95, at_most=False)),
        Row(measure=_NAME, what=f"{name}, taken of {_RATES[frame]:,} quotes/s", figure=quotes, unit="quotes/s",
            judged="ratio", baseline=without.rate, beside="not recorded", must=Bound(0.95, at_most=False)),
        Row(measure=_NAME, what=f"{name}, stream worker's CPU then",
            figure=beside.streams.cpu * 100, unit="% of a core", baseline=without.streams.cpu * 100,
            beside="not recorded"),
        Row(measure=_NAME, what=f"{name}, lag p99 then", figure=beside.lags["all"]["p99"], unit="ms",
            baseline=without.lags["all"]["p99"], beside="not recorded"),
        Row(measure=_NAME, what=f"{name}, bytes on the disk for a quote", figure=per_quote, unit="B"),
        Row(measure=_NAME, what=f"{name}, frames not recorded", figure=sum(one["unrecorded"] for one in told),
            unit="", must=Bound(0)),
    ]  # fmt: skip


def _flat_out(stage: StreamStage, frame: int, seconds: float) -> float:
    """Quotes a second from the first frame until the last values are readable."""
    stage.feed.ask("prepare", frame=frame)
    sent = stage.feed.ask("run", frame=frame, seconds=seconds)
    return float(sent["sent"] / (stage.wait_drained(sent["last"]) - sent["began_ms"]) * 1000)


@contextmanager
def _recording(settings: BenchSettings, stage: StreamStage) -> Iterator[dict[str, Any]]:
    """Record for the time of the block, by the command; what it says at its end is filled in behind it."""
    folder = settings.room(_NAME) / f"recording-{time.time_ns()}"
    command = [sys.executable, "-m", "marketswarm", "record", str(folder), "--no-load", "--json"]
    recorder = subprocess.Popen(command, env=stage.spine.env, stdout=subprocess.PIPE)
    summary: dict[str, Any] = {}
    try:
        _wait_for_chains(folder, recorder)
        yield summary
    finally:
        recorder.send_signal(signal.SIGINT)
        told, _ = recorder.communicate(timeout=_PATIENCE_S)
    summary.update(json.loads(told))


def _wait_for_chains(folder: Path, recorder: "subprocess.Popen[bytes]") -> None:
    """Frames are recorded from when the chains of the beginning are written."""
    until_s = time.monotonic() + _PATIENCE_S
    while not (folder / "chains-begin.json.zst").is_file():
        if recorder.poll() is not None or time.monotonic() > until_s:
            raise RuntimeError("nothing is recorded")
        time.sleep(0.05)
