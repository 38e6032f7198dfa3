"""`key_strike`: what spot does at a strike that matters, such as the call wall at 4500. Its phases are keys of their own.

- `call_wall:4500` lasts: spot is within 0.25 expected moves of it, until beyond 0.35. It does not begin after a touch in one visit.
- `call_wall:4500:touched` is told once: spot is within 5 basis points, or across it since the last tick. It is told again an hour
  later at the soonest, and only after spot has been away.
- `call_wall:4500:broken` is told once: spot pierced it after a touch, and 90 % of the spots of ten minutes are beyond.
- `call_wall:4500:held` is told once: an hour after the touch it is not broken, and spot is on the side it came from.

A piercing alone is no break. A test in the last hour of a session is never told as held: it was cut short. A wall that is crossed is
a wall no longer by its definition, so a strike is followed under the name it had when it was approached, to its break or its hold;
and one that spot leaps over from afar under the name it had before, whatever time lies between the two spots.
"""

from collections.abc import Iterator, Mapping
from typing import Final, Literal, NamedTuple

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from pydantic import BaseModel, ConfigDict, Field, model_validator

from marketswarm.model.event import Fact
from marketswarm.vigil.sighting import Detector, Moment, Sighting
from marketswarm.vigil.spot_path import (
    SpotPath,
    in_session,
    is_price,
    move_measure,
    named,
    session_path,
    shown,
)

# Where a strike has two names, the first of these is told.
_RANK: Final = ("call_wall", "put_wall", "heaviest", "max_pain")
_NAMES: Final = {
    "call_wall": "the call wall",
    "put_wall": "the put wall",
    "heaviest": "the heaviest strike",
}
_MOST: Final = 12  # strikes followed at a time
_ENOUGH: Final = 0.8  # of the slots of ten minutes must have a spot


