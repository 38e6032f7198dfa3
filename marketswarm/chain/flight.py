"""One load per symbol at a time, its progress, and the record of the last ones.

The run id in `loading:<symbol>` is also a fencing token: a load that lost it to another one can no longer commit.
"""

import json
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from typing import Any

from redis.client import Redis

from marketswarm import keys
from marketswarm.chain.request import LoadRequest
from marketswarm.chain.stored import Committed
from marketswarm.model.chain import ChainId
from marketswarm.reachable import store_reachable
from marketswarm.turns import take_turn


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What became of a load, as the task returns it and the refresh log keeps it.

    `state` is `loaded`, `joined` (another load of the symbol was in flight; nothing was done) or `failed`. Of several chains
    `expiration`, `epoch` and `seq` are the first one's, the counts are of all. `notice` says why there are fewer strikes than
    were asked for.
    """

    symbol: str
    state: str
    reason: str
    ts: int
    expiration: str | None = None
    contracts: int = 0
    added: int = 0
    removed: int = 0
    changed: int = 0
    rejected: dict[str, int] | None = None
    epoch: int = 0
    seq: int = 0
    took_ms: int = 0
    task_id: str | None = None
    error: str | None = None
    strikes_each_side: int | None = None
    strikes_asked: int | None = None
    notice: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain values; what is None is left out."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def report_of(
    request: LoadRequest, chain: ChainId, committed: Committed, rejected: dict[str, int]
) -> LoadReport:
    """What a commit did, as a load reports it."""
    return LoadReport(
        symbol=request.symbol,
        state="loaded",
        reason=request.reason,
        ts=0,
        expiration=chain.expiration.isoformat(),
        contracts=committed.contracts,
        added=committed.added,
        removed=committed.removed,
        changed=committed.changed,
        rejected=rejected or None,
        epoch=committed.epoch,
        seq=committed.seq,
    )


def joint(reports: Sequence[LoadReport]) -> LoadReport:
    """One report of the loads of several chains of a symbol."""
    rejected: Counter[str] = Counter()
    for report in reports:
        rejected.update(report.rejected or {})
    return replace(
        reports[0],
        contracts=sum(report.contracts for report in reports),
        added=sum(report.added for report in reports),
        removed=sum(report.removed for report in reports),
        changed=sum(report.changed for report in reports),
        rejected=dict(rejected) or None,
        notice=next((report.notice for report in reports if report.notice), None),
    )


class FlightControl:
    """Who loads what, in Redis."""

    def __init__(self, redis: Redis, address: str) -> None:
        self._redis = redis
        self._address = address

    def take_off(self, symbol: str, run: str) -> AbstractContextManager[bool]:
        """Hold the symbol's load for the time of the block; gives False when another run holds it."""
        return take_turn(self._redis, self._address, keys.loading(symbol), run)

    def in_flight(self, symbol: str) -> bool:
        """Whether a load of the symbol is under way."""
        with store_reachable(self._address):
            return bool(self._redis.exists(keys.loading(symbol)))

    def record(self, report: LoadReport) -> None:
        """Keep the report among the last ones."""
        with store_reachable(self._address), self._redis.pipeline(transaction=False) as pipe:
            entry = json.dumps(report.as_json())
            pipe.lrem(keys.REFRESHES, 1, entry)  # a client that lost the answer sends all of this again
            pipe.lpush(keys.REFRESHES, entry)
            pipe.ltrim(keys.REFRESHES, 0, keys.REFRESHES_MAXLEN - 1)
            pipe.execute()

    def note_failure(self, symbol: str, request: str, now_ms: int) -> None:
        """Tell the stream that asked for it that a load has failed, and may succeed when it is asked for again."""
        with store_reachable(self._address):
            self._redis.hset(keys.LOAD_FAILURES, symbol, f"{request} {now_ms}")

    def failures(self, symbols: Sequence[str]) -> dict[str, str]:
        """Symbol → request and time of its last such failure, where there was one."""
        with store_reachable(self._address):
            told: Any = self._redis.hmget(keys.LOAD_FAILURES, list(symbols))
        return {symbol: text.decode() for symbol, text in zip(symbols, told, strict=True) if text is not None}

    def recent(self, count: int) -> list[dict[str, Any]]:
        """The last loads, newest first."""
        with store_reachable(self._address):
            entries: Any = self._redis.lrange(keys.REFRESHES, 0, count - 1)
        return [json.loads(entry) for entry in entries]
