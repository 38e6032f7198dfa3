"""What the stream says of itself, once a second: rates and lag of each symbol, and what could not be used."""

import json
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from redis.client import Redis

from marketswarm import keys
from marketswarm.chain.redis_store import store_reachable
from marketswarm.ports import BadFrames

REPORT_TTL_MS = 10_000
_WINDOW_S = 5.0
_LAGS_KEPT = 4096


class Meter:
    """Rates over the last seconds and quantiles of lag, of one symbol."""

    def __init__(self) -> None:
        self._counts: deque[tuple[float, int]] = deque()
        self._lags_s: deque[float] = deque(maxlen=_LAGS_KEPT)

    def count(self, now_s: float, updates: int) -> None:
        """Updates that arrived."""
        self._counts.append((now_s, updates))
        while self._counts and self._counts[0][0] < now_s - _WINDOW_S:
            self._counts.popleft()

    def lags(self, lags_s: Sequence[float]) -> None:
        """Time from the arrival of a frame until its content could be read."""
        self._lags_s.extend(lags_s)

    def per_second(self, now_s: float) -> float:
        """Updates a second over the last seconds."""
        recent = sum(count for at, count in self._counts if at >= now_s - _WINDOW_S)
        return round(recent / _WINDOW_S, 1)

    def take_lag_ms(self) -> dict[str, float]:
        """`p50` and `p99` in ms since the last call; empty when nothing was applied."""
        lags, self._lags_s = sorted(self._lags_s), deque(maxlen=_LAGS_KEPT)
        if not lags:
            return {}
        return {
            name: round(lags[int(share * (len(lags) - 1))] * 1000, 1)
            for name, share in (("p50", 0.5), ("p99", 0.99))
        }


class StreamReports:
    """Writes and reads the reports in Redis."""

    def __init__(self, redis: Redis, address: str) -> None:
        self._redis = redis
        self._address = address

    def write(self, symbol: str, report: Mapping[str, Any]) -> None:
        """Replace the symbol's report; it vanishes by itself when the stream dies."""
        key = keys.stream_report(symbol)
        with store_reachable(self._address), self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(key, mapping={name: _field(value) for name, value in report.items()})
            pipe.pexpire(key, REPORT_TTL_MS)
            pipe.execute()

    def read(self, symbol: str) -> dict[str, Any]:
        """The symbol's report; empty when no stream has spoken of it for ten seconds."""
        with store_reachable(self._address):
            fields: Any = self._redis.hgetall(keys.stream_report(symbol))
        return {name.decode(): json.loads(value) for name, value in fields.items()}

    def keep_bad_frames(self, bad: BadFrames) -> None:
        """Add to the counts and keep the newest samples."""
        if not bad.counts:
            return
        samples = [json.dumps({"reason": reason, "text": text}) for reason, text in bad.samples]
        with store_reachable(self._address), self._redis.pipeline(transaction=False) as pipe:
            for reason, count in bad.counts.items():
                pipe.hincrby(keys.BAD_FRAME_COUNTS, reason, count)
            if samples:
                pipe.lpush(keys.BAD_FRAMES, *samples)
                pipe.ltrim(keys.BAD_FRAMES, 0, keys.BAD_FRAMES_MAXLEN - 1)
            pipe.execute()

    def bad_frame_counts(self) -> dict[str, int]:
        """Reason → how many, since the store was new."""
        with store_reachable(self._address):
            counts: Any = self._redis.hgetall(keys.BAD_FRAME_COUNTS)
        return {reason.decode(): int(count) for reason, count in counts.items()}

    def bad_frame_samples(self) -> list[dict[str, str]]:
        """The kept samples, newest first: `reason` and `text`."""
        with store_reachable(self._address):
            samples: Any = self._redis.lrange(keys.BAD_FRAMES, 0, -1)
        return [json.loads(sample) for sample in samples]


def _field(value: Any) -> str:
    return json.dumps(value)
