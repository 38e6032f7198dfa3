"""The spots in Redis: the last tick of each symbol and the series of all of them, written by one script."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from redis.client import Redis

from marketswarm import keys
from marketswarm.model.chain import Source
from marketswarm.model.contract import number_text
from marketswarm.model.spot import SpotReading
from marketswarm.reachable import store_reachable
from marketswarm.scripts import script


@dataclass(frozen=True, slots=True)
class Published:
    """What became of one slot: symbols published, refused because the slot was taken, and slots missed before it."""

    published: int
    refused: int
    missed: int


class RedisSpots:
    """Spots of all symbols."""

    def __init__(self, redis: Redis, address: str) -> None:
        self._redis = redis
        self._address = address

    def publish(self, slot: int, source: Source, readings: Sequence[SpotReading]) -> Published:
        """Publish one slot of the heartbeat in one step; each symbol at most once a slot."""
        names = [keys.HEARTBEAT, keys.TIMESERIES, *(keys.spot(reading.symbol) for reading in readings)]
        arguments: list[str | int] = [slot, keys.TIMESERIES_MAXLEN, source, uuid4().hex]
        for reading in readings:
            as_of = "" if reading.as_of is None else reading.as_of
            arguments += [
                reading.symbol,
                number_text(reading.spot),
                as_of,
                reading.method,
                "1" if reading.delayed else "",
            ]
        with store_reachable(self._address):
            return Published(*script("publish_spot").run(self._redis, names, arguments))

    def last(self, symbol: str) -> dict[str, str]:
        """The last tick: `ts`, `symbol`, `spot`, `source`, `method`, `seq`, `missed`, perhaps `as_of` and `delayed`; empty if none."""
        return self._hash(keys.spot(symbol))

    def heartbeat(self) -> dict[str, str]:
        """Counters of the heartbeat: `slot`, `published`, `refused`, `missed`."""
        return {name: value for name, value in self._hash(keys.HEARTBEAT).items() if name != "answer"}

    def _hash(self, name: str) -> dict[str, str]:
        with store_reachable(self._address):
            fields: Any = self._redis.hgetall(name)
        return {field.decode(): value.decode() for field, value in fields.items()}
