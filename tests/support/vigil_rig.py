"""Vigil on a real server: chains with greeks, a heartbeat that ticks when told, and evaluations."""

import json
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from msgspec import Struct
from redis import Redis

from marketswarm.chain.redis_store import RedisChainStore
from marketswarm.clock import ManualClock
from marketswarm.greeks_joint import GreeksJoint
from marketswarm.maths.calendar import us_options_calendar
from marketswarm.model.chain import ChainId
from marketswarm.model.spot import SpotReading
from marketswarm.settings import Settings
from marketswarm.spot.redis_spots import RedisSpots
from marketswarm.vigil.engine import Engine
from marketswarm.vigil.sighting import Detector, Moment, Sighting
from marketswarm.vigil.watch import EvaluationReport, Watch
from marketswarm.vigil_joint import VigilJoint
from tests.support.builders import SPX, ticker
from tests.support.priced_chain import PricedChain

SLOT = 1_795_446_000_000  # where the clock of the tests stands
NEXT = ChainId("SPX", date(2026, 11, 24))


class Seen(Struct, frozen=True):
    """The expiration of the last tick."""

    expiration: str = ""
    ticks: int = 0


def _watch(memory: Seen, moment: Moment) -> tuple[Seen, tuple[Sighting, ...]]:
    """One pulse for every tick, so that each judgement can be counted; another one when the chain changes."""
    day = moment.chain.expiration.isoformat() if moment.chain else ""
    told = [("drift", str(moment.tick.ts))]
    if memory.expiration and memory.expiration != day:
        told.append(("expiry_roll", day))
    sightings = tuple(
        Sighting(type=kind, key=key, magnitude=1, enter=1, leave=1, title=key, is_pulse=True, cooldown_s=0)
        for kind, key in told
    )
    return Seen(day, memory.ticks + 1), sightings


COUNTING = Detector("counting", 1, "tells every tick", Seen, _watch, needs_chain=False)


def counting_engine(detector: Detector = COUNTING) -> Engine:
    """An engine that tells every tick that it judges."""
    return Engine((detector,), {detector.name: None})


def settings(symbols: str = "SPX", **values: str) -> Settings:
    """Settings with the exchange's calendar, whatever the environment says."""
    return Settings.model_validate(
        {"MARKETSWARM_SYMBOLS": symbols, "MARKETSWARM_SESSION": "calendar"} | values
    )


def watch_on(
    redis: Redis, clock: ManualClock, engine: Engine | None = None, *, symbols: str = "SPX"
) -> Watch:
    """An evaluator as it is wired, with another engine if there is one."""
    watch = VigilJoint(settings(symbols), redis, clock, "test", us_options_calendar()).watch
    watch._engine = engine or watch._engine
    return watch


class VigilRig:
    """Everything around one evaluator."""

    def __init__(self, redis: Redis, store: RedisChainStore, clock: ManualClock, commit: Any) -> None:
        self.redis, self.store, self.clock, self._commit = redis, store, clock, commit
        self._spots = RedisSpots(redis, "test")
        self._greeks = GreeksJoint(store, self._spots, us_options_calendar(), clock)
        self.watch = watch_on(redis, clock, counting_engine())

    def load(
        self,
        chain: ChainId = SPX,
        spot: float = 6800.0,
        *,
        run: str = "run",
        interest: Callable[[int, str], int] | None = None,
        **more: Any,
    ) -> None:
        """Store a chain with greeks as a load does, and call it live; `interest` says what is open of a strike and type."""
        market = PricedChain(now_ms=self.clock.now_ms(), settles_ms=_close_ms(chain))
        named = {
            strike: {
                kind: ticker(strike, kind).replace("261123", f"{chain.expiration:%y%m%d}") for kind in _SIDES
            }
            for strike in market.strikes
        }
        rows = [
            market.contract(
                strike,
                kind,
                ticker=named[strike][kind],
                expiration=chain.expiration,
                **(more | ({"open_interest": interest(strike, kind)} if interest else {})),
            )
            for strike in market.strikes
            for kind in _SIDES
        ]
        valued = self._greeks.load_greeks().whole(chain, rows, spot)
        self._commit(valued, chain=chain, run=run)
        self.redis.hset(f"chainmeta:{chain.symbol}:{chain.expiration}", "state", "live")

    def tick(self, spot: float = 6800.0, symbols: Sequence[str] = ("SPX",), *, steps: int = 1) -> None:
        """The heartbeat's next slots, all at that spot."""
        for _ in range(steps):
            readings = [SpotReading(symbol, spot, self.clock.now_ms(), "unified") for symbol in symbols]
            self._spots.publish(self.clock.now_ms() // 10_000 * 10_000, "sim", readings)
            self.clock.advance(10)

    def evaluate(self, symbol: str = "SPX") -> EvaluationReport:
        """One evaluation."""
        return self.watch.evaluate(symbol)

    def levels(self, symbol: str = "SPX") -> dict[str, Any]:
        """What is published."""
        found: Any = self.redis.hgetall(f"vigil:levels:{symbol}")
        return {name.decode(): json.loads(text) for name, text in found.items()}

    def events(self) -> list[dict[str, Any]]:
        """What was told, in order."""
        entries: Any = self.redis.xrange("vigil:events")
        return [json.loads(fields[b"event"]) for _, fields in entries]

    def judged(self) -> list[int]:
        """The slots that were judged, in order, by the engine that tells every tick."""
        return [int(event["key"]) for event in self.events() if event["type"] == "drift"]


_SIDES = ("call", "put")


def _close_ms(chain: ChainId) -> int:
    return us_options_calendar().session(chain.expiration).close_ms
