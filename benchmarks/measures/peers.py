"""Ours beside another project's writer to Redis: cryptofeed, installed for the time of the measurement where that can be done."""

import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from msgspec.json import decode
from redis import Redis

from benchmarks.children.orders import Child, child
from benchmarks.quantiles import median
from benchmarks.rows import Row
from benchmarks.settings import BenchSettings, say
from benchmarks.stage import StreamStage, stream_stage
from tests.support.valkey import running_valkey

_NAME = "peers"
_PEER, _VERSION = "cryptofeed", "2.4.1"
_INSTALL_S = 240
_SIZES_S = 2.0  # for what is still to come when the last prices are there
_FRAME, _QUOTES = 100, 100_000
_KINDS = {
    "stream": "appends to a stream",
    "zset": "adds to a sorted set",
    "last": "keeps the last value",
}


def measure(settings: BenchSettings) -> list[Row]:
    """Quotes a second of all its writers, and how many contracts its last-value writer leaves with another value; no rows
    where it cannot be installed."""
    python = _installed(settings.room("peer-python"))
    if python is None:
        return []
    with (
        stream_stage(settings, _NAME) as stage,
        child("peer_cryptofeed", settings.room(_NAME), python=python) as peer,
    ):
        tickers = stage.tickers()
        theirs = {kind: _theirs(peer, kind, tickers) for kind in _KINDS}
        ours = [_ours(stage, settings.length_s(4, 2)) for _ in range(settings.times(3))]
    rate, wrong = median([rate for rate, _ in ours]), sum(missed for _, missed in ours)
    rows = [
        Row(measure=_NAME, what="vendor's frames to Redis, as fast as read", figure=rate, unit="quotes/s",
            baseline=theirs[kind][0], beside=f"{_PEER} {_VERSION} from memory, {does}")
        for kind, does in _KINDS.items()
    ]  # fmt: skip
    lost = Row(measure=_NAME, what=f"wrong last values of {len(tickers)}", figure=wrong, unit="",
               baseline=theirs["last"][1], beside=f"{_PEER} {_VERSION}, {_KINDS['last']}")  # fmt: skip
    return [*rows, lost]


def _installed(folder: Path) -> Path | None:
    """An interpreter that has it; None, and a line that says why, where it cannot be had."""
    python = folder / "bin" / "python"
    steps = (
        (sys.executable, "-m", "venv", str(folder)),
        (
            str(python),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            f"{_PEER}=={_VERSION}",
            "redis",
        ),
    )
    say(f"{_NAME}: installing {_PEER} {_VERSION} into an environment of its own")
    for step in steps:
        try:
            done = subprocess.run(step, capture_output=True, text=True, timeout=_INSTALL_S, check=False)
        except subprocess.TimeoutExpired:
            say(f"{_NAME}: left out: {_PEER} was not installed in {_INSTALL_S} s")
            return None
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            say(f"{_NAME}: left out: {_PEER} cannot be installed here: {reason}")
            return None
    return python


def _theirs(peer: Child, kind: str, tickers: list[str]) -> tuple[float, int]:
    """Quotes a second, and how many tickers do not hold their last bid (of the writer that keeps one)."""
    say(f"{_NAME}: {_PEER} {_KINDS[kind]}, {_QUOTES:,} quotes")
    with running_valkey() as url, Redis.from_url(url) as redis:
        done = peer.ask("write", kind=kind, port=urlsplit(url).port, tickers=tickers, quotes=_QUOTES)
        wrong = sum(_kept_bid(redis, ticker) != bid for ticker, bid in done["last"].items())
        return _QUOTES / done["took_s"], wrong


def _kept_bid(redis: Redis, ticker: str) -> float | None:
    text: Any = redis.get(f"book-BENCH-{ticker}")
    return None if text is None else float(next(iter(decode(text)["book"]["bid"])))


def _ours(stage: StreamStage, seconds: float) -> tuple[float, int]:
    """Quotes a second until the last is readable, and how many contracts do not hold it."""
    say(f"{_NAME}: our stream, as fast as it reads, for {seconds:g} s")
    stage.feed.ask("prepare", frame=_FRAME)
    sent = stage.feed.ask("run", frame=_FRAME, seconds=seconds)
    drained_ms = stage.wait_drained(sent["last"])
    stage.wait_right(sent["last"], _SIZES_S)
    return sent["sent"] / (drained_ms - sent["began_ms"]) * 1000, stage.wrong_quotes(sent["last"])