class Thresholds(BaseModel):
    """Distances, as shares of the expected move of the open, and times."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    approach: float = Field(
        default=0.25, gt=0, lt=1, description="expected moves within which a strike is approached"
    )
    leave: float = Field(default=0.35, gt=0, lt=1, description="expected moves beyond which it is left")
    touch_bp: float = Field(default=5.0, gt=0, le=50, description="basis points within which it is touched")
    apart: float = Field(
        default=0.10, gt=0, lt=1, description="expected moves away, after which a touch is a new one"
    )
    pierce: float = Field(
        default=0.05, gt=0, lt=1, description="expected moves beyond, without which nothing is broken"
    )
    break_minutes: int = Field(default=10, ge=1, le=60, description="minutes beyond that are a break")
    break_share: float = Field(
        default=0.9, gt=0.5, le=1, description="share of their spots that must be beyond"
    )
    hold_minutes: int = Field(default=60, ge=5, le=390, description="minutes after a test without a break")
    retest_minutes: int = Field(
        default=60, ge=0, le=390, description="minutes between two touches that are told"
    )
    dwell: int = Field(default=3, ge=1, le=60, description="ticks in a row for an approach, and for its end")
    cooldown_s: float = Field(default=300, ge=0, le=7200, description="seconds after the end of an approach")

    @model_validator(mode="after")
    def _bands_lie_apart(self) -> "Thresholds":
        if self.leave <= self.approach:
            raise ValueError(f"leave is {self.leave}; it must be more than approach, {self.approach}")
        return self


class Watched(Struct, frozen=True):
    """One strike that is near, or under test.

    Attributes:
        side: where spot came from.
        tested_ms: of the running test; 0 when there is none. `tests` how often it was touched in it.
        told_ms: of the last touch that was told.
        is_apart: whether spot has been away from it, so that the next touch counts.
        is_pierced: whether spot was clearly beyond it in this test.
        is_met: whether a touch was told since spot came near: then it is told no more that spot nears it.
    """

    name: str
    strike: float
    side: Literal["below", "above"]
    tested_ms: int = 0
    tests: int = 0
    told_ms: int = 0
    is_apart: bool = True
    is_pierced: bool = False
    is_met: bool = False

    def beyond(self, spot: float) -> float:
        """Points that a spot is beyond it, as seen from the side it came from."""
        return spot - self.strike if self.side == "below" else self.strike - spot


class Memory(Struct, frozen=True):
    """The strikes that are followed on that day.

    Attributes:
        spot, strikes: where spot and the key strikes were at the last tick that was judged, so that a leap over one is seen; 0 and
            none before the first.
    """

    day: str = ""
    watched: tuple[Watched, ...] = ()
    spot: float = 0.0
    strikes: dict[str, float] = {}


class Look(NamedTuple):
    """What every strike is judged by: one moment, the way to it, and the expected move in points."""

    moment: Moment
    path: SpotPath
    move: float

    @property
    def rules(self) -> Thresholds:
        """The thresholds in force."""
        return self.moment.thresholds  # type: ignore[no-any-return]


def watch(memory: Memory, moment: Moment) -> tuple[Memory, tuple[Sighting, ...] | None]:
    """What spot does at the strikes that matter."""
    if not in_session(moment):
        return memory, ()
    path, move = session_path(moment), move_measure(moment)
    if path is None or move is None:
        return memory, None
    look = Look(moment, path, move)
    if memory.day != moment.session.day:
        memory = Memory(day=moment.session.day)
    watched = (*memory.watched, *_leapt_over(memory, look))
    watched = (*watched, *_approached(watched, look))[:_MOST]
    steps = [_step(one, look) for one in watched]
    near = tuple(one for one, _ in steps if one.tested_ms or _moves_from(one, look) <= look.rules.leave)
    sightings = [_approach(one, look) for one, _ in steps]
    sightings += [told for _, phases in steps for told in phases]
    judged = Memory(moment.session.day, near, moment.tick.spot, dict(moment.marks.key_strikes))
    return judged, tuple(sightings)


def _leapt_over(memory: Memory, look: Look) -> Iterator[Watched]:
    """Strikes of the last judged tick that spot has reached or passed since, and that are not followed yet, one name each."""
    before, now = memory.spot, look.moment.tick.spot
    for name, strike in _unfollowed(memory.strikes, memory.watched):
        if before and (before < strike <= now or now <= strike < before):
            yield Watched(name=name, strike=strike, side="below" if before < strike else "above")


def _approached(watched: tuple[Watched, ...], look: Look) -> Iterator[Watched]:
    """Strikes that have come near and are not followed yet, one name each."""
    for name, strike in _unfollowed(look.moment.marks.key_strikes, watched):
        found = Watched(name=name, strike=strike, side=_side(name, strike, look))
        if _moves_from(found, look) <= look.rules.approach:
            yield found


def _unfollowed(strikes: Mapping[str, float], watched: tuple[Watched, ...]) -> Iterator[tuple[str, float]]:
    """Name and strike of those that are not followed, each under the first of its names."""
    taken = {one.strike for one in watched}
    for name in sorted(strikes, key=lambda name: (_RANK.index(name) if name in _RANK else len(_RANK), name)):
        strike = strikes[name]
        if strike not in taken and is_price(strike):
            taken.add(strike)
            yield name, strike


def _side(name: str, strike: float, look: Look) -> Literal["below", "above"]:
    """Where spot came from: by the last spot that was clearly apart from the strike, else by what its name means."""
    away = look.path.spots[np.abs(look.path.spots - strike) > _touch(strike, look)]
    if away.size:
        return "below" if away[-1] < strike else "above"
    return "above" if name == "put_wall" else "below"


def _step(one: Watched, look: Look) -> tuple[Watched, list[Sighting]]:
    """The strike a tick later, and the phases that were completed with it."""
    now, rules = look.moment.tick.ts, look.rules
    told: list[Sighting] = []
    distance, beyond = abs(look.moment.tick.spot - one.strike), one.beyond(look.moment.tick.spot)
    if one.is_apart and (distance <= _touch(one.strike, look) or beyond > 0):
        one = replace(one, is_apart=False, tests=one.tests + 1, tested_ms=one.tested_ms or now)
        if not one.told_ms or now - one.told_ms >= rules.retest_minutes * 60_000:
            one = replace(one, told_ms=now, is_met=True)
            told.append(_phase("touched", one, look))
    elif beyond <= 0 and distance >= rules.apart * look.move:
        one = replace(one, is_apart=True)
    if one.is_met and _moves_from(one, look) > rules.leave:
        one = replace(one, is_met=False)
    if not one.tested_ms:
        return one, told
    one = replace(one, is_pierced=one.is_pierced or beyond >= rules.pierce * look.move)
    if one.is_pierced and _is_broken(one, look):
        told.append(_phase("broken", one, look))
        other: Literal["below", "above"] = "above" if one.side == "below" else "below"
        return Watched(
            name=one.name, strike=one.strike, side=other, told_ms=one.told_ms, is_apart=False, is_met=True
        ), told
    if beyond <= 0 and now - one.tested_ms >= rules.hold_minutes * 60_000:
        told.append(_phase("held", one, look))
        return replace(one, tested_ms=0, tests=0, is_pierced=False), told
    return one, told


def _is_broken(one: Watched, look: Look) -> bool:
    """Whether nearly all spots of the last minutes are beyond, and there are enough of them."""
    now, rules = look.moment.tick.ts, look.rules
    if now - one.tested_ms < rules.break_minutes * 60_000:
        return False
    spots = look.path.spots[look.path.times > now - rules.break_minutes * 60_000]
    are_beyond = spots > one.strike if one.side == "below" else spots < one.strike
    is_seen = spots.size >= _ENOUGH * rules.break_minutes * 6
    return bool(is_seen and are_beyond[-1] and are_beyond.mean() >= rules.break_share)


def _touch(strike: float, look: Look) -> float:
    return strike * look.rules.touch_bp / 10_000


def _moves_from(one: Watched, look: Look) -> float:
    return abs(look.moment.tick.spot - one.strike) / look.move


def _approach(one: Watched, look: Look) -> Sighting:
    """Nearness: 1 at the strike, 0 an expected move away. Of a strike that was touched it may go on, and not begin."""
    rules, where = look.rules, _where(one)
    nearness = max(1 - _moves_from(one, look), 0.0)
    return Sighting(
        type="key_strike",
        magnitude=min(nearness, 1 - (rules.approach + rules.leave) / 2) if one.is_met else nearness,
        enter=1 - rules.approach,
        leave=1 - rules.leave,
        title=f"Spot nears {where}",
        key=_key(one),
        dwell=rules.dwell,
        cooldown_s=rules.cooldown_s,
        ending=f"Spot has left {where}",
        evidence=_evidence(one, look, "approached"),
    )


def _phase(phase: Literal["touched", "broken", "held"], one: Watched, look: Look) -> Sighting:
    """Magnitude 1; a break weighs more the further spot is beyond, twice as much at the distance of an approach."""
    titles = {
        "touched": f"Spot tests {_where(one)}",
        "broken": f"Spot broke through {_where(one)}",
        "held": f"Spot has not broken {_where(one)}",
    }
    further = max(one.beyond(look.moment.tick.spot), 0) / look.move / look.rules.approach
    return Sighting(
        type="key_strike",
        magnitude=1 + min(further, 1.0) if phase == "broken" else 1.0,
        enter=1.0,
        leave=1.0,
        title=titles[phase],
        key=f"{_key(one)}:{phase}",
        direction="up" if one.side == "below" else "down",
        cooldown_s=0.0,
        is_pulse=True,
        evidence=_evidence(one, look, phase),
    )


def _evidence(one: Watched, look: Look, phase: str) -> dict[str, Fact]:
    fact, spot = look.moment.fact, look.moment.tick.spot
    evidence = {
        "phase": fact(phase, "name"),
        "strike": fact(one.strike, "points"),
        "distance": fact(one.strike - spot, "points"),
        "moves": fact((one.strike - spot) / look.move, "expected moves"),
    }
    if one.tested_ms:
        evidence["tests"] = fact(one.tests, "times")
        evidence["since_test"] = fact((look.moment.tick.ts - one.tested_ms) / 1_000, "seconds")
    return evidence


def _key(one: Watched) -> str:
    return f"{one.name}:{named(one.strike)}"


def _where(one: Watched) -> str:
    return f"{_NAMES.get(one.name, one.name.replace('_', ' '))} at {shown(one.strike)}"


DETECTOR = Detector(
    name="key_strike",
    version=3,
    method="distance in expected moves of the open; touch, break over ten minutes, hold over an hour",
    memory=Memory,
    watch=watch,
    needs_chain=False,
)
