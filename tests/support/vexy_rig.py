"""Vexy on a real server: events as Vigil tells them, ticks and levels beside them, and what is said."""

import json
from pathlib import Path
from typing import Any

from redis import Redis

from marketswarm import keys
from marketswarm.clock import ManualClock
from marketswarm.maths.calendar import us_options_calendar
from marketswarm.model.event import Event, Fact, importance_of
from marketswarm.model.message import Message
from marketswarm.settings import Settings
from marketswarm.vexy.speak import Speaker, SpeechReport
from marketswarm.vexy_joint import speaker_of

TOLD: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("told_events.json").read_text())
"""One event of each type, with round numbers that stay what they are."""


def example(type: str, **more: Any) -> Event:
    """An event of a type, with some members changed; its id follows from what is told, as Vigil's does."""
    fields = TOLD[type] | more
    if "severity" in more:
        fields["importance"] = importance_of(fields["severity"])
    if "id" not in more:
        names = ("symbol", "type", "key", "direction", "state", "ts")
        fields["id"] = "-".join(str(fields[name]) for name in names)
    if "episode" not in more:
        fields["episode"] = fields["id"]
    return Event.model_validate(fields)


def fact(value: float | str, unit: str = "points", as_of: int = 0) -> Fact:
    """One number of an event's evidence."""
    return Fact(value=value, unit=unit, as_of=as_of)


def settings(symbols: str, session: str) -> Settings:
    """Settings of the symbols, whatever the environment says."""
    return Settings.model_validate({"MARKETSWARM_SYMBOLS": symbols, "MARKETSWARM_SESSION": session})


def speaker_on(
    redis: Redis, clock: ManualClock, *, symbols: str = "SPX,SPY", session: str = "calendar"
) -> Speaker:
    """What speaks, as it is wired."""
    return speaker_of(settings(symbols, session), redis, clock, "test", us_options_calendar())


class VexyRig:
    """Everything around one speaker."""

    def __init__(
        self, redis: Redis, clock: ManualClock, *, symbols: str = "SPX,SPY", session: str = "calendar"
    ):
        self.redis, self.clock, self.symbols = redis, clock, symbols.split(",")
        self.speaker = speaker_on(redis, clock, symbols=symbols, session=session)

    @property
    def now(self) -> int:
        """The slot in which the clock stands."""
        return self.clock.now_ms() // 10_000 * 10_000

    def tell(self, type: str = "drift", **more: Any) -> Event:
        """Vigil tells an event of this slot."""
        event = example(type, **({"ts": self.now} | more))
        self.put(event.model_dump_json(exclude_none=True))
        return event

    def end(self, begun: Event, **more: Any) -> Event:
        """Vigil tells the end of an event."""
        fields = {"key": begun.key, "direction": begun.direction, "symbol": begun.symbol}
        evidence = {"lasted": fact(60, "seconds", self.now)}
        return self.tell(
            begun.type, **(fields | {"state": "exit", "episode": begun.episode, "evidence": evidence} | more)
        )

    def put(self, text: str | bytes) -> str:
        """An entry of the stream of events, whatever it holds."""
        return self.redis.xadd(keys.VIGIL_EVENTS, {"event": text}).decode()

    def tick(
        self, spot: float = 6800.0, *, degraded: str = "", state: str = "live", is_judged: bool = True
    ) -> None:
        """A spot of every symbol in this slot, and levels judged at it."""
        for symbol in self.symbols:
            self.redis.xadd(keys.TIMESERIES, {"ts": self.now, "symbol": symbol, "spot": spot})
            if is_judged:
                self.publish(symbol, spot, degraded=degraded, state=state)

    def publish(self, symbol: str, spot: float, *, degraded: str = "", state: str = "live") -> None:
        """Levels, as Vigil publishes them."""
        chain: dict[str, Any] = {
            "as_of": self.now,
            "expiration": "2026-11-23",
            "coverage": 0.97,
            "method": "some",
        }
        chain |= {"degraded": degraded} if degraded else {}
        levels: dict[str, dict[str, Any]] = {
            "spot": {"value": spot, "unit": "points", "method": "heartbeat", "as_of": self.now},
            "quality": {"value": {"coverage": 0.97}, "unit": "shares", "chain_state": state} | chain,
            "flip": {"value": 6795.4, "unit": "points"} | chain,
            "regime": {"value": 0.21, "unit": "share"} | chain,
            "call_wall": {"value": {"strike": 6850.0, "dominance": 0.3}, "unit": "points"} | chain,
            "put_wall": {"value": {"strike": 6750.0, "dominance": 0.3}, "unit": "points"} | chain,
            "move_left": {"value": 42.0, "unit": "points"} | chain,
            "move_open": {"value": 60.0, "unit": "points", "method": "straddle", "as_of": self.now},
            "volatility": {"value": 0.154, "unit": "fraction per year"} | chain,
        }
        self.redis.delete(keys.vigil_levels(symbol))
        self.redis.hset(
            keys.vigil_levels(symbol), mapping={name: json.dumps(one) for name, one in levels.items()}
        )
        self.redis.hset(keys.CHAIN_CURRENT, symbol, "2026-11-23")

    def speak(self) -> SpeechReport:
        """One time."""
        return self.speaker.speak()

    def phases(self) -> SpeechReport:
        """One look at the phase."""
        return self.speaker.tell_phases()

    def pass_time(self, seconds: float, *, is_judged: bool = True, speaks: bool = False) -> None:
        """Ticks come every ten seconds."""
        for _ in range(round(seconds / 10)):
            self.clock.advance(10)
            self.tick(is_judged=is_judged)
            if speaks:
                self.speak()

    def messages(self) -> list[Message]:
        """What was said, in order."""
        entries: Any = self.redis.xrange(keys.VEXY_MESSAGES)
        return [Message.model_validate_json(fields[b"message"]) for _, fields in entries]

    def refs(self) -> list[str]:
        """The events that were told, in order."""
        return [ref for one in self.messages() if one.kind in {"event", "system"} for ref in one.refs]

    def marks(self, symbol: str = "SPX") -> dict[str, dict[str, Any]]:
        """The marks that stand, by id."""
        found: Any = self.redis.hgetall(keys.vexy_widgets(symbol))
        return {name.decode(): json.loads(text) for name, text in found.items()}

    def state(self) -> dict[str, Any]:
        """What she knows."""
        text: Any = self.redis.get(keys.VEXY_STATE)
        return {} if text is None else json.loads(text)

    def group(self) -> tuple[str, int]:
        """How far the group has come, and how much is pending."""
        (one,) = self.redis.xinfo_groups(keys.VIGIL_EVENTS)
        return one["last-delivered-id"].decode(), one["pending"]

    def newest(self) -> str:
        """The id of the newest event's entry."""
        return self.redis.xrevrange(keys.VIGIL_EVENTS, count=1)[0][0].decode()

    def group_or_beginning(self) -> str:
        """How far the group has come; the beginning when there is none."""
        groups = self.redis.xinfo_groups(keys.VIGIL_EVENTS)
        return groups[0]["last-delivered-id"].decode() if groups else "0-0"
