"""Vexy's edge: events, ticks and levels in, and everything out in one step.

How far events are heard stands in her state; the group `vexy` goes along, so that everybody can see it, and says it where there is no
usable state. Nothing is held between reading and writing: whoever was overtaken writes nothing, and looks again.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha1
from typing import Any, Final

from redis.client import Redis

from marketswarm import keys
from marketswarm.reachable import keys_reachable
from marketswarm.scripts import script
from marketswarm.vexy.inbox import (
    Known,
    News,
    RawEntry,
    Unusable,
    event_in,
    levels_in,
    marks_in,
    order_of,
    ticks_in,
)
from marketswarm.vexy.quality import judged_ms
from marketswarm.vexy.state import BEGINNING

EVENTS_AT_ONCE: Final = 100
_TICKS_AT_ONCE: Final = 10_000  # of all symbols: with four of them, a session's
_CONSUMER: Final = "vexy"
_OVERDUE_MS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is written.

    Attributes:
        began: the state with which it began. `state`: the one after it.
        entries: how many events were dealt with. `heard`: id of the last of all that ever were.
        messages: as JSON, in order.
        put, taken: symbol → marks as JSON by id, and ids of marks that go.
    """

    began: bytes | None
    state: bytes
    entries: int
    heard: str
    messages: Sequence[bytes] = ()
    unusable: Sequence[Unusable] = ()
    put: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    taken: Mapping[str, Sequence[str]] = field(default_factory=dict)


