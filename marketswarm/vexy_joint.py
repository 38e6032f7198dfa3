"""Joins Vexy to store, clock and calendar; made by whoever speaks, so that only those read her words."""

from redis.client import Redis

from marketswarm.clock import Clock
from marketswarm.maths.calendar import SessionCalendar
from marketswarm.settings import Settings
from marketswarm.vexy.hours import Hours
from marketswarm.vexy.redis_vexy import RedisVexy
from marketswarm.vexy.speak import Speaker


def speaker_of(
    settings: Settings, redis: Redis, clock: Clock, address: str, calendar: SessionCalendar
) -> Speaker:
    """What speaks of the configured symbols."""
    return Speaker(
        RedisVexy(redis, address, symbols=settings.symbols),
        clock,
        Hours(calendar, is_always_open=settings.session_mode == "always"),
        symbols=settings.symbols,
    )
