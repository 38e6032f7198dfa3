"""Baselines of the stream, each against a feed of its own: the limit of receive, decode, keep; the feed itself; and the loop of
an afternoon."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.children.orders import Child, Later, child
from benchmarks.settings import BenchSettings
from tests.support.valkey import running_valkey

_SETTLE_S = 1.0


class Limit:
    """A process that receives, decodes, keeps the latest, and stores nothing; measured as often as one likes."""

    def __init__(self, feed: Child, client: Child) -> None:
        self._feed = feed
        self._client = client

    def count(self, *, frame: int, seconds: float, rate: float | None = None) -> dict[str, Any]:
        """Its rate, share of a core, memory, and lag of what it would flush; at a rate, or as fast as it reads."""
        self._feed.ask("prepare", frame=frame)
        sending = Later(self._feed, "run", frame=frame, seconds=seconds + _SETTLE_S, rate=rate)
        time.sleep(_SETTLE_S / 2)
        counted: dict[str, Any] = self._client.ask("count", seconds=seconds)
        sending.answer()
        return counted


@contextmanager
def limit(settings: BenchSettings, tickers: list[str]) -> Iterator[Limit]:
    """Such a process for the time of the block."""
    folder = settings.room("limit")
    with child("feed", folder) as feed, child("keep_latest", folder) as client:
        client.ask("connect", ws=feed.ask("address"), tickers=tickers)
        feed.ask("wait", contracts=len(tickers))
        yield Limit(feed, client)


def user_loop(settings: BenchSettings, tickers: list[str], *, frame: int, seconds: float) -> float:
    """Quotes a second of the vendor's client with one read and one write of Redis for each quote."""
    folder = settings.room("user")
    with running_valkey() as url, child("feed", folder) as feed, child("user_loop", folder) as loop:
        loop.ask("connect", ws=feed.ask("address"), redis_url=url, tickers=tickers)
        feed.ask("wait", contracts=len(tickers))
        feed.ask("prepare", frame=frame)
        sending = Later(feed, "run", frame=frame, seconds=seconds + 2 * _SETTLE_S)
        loop.ask("count", seconds=_SETTLE_S)
        counted = float(loop.ask("count", seconds=seconds)["rate"])
        loop.process.kill()  # so that a sender who waits for its reader does not wait for ever
        sending.forget()
        return counted


def sender(settings: BenchSettings, tickers: list[str], *, frame: int, seconds: float) -> float:
    """Quotes a second that the feed itself can send, to a client that throws everything away."""
    folder = settings.room("sender")
    with child("feed", folder) as feed, child("sink", folder) as sink:
        sink.ask("connect", ws=feed.ask("address"), tickers=tickers)
        feed.ask("wait", contracts=len(tickers))
        feed.ask("prepare", frame=frame)
        sent = feed.ask("run", frame=frame, seconds=seconds)
        return float(sent["sent"] / sent["took_s"])
