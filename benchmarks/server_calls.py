"""How long the server does nothing else for one call of the stream: from its own slow log."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from redis import Redis

from benchmarks.quantiles import Spread, spread_of

_MOST = 50_000
_SCRIPTS = (b"EVALSHA", b"EVAL", b"FCALL")


class ServerCalls:
    """The calls of scripts since it began."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def spread(self) -> Spread:
        """Of the script that took the server most time altogether, which under a stream is its own; in ms."""
        return busiest(self._redis.slowlog_get(_MOST))


@contextmanager
def server_calls(url: str) -> Iterator[ServerCalls]:
    """Every call is noted for the time of the block."""
    with Redis.from_url(url, protocol=2) as redis:
        before: Any = redis.config_get("slowlog-*")
        redis.config_set("slowlog-max-len", _MOST)
        redis.config_set("slowlog-log-slower-than", 0)
        redis.slowlog_reset()
        try:
            yield ServerCalls(redis)
        finally:
            for name, value in before.items():
                redis.config_set(name, value)
            redis.slowlog_reset()


def busiest(calls: Sequence[Mapping[str, Any]]) -> Spread:
    """The spread of the calls of one script, the one with the longest time in sum, in ms."""
    by_script: defaultdict[bytes, list[float]] = defaultdict(list)
    for call in calls:
        words = call["command"].split(b" ", 2)
        if words[0].upper() in _SCRIPTS:
            by_script[words[1]].append(call["duration"] / 1000)
    return spread_of(max(by_script.values(), key=sum, default=[]))