class RedisVexy:
    """What Vexy reads and writes."""

    def __init__(self, redis: Redis, address: str, *, symbols: Sequence[str]) -> None:
        self._redis = redis
        self._address = address
        self._symbols = frozenset(symbols)

    def state(self) -> bytes | None:
        """The state, as it is stored; None when there is none."""
        with self._reached({keys.VEXY_STATE: "string"}):
            text: Any = self._redis.get(keys.VEXY_STATE)
        return None if text is None else bytes(text)

    def group_place(self) -> str:
        """How far the group has come; the beginning when it is not there."""
        with self._reached({keys.VIGIL_EVENTS: "stream"}):
            if not self._redis.exists(keys.VIGIL_EVENTS):
                return BEGINNING
            groups: Any = self._redis.xinfo_groups(keys.VIGIL_EVENTS)
        places = {_text(one["name"]): _text(one["last-delivered-id"]) for one in groups}
        return places.get(keys.VEXY_GROUP, BEGINNING)

    def news(self, heard: str, ticked: str) -> News:
        """What stands behind those places; of ticks, the last ones when none were read yet."""
        types = {keys.VIGIL_EVENTS: "stream", keys.TIMESERIES: "stream", keys.CHAIN_CURRENT: "hash"}
        with self._reached(types), self._redis.pipeline(transaction=True) as pipe:
            pipe.xrange(keys.VIGIL_EVENTS, f"({heard}", count=EVENTS_AT_ONCE)
            pipe.xrange(keys.VIGIL_EVENTS, count=1)
            pipe.xrevrange(keys.VIGIL_EVENTS, count=1)
            if ticked:
                pipe.xrange(keys.TIMESERIES, f"({ticked}", count=_TICKS_AT_ONCE)
            else:
                pipe.xrevrange(keys.TIMESERIES, count=_TICKS_AT_ONCE)
            pipe.hkeys(keys.CHAIN_CURRENT)
            entries, first, last, ticks, held = pipe.execute()
        if last and order_of(_text(last[0][0])) < order_of(heard):  # the stream was begun anew
            return self.news(BEGINNING, ticked)
        symbols = self._symbols | {_text(name) for name in held}
        is_cut = heard != BEGINNING and bool(first) and order_of(_text(first[0][0])) > order_of(heard)
        return _news(entries, ticks if ticked else ticks[::-1], symbols, heard, ticked, is_cut=is_cut)

    def known(self, symbols: Sequence[str]) -> dict[str, Known]:
        """What stands in the store of those symbols."""
        types = {keys.CHAIN_CURRENT: "hash"}
        types |= {
            name(symbol): "hash" for symbol in symbols for name in (keys.vigil_levels, keys.vexy_widgets)
        }
        with self._reached(types), self._redis.pipeline(transaction=True) as pipe:
            for symbol in symbols:
                pipe.hgetall(keys.vigil_levels(symbol))
                pipe.hgetall(keys.vexy_widgets(symbol))
                pipe.hget(keys.CHAIN_CURRENT, symbol)
            answers = pipe.execute()
        rows = zip(symbols, answers[::3], answers[1::3], answers[2::3], strict=True)
        return {
            symbol: Known(levels_in(levels), marks_in(marks), _day(expiration))
            for symbol, levels, marks, expiration in rows
        }

    def judged(self, symbols: Sequence[str]) -> dict[str, int]:
        """Symbol → the slot of the tick that was judged last, ms; 0 where there is none."""
        types = dict.fromkeys(map(keys.vigil_levels, symbols), "hash")
        with self._reached(types), self._redis.pipeline(transaction=False) as pipe:
            for symbol in symbols:
                pipe.hget(keys.vigil_levels(symbol), "spot")
            answers = pipe.execute()
        texts = zip(symbols, answers, strict=True)
        return {symbol: judged_ms(levels_in({b"spot": text or b""})) for symbol, text in texts}

    def commit(self, outcome: Outcome) -> bool:
        """Write all of it in one step; False when another was quicker, and nothing is written."""
        marked = sorted(outcome.put.keys() | outcome.taken.keys())
        types = {
            keys.VIGIL_EVENTS: "stream",
            keys.VEXY_STATE: "string",
            keys.VEXY_MESSAGES: "stream",
            keys.VEXY_UNUSABLE: "list",
        } | dict.fromkeys(map(keys.vexy_widgets, marked), "hash")
        arguments: list[str | bytes | int | float] = [
            "" if outcome.began is None else sha1(outcome.began, usedforsecurity=False).hexdigest(),
            outcome.state,
            keys.VEXY_GROUP,
            _CONSUMER,
            outcome.entries,
            _OVERDUE_MS,
            outcome.heard,
            keys.VEXY_MESSAGES_MAXLEN,
            keys.VEXY_UNUSABLE_MAXLEN,
            len(outcome.messages),
            len(outcome.unusable),
            *outcome.messages,
            *(one.as_json() for one in outcome.unusable),
        ]
        for symbol in marked:
            put, taken = outcome.put.get(symbol, {}), outcome.taken.get(symbol, ())
            arguments += [2 * len(put), len(taken), *(word for pair in put.items() for word in pair), *taken]
        with self._reached(types):
            return bool(script("commit_speech").run(self._redis, list(types), arguments))

    # -- inside -------------------------------------------------------------

    def _reached(self, types: Mapping[str, str]) -> AbstractContextManager[None]:
        return keys_reachable(self._redis, self._address, types)


def _news(
    entries: Sequence[RawEntry],
    ticks: Sequence[RawEntry],
    symbols: frozenset[str],
    heard: str,
    ticked: str,
    *,
    is_cut: bool,
) -> News:
    found = [event_in(entry, symbols) for entry in entries]
    return News(
        entries=len(entries),
        heard=_text(entries[-1][0]) if entries else heard,
        events=tuple(one for one in found if not isinstance(one, Unusable)),
        unusable=tuple(one for one in found if isinstance(one, Unusable)),
        is_more=len(entries) == EVENTS_AT_ONCE,
        is_cut=is_cut,
        ticks=ticks_in(ticks, symbols),
        ticked=_text(ticks[-1][0]) if ticks else ticked,
    )


def _text(stored: Any) -> str:
    return stored.decode(errors="replace") if isinstance(stored, bytes) else str(stored)


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(_text(text)) if text else None
    except ValueError:
        return None
