"""A trading day of one symbol through Vigil: the whole of an evaluation in one process, with a store and without one."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
from redis import Redis

from benchmarks.staged_chain import StoredScene, stored_scenes
from marketswarm import keys
from marketswarm.clock import ManualClock
from marketswarm.maths.calendar import us_options_calendar
from marketswarm.model.spot import SpotReading
from marketswarm.settings import Settings
from marketswarm.spot.redis_spots import RedisSpots
from marketswarm.vigil.inbox import ChainSnapshot, Inbox, WaitingTick
from marketswarm.vigil.redis_vigil import Outcome, RedisVigil, Sorted
from marketswarm.vigil_joint import VigilJoint

SYMBOL = "SPX"
_SCENARIO = "crash"
_ADDRESS = "bench"


@dataclass(slots=True)
class Day:
    """What was seen, in ms and bytes, an entry a tick; `stored` of the last ticks only.

    Attributes:
        pure: one evaluation without a store. `decoding`: the contracts' JSON alone.
        stored: the same with reading and writing.
        states: sizes of the state.
        events: how many were told.
    """

    pure: list[float] = field(default_factory=list)
    decoding: list[float] = field(default_factory=list)
    stored: list[float] = field(default_factory=list)
    states: list[int] = field(default_factory=list)
    events: int = 0


class Shelf(RedisVigil):
    """Stands where the store does, and holds what it is given: all that remains is the evaluation."""

    def __init__(self) -> None:
        self.scene: StoredScene | None = None
        self.state: bytes | None = None
        self.told = 0
        self._ticks = 0

    def sort_news(self) -> Sorted:
        """Nothing to sort."""
        return Sorted(0, 0, 0)

    def inbox(self, symbol: str) -> Inbox:
        """The scene's tick, and the state of the evaluation before."""
        scene, self._ticks = self._scene(symbol), self._ticks + 1
        tick = WaitingTick(scene.ts, scene.spot, self._ticks)
        return Inbox(self.state, (tick,), {}, {}, tick_seq=self._ticks - 1)

    def chain_in_force(self, symbol: str) -> ChainSnapshot:
        """The scene's chain."""
        scene = self._scene(symbol)
        return ChainSnapshot(scene.chain, "live", 1, self._ticks, scene.ts, scene.contracts)

    def commit(self, symbol: str, outcome: Outcome) -> bool:  # noqa: ARG002  as the store's own is called
        """Keep the state; what else is written was made all the same."""
        self.state, self.told = outcome.state, self.told + len(outcome.events)
        return True

    def _scene(self, symbol: str) -> StoredScene:
        assert self.scene is not None
        assert self.scene.chain.symbol == symbol
        return self.scene


def live_through(redis: Redis, *, ticks: int, stored: int) -> Day:
    """A day with a crash in its first hour, tick by tick; the last ones once more with the store, from the same state."""
    clock, shelf, day = ManualClock(), Shelf(), Day()
    settings = Settings.model_validate({"MARKETSWARM_SYMBOLS": SYMBOL, "MARKETSWARM_SESSION": "calendar"})
    pure, whole = _watch(settings, redis, clock, shelf), _watch(settings, redis, clock)
    spots = RedisSpots(redis, _ADDRESS)
    for number, scene in enumerate(stored_scenes(_SCENARIO, ticks, symbol=SYMBOL)):
        clock.advance((scene.ts - clock.now_ms()) / 1000)
        before, shelf.scene = shelf.state, scene
        day.decoding.append(_ms(lambda given=scene: _decoded(given)))
        day.pure.append(_ms(pure))
        day.states.append(len(shelf.state or b""))
        if number >= ticks - stored:
            if not day.stored:
                redis.set(keys.vigil_state(SYMBOL), before or b"")
            _publish(redis, spots, scene, number)
            day.stored.append(_ms(whole))
    day.events = shelf.told
    return day


def _watch(
    settings: Settings, redis: Redis, clock: ManualClock, store: RedisVigil | None = None
) -> Callable[[], None]:
    """One evaluation as it is wired, with another store if there is one; all of it or an error."""
    watch = VigilJoint(settings, redis, clock, _ADDRESS, us_options_calendar()).watch
    watch._store = store or watch._store

    def evaluate() -> None:
        report = watch.evaluate(SYMBOL)
        if report.judged != 1 or report.failed:
            raise RuntimeError(f"an evaluation judged {report.judged} ticks, and failed in {report.failed}")

    return evaluate


def _publish(redis: Redis, spots: RedisSpots, scene: StoredScene, number: int) -> None:
    """The chain and the tick, as the stages before would write them."""
    chain, day = scene.chain, scene.chain.expiration.isoformat()
    meta = {"epoch": 1, "seq": number + 1, "state": "live", "loaded_ms": scene.ts}
    with redis.pipeline(transaction=True) as pipe:
        pipe.hset(keys.CHAIN_CURRENT, chain.symbol, day)
        pipe.hset(keys.chain_meta(chain.symbol, day), mapping=meta)
        pipe.hset(keys.chain(chain.symbol, day), mapping=dict(scene.contracts))
        pipe.execute()
    spots.publish(scene.ts, "sim", [SpotReading(chain.symbol, scene.spot, scene.ts, "unified")])


def _decoded(scene: StoredScene) -> object:
    return [msgspec.json.decode(text) for text in scene.contracts.values()]


def _ms(act: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    act()
    return (time.perf_counter() - began_s) * 1000
