"""What the stream says of itself, in Redis: a report of each symbol once a second, and what could not be used."""

import json
from collections.abc import Mapping
from typing import Any

from redis.client import Redis

from marketswarm import keys
from marketswarm.model.contract import Section
from marketswarm.ports import BadFrames
from marketswarm.reachable import store_reachable

REPORT_TTL_MS = 10_000
_STREAMED: tuple[Section, ...] = ("quote", "trade", "day")


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

    def streamed_sections(self, symbol: str) -> list[Section]:
        """The sections that the stream brings of the symbol: those of whose channels the plan refuses none."""
        refused = self.read(symbol).get("not_streamed", ())
        return [section for section in _STREAMED if section not in refused]

    def lacks_quotes(self, symbol: str, now_ms: int) -> bool:
        """Whether a stream attends to the symbol, and its quotes are none of what it brings."""
        report = self.read(symbol)
        return "quote" in report.get("not_streamed", ()) and now_ms - int(report.get("ts", 0)) < REPORT_TTL_MS

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
