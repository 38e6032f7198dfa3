"""Joins Vigil to store, calendar and settlement; apart from `wiring.py`, so that only those who evaluate import numpy."""

from collections.abc import Mapping

from redis.client import Redis

from marketswarm.clock import Clock
from marketswarm.maths.calendar import OutsideCalendar, SessionCalendar, new_york_day
from marketswarm.maths.settlement import settlement_ms
from marketswarm.model.chain import ChainId
from marketswarm.settings import Settings
from marketswarm.thresholds_joint import thresholds_of
from marketswarm.vigil.columns import ChainColumns
from marketswarm.vigil.engine import Engine
from marketswarm.vigil.hours import session_time
from marketswarm.vigil.levels.whole import picture_of
from marketswarm.vigil.picture import Picture
from marketswarm.vigil.redis_vigil import RedisVigil
from marketswarm.vigil.registry import DETECTORS
from marketswarm.vigil.sighting import SessionTime
from marketswarm.vigil.watch import Watch


class VigilJoint:
    """Makes what evaluates symbols."""

    def __init__(
        self, settings: Settings, redis: Redis, clock: Clock, address: str, calendar: SessionCalendar
    ) -> None:
        self._calendar = calendar
        self._is_always_open = settings.session_mode == "always"
        self.watch = Watch(
            RedisVigil(redis, clock, address, symbols=settings.symbols),
            Engine(DETECTORS, thresholds_of(settings), is_always_open=self._is_always_open),
            clock,
            picture_of=_picture,
            session_of=self.session_of,
            settles_ms=self.settles_ms,
            session_day=self.session_day,
        )

    def session_of(self, ts: int) -> SessionTime:
        """Where in the trading day a moment lies."""
        return session_time(self._calendar, ts, is_always_open=self._is_always_open)

    def settles_ms(self, chain: ChainId, root: str) -> int:
        """When a root of a chain settles, ms since the epoch."""
        return settlement_ms(self._calendar, root, chain.expiration)

    def session_day(self, ts: int) -> str:
        """The session whose open interest was known then: that of the day, or the last one before it; empty beyond the calendar."""
        day = new_york_day(ts)
        try:
            held = day if self._calendar.is_session(day) else self._calendar.previous_session(day)
        except OutsideCalendar:
            return ""
        return held.isoformat()


def _picture(columns: ChainColumns, is_open: bool, carry: Mapping[str, float]) -> Picture:
    return picture_of(columns, in_session=is_open, carry=carry)
