"""Baselines of the stream, each against a feed of its own: the limit of receive, decode, keep; and the loop of an afternoon."""

from typing import Any

from benchmarks.children.orders import Later, child
from benchmarks.settings import BenchSettings
from tests.support.valkey import running_valkey

_SETTLE_S = 1.0


def keep_latest(
    settings: BenchSettings, tickers: list[str], *, frame: int, seconds: float, rate: float | None = None
) -> dict[str, Any]:
    """Rate, share of a core, and lag of a process that receives, decodes, keeps the latest, and stores nothing."""
    folder = settings.room("limit")
    with child("feed", folder) as feed, child("keep_latest", folder) as limit:
        limit.ask("connect", ws=feed.ask("address"), tickers=tickers)
        return _counted(feed, limit, len(tickers), frame=frame, seconds=seconds, rate=rate)


def user_loop(settings: BenchSettings, tickers: list[str], *, frame: int, seconds: float) -> dict[str, Any]:
    """Rate of the vendor's client with one read and one write of Redis for each quote."""
    folder = settings.room("user")
    with running_valkey() as url, child("feed", folder) as feed, child("user_loop", folder) as loop:
        loop.ask("connect", ws=feed.ask("address"), redis_url=url, tickers=tickers)
        return _counted(feed, loop, len(tickers), frame=frame, seconds=seconds, rate=None)


def _counted(
    feed: Any, client: Any, contracts: int, *, frame: int, seconds: float, rate: float | None
) -> dict[str, Any]:
    feed.ask("wait", contracts=contracts)
    feed.ask("prepare", frame=frame)
    sending = Later(feed, "run", frame=frame, seconds=seconds + 2 * _SETTLE_S, rate=rate)
    client.ask("count", seconds=_SETTLE_S)
    counted: dict[str, Any] = client.ask("count", seconds=seconds)
    client.process.kill()  # so that a sender who waits for its reader does not wait for ever
    sending.forget()
    return counted
