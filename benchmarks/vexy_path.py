"""From an event to its message, with four symbols on one real worker; and one time that Vexy speaks, in one process."""

import json
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from redis import Redis

from benchmarks.children.events import event_of
from benchmarks.children.orders import child
from benchmarks.settings import SYMBOLS, BenchSettings, say
from benchmarks.stage import KEY, market_process
from benchmarks.vigil_path import entry_ms, plain_lags, plain_worker
from marketswarm import keys
from marketswarm.clock import ManualClock
from tests.support.spine import STREAM, WORKER, spine
from tests.support.vexy_rig import VexyRig

_NAME = "vexy"
_PAUSE_S, _SETTLE_S, _WARM = (
    0.3,
    3.0,
    3,
)  # rounds that are not counted: they open connections and read the words
_START_MS = 1_795_446_000_000


@dataclass(slots=True)
class Path:
    """What became of the events, in ms: from an event's entry to its message's; and the lags of a bare Celery task.

    Attributes:
        unheard: events without a message. `twice`: messages too many.
    """

    messages: list[float] = field(default_factory=list)
    plain: list[float] = field(default_factory=list)
    unheard: int = 0
    twice: int = 0


@dataclass(slots=True)
class Alone:
    """One event heard and told in one process, in ms; a bare read and write of the same bytes; and the state's size, bytes."""

    spoken: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    state: int = 0


def follow_events(settings: BenchSettings, *, rounds: int) -> Path:
    """Events of all symbols at once, round after round, while quotes come in."""
    with ExitStack() as stack:
        _, bases = stack.enter_context(market_process(settings, _NAME))
        folder = settings.room(_NAME)
        running = stack.enter_context(spine(folder, bases["rest"], bases["ws"], MASSIVE_API_KEY=KEY))
        running.start("worker", *WORKER)
        running.start("stream", *STREAM)
        running.wait_live(*SYMBOLS)
        plain_url, plain = stack.enter_context(plain_worker(settings, _NAME))
        teller = stack.enter_context(child("events", folder, running.env | {"BENCH_REDIS": plain_url}))
        say(f"{_NAME}: {rounds} rounds of {len(SYMBOLS)} events, {2 * _PAUSE_S:g} s apart")
        spots = {symbol: float(running.meta(symbol)["spot"]) for symbol in SYMBOLS}
        sent, slot = [], 0
        for number in range(rounds):
            if slot != (slot := _slot_ms()):  # without fresh spots there is nothing to speak of
                teller.ask("tick", slot=slot, spots=spots)
            teller.ask("tell", number=number, symbols=list(SYMBOLS), ts=slot)
            time.sleep(_PAUSE_S)
            sent.append(teller.ask("plain", times=len(SYMBOLS)))
            time.sleep(_PAUSE_S)
        time.sleep(_SETTLE_S)
        path = path_of(running.redis.xrange(keys.VIGIL_EVENTS), running.redis.xrange(keys.VEXY_MESSAGES))
        path.plain = plain_lags(sent, [entry_ms(one) for one, _ in plain.xrange("plain:ticks")])
        return path


def _slot_ms() -> int:
    return round(time.time() * 1000) // 10_000 * 10_000


def path_of(
    events: Sequence[tuple[str, dict[str, str]]], messages: Sequence[tuple[str, dict[str, str]]]
) -> Path:
    """Lags behind the entries of events, by the server's own clock; those of Vigil's own making are left out."""
    told: Counter[str] = Counter()
    at: dict[str, float] = {}
    for name, fields in messages:
        message = json.loads(fields["message"])
        if message["kind"] == "event":
            told.update(message["refs"])
            at |= dict.fromkeys(message["refs"], entry_ms(name))
    written = {json.loads(fields["event"])["id"]: entry_ms(name) for name, fields in events}
    ours = {name: when for name, when in written.items() if name.partition("-")[0] in SYMBOLS}
    counted = {name: when for name, when in ours.items() if int(name.partition("-")[2]) >= _WARM}
    return Path(
        messages=[at[name] - when for name, when in counted.items() if name in at],
        unheard=sum(name not in told for name in ours),
        twice=sum(times - 1 for name, times in told.items() if name in ours),
    )


def speak_alone(redis: Redis, *, times: int) -> Alone:
    """One event after the other, in one process; levels of two symbols beside it."""
    rig, alone = VexyRig(redis, ManualClock(_START_MS)), Alone()
    for number in range(times):
        rig.clock.advance(10)
        rig.tick()
        text = event_of("SPX", number, rig.now).model_dump_json(exclude_none=True)
        rig.put(text)
        began = time.perf_counter()
        rig.speak()
        alone.spoken.append((time.perf_counter() - began) * 1000)
        alone.bare.append(_bare_ms(redis, text))
    alone.state = len(_bytes(redis.get(keys.VEXY_STATE)))
    return alone


def _bare_ms(redis: Redis, text: str) -> float:
    """Read an entry of a group, write a message of the same bytes, and acknowledge."""
    newest = _bytes(redis.xrevrange(keys.VEXY_MESSAGES, count=1)[0][1][b"message"])
    if not redis.exists("bare:events"):
        redis.xgroup_create("bare:events", "bare", "0", mkstream=True)
    redis.xadd("bare:events", {"event": text})
    began = time.perf_counter()
    answer: Any = redis.xreadgroup("bare", "bare", {"bare:events": ">"}, count=1)
    entry = (answer[0][1] if isinstance(answer, list) else next(iter(answer.values()))[0])[0][0]
    with redis.pipeline(transaction=True) as pipe:
        pipe.xadd("bare:messages", {"message": newest})
        pipe.xack("bare:events", "bare", entry)
        pipe.execute()
    return (time.perf_counter() - began) * 1000


def _bytes(value: Any) -> bytes:
    return bytes(value)
