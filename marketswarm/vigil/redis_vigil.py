"""Vigil's edge: news in, one inbox a symbol, and everything out in one step.

News come through consumer groups that are over all symbols; an evaluation is of one. So whoever evaluates first sorts what is new
into the inboxes of all. Nothing is held meanwhile: two evaluations of one symbol may begin with the same inbox, and the script
lets only that one write which still finds the state that it began with.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from hashlib import sha1
from typing import Any, Final

from redis.client import Redis

from marketswarm import keys
from marketswarm.clock import Clock
from marketswarm.model.chain import ChainId
from marketswarm.reachable import keys_reachable
from marketswarm.scripts import Script, Value, script
from marketswarm.vigil.inbox import ChainSnapshot, Inbox, inbox_from, snapshot_from

KEPT_TICKS: Final = 360
"""An hour of ticks waits for its evaluation; what is older is not worth one."""

AHEAD_MS: Final = 60_000
"""So far ahead of our clock a slot may be: another worker's clock is another, and a call may be held up."""

_CONSUMER: Final = "vigil"
_TICKS_AT_ONCE: Final = 256
_CHANGES_AT_ONCE: Final = 50  # of up to 15 kB
_OVERDUE_MS: Final = 10_000
_MOST_CALLS: Final = (
    500  # more than all that the streams hold; a bound, should they grow faster than they are read
)
_LOOKS: Final = 3  # at a chain that is rolling


@dataclass(frozen=True, slots=True)
class Sorted:
    """What one sorting did: ticks and entries of the feed, and how many of both could not be used."""

    ticks: int
    changes: int
    unusable: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an evaluation writes.

    Attributes:
        began: the state with which it began.
        state: the one after it.
        judged_ms: the slot up to which ticks are judged.
        events: as JSON, in order. `levels`: name → JSON.
        marks, gone: fields of the counts that are judged, and that are over.
    """

    began: bytes | None
    state: bytes
    judged_ms: int
    events: Sequence[bytes]
    levels: Mapping[str, bytes]
    marks: Mapping[str, str]
    gone: Sequence[str]


class RedisVigil:
    """News, state, levels and events of all symbols."""

    def __init__(self, redis: Redis, clock: Clock, address: str, *, symbols: Sequence[str]) -> None:
        self._redis = redis
        self._clock = clock
        self._address = address
        self._symbols = tuple(symbols)

    def sort_news(self) -> Sorted:
        """Bring all that is new into the inboxes of all symbols, also of those that only other workers evaluate."""
        symbols = self._known_symbols()
        ours: list[Value] = [keys.VIGIL_GROUPS.spot, _CONSUMER, _TICKS_AT_ONCE, _OVERDUE_MS, KEPT_TICKS]
        ticks, bad_ticks = self._sort(
            script("sort_ticks"),
            {keys.TIMESERIES: "stream"} | dict.fromkeys(map(keys.vigil_ticks, symbols), "zset"),
            lambda: [*ours, self._clock.now_ms() + AHEAD_MS, *symbols],
        )
        changes, bad_changes = self._sort(
            script("sort_changes"),
            {keys.CHAIN_FEED: "stream"} | dict.fromkeys(map(keys.vigil_changes, symbols), "hash"),
            lambda: [keys.VIGIL_GROUPS.chain_shift, _CONSUMER, _CHANGES_AT_ONCE, _OVERDUE_MS, *symbols],
        )
        return Sorted(ticks, changes, bad_ticks + bad_changes)

    def inbox(self, symbol: str) -> Inbox:
        """What waits for an evaluation of the symbol."""
        state_key, ticks_key, changes_key = (
            keys.vigil_state(symbol),
            keys.vigil_ticks(symbol),
            keys.vigil_changes(symbol),
        )
        with (
            self._reached({state_key: "string", ticks_key: "zset", changes_key: "hash"}),
            self._redis.pipeline(transaction=True) as pipe,
        ):
            pipe.get(state_key)
            pipe.zrange(ticks_key, 0, -1)
            pipe.hgetall(changes_key)
            state, ticks, counts = pipe.execute()
        return inbox_from(state, ticks, counts)

    def chain_in_force(self, symbol: str) -> ChainSnapshot | None:
        """The symbol's chain with its cursor, in one step; None when there is none, or it is not stored."""
        day = self._expiration(symbol)
        for _ in range(_LOOKS):
            if day is None:
                return None
            now, meta, contracts = self._read_chain(symbol, day)
            if now == day:
                return snapshot_from(ChainId(symbol, day), meta, contracts)
            day = now
        return None

    def commit(self, symbol: str, outcome: Outcome) -> bool:
        """Write an evaluation in one step; False when another one was quicker, and nothing is written."""
        names = [
            keys.vigil_state(symbol),
            keys.vigil_levels(symbol),
            keys.VIGIL_EVENTS,
            keys.vigil_ticks(symbol),
            keys.vigil_changes(symbol),
        ]
        arguments = [
            "" if outcome.began is None else sha1(outcome.began, usedforsecurity=False).hexdigest(),
            outcome.state,
            outcome.judged_ms,
            keys.VIGIL_EVENTS_MAXLEN,
            len(outcome.events),
            2 * len(outcome.marks),
            len(outcome.gone),
            *outcome.events,
            *(word for pair in outcome.marks.items() for word in pair),
            *outcome.gone,
            *(word for pair in outcome.levels.items() for word in pair),
        ]
        types = ("string", "hash", "stream", "zset", "hash")
        with self._reached(dict(zip(names, types, strict=True))):
            return bool(script("commit_evaluation").run(self._redis, names, arguments))

    # -- inside -------------------------------------------------------------

    def _reached(self, types: Mapping[str, str]) -> AbstractContextManager[None]:
        return keys_reachable(self._redis, self._address, types)

    def _known_symbols(self) -> list[str]:
        with self._reached({keys.CHAIN_CURRENT: "hash"}):
            held: Any = self._redis.hkeys(keys.CHAIN_CURRENT)
        return sorted({*self._symbols, *(name.decode(errors="replace") for name in held)})

    def _sort(
        self, lua: Script, types: Mapping[str, str], arguments: Callable[[], Sequence[Value]]
    ) -> tuple[int, int]:
        done, unusable = 0, 0
        with self._reached(types):
            for _ in range(_MOST_CALLS):
                more, bad, is_more = lua.run(self._redis, list(types), arguments())
                done, unusable = done + more, unusable + bad
                if not is_more:
                    break
        return done, unusable

    def _expiration(self, symbol: str) -> date | None:
        with self._reached({keys.CHAIN_CURRENT: "hash"}):
            return _day(self._redis.hget(keys.CHAIN_CURRENT, symbol))

    def _read_chain(
        self, symbol: str, day: date
    ) -> tuple[date | None, dict[bytes, bytes], dict[bytes, bytes]]:
        meta_key, chain_key = keys.chain_meta(symbol, day.isoformat()), keys.chain(symbol, day.isoformat())
        with (
            self._reached(dict.fromkeys((keys.CHAIN_CURRENT, meta_key, chain_key), "hash")),
            self._redis.pipeline(transaction=True) as pipe,
        ):
            pipe.hget(keys.CHAIN_CURRENT, symbol)
            pipe.hgetall(meta_key)
            pipe.hgetall(chain_key)
            now, meta, contracts = pipe.execute()
        return _day(now), meta, contracts


def _day(text: Any) -> date | None:
    """The expiration in force; None where there is none, or where what stands there is no day."""
    try:
        return date.fromisoformat(text.decode()) if text else None
    except ValueError:
        return None
