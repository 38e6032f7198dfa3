"""What a detector is given and what it gives back. Pure.

A detector judges one moment: it says how large what it watches is now, and from where on that is an event. Whether an event is
told, and when, is decided by `machine.py` for all of them: dwell, bands, cooldown, severity.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from msgspec import Struct

from marketswarm.model.chain import ChainId
from marketswarm.model.event import Direction, EventType, Fact
from marketswarm.vigil.picture import Picture, Quality


class Tick(NamedTuple):
    """One spot of the heartbeat: its slot in ms and the price."""

    ts: int
    spot: float


@dataclass(frozen=True, slots=True)
class SessionTime:
    """Where in the trading day a moment lies. Times in ms since the epoch.

    Attributes:
        day: YYYY-MM-DD of the session in New York.
        is_open: whether trading is on.
    """

    day: str
    open_ms: int
    close_ms: int
    is_open: bool

    def minutes_from_open(self, ts: int) -> float:
        """Minutes since the open."""
        return (ts - self.open_ms) / 60_000

    def minutes_to_close(self, ts: int) -> float:
        """Minutes to the close."""
        return (self.close_ms - ts) / 60_000


class Marks(Struct, frozen=True):
    """What was last known of the chain, and what the session began with: for moments at which no chain was read.

    Attributes:
        as_of: when the chain was read, ms.
        move_open: the expected move as it was fixed at the open, points: the measure of all thresholds.
        move_open_at: the tick at which it was fixed, ms; 0 when it is not.
        move_left: the one that remains, points. `sigma`: one standard deviation to settlement, points.
        volatility: at the money, fraction per year. `years`: to settlement.
        flip, regime: of the gamma profile by open interest.
        crossings: all its sign changes, points, ascending. `sign_below`: -1 or 1, its sign below all of them; 0 unknown.
        key_strikes: name (`call_wall`, `put_wall`, `heaviest`, `max_pain`) → strike; walls that stand out only.
        open, high, low: of the session's spots so far, behind the slot of the open itself, in which an index shows yesterday's
            close. High and low are those that two spots in a row have reached: one bad print is no range.
        last: the newest of those spots.
    """

    as_of: int = 0
    move_open: float | None = None
    move_open_at: int = 0
    move_left: float | None = None
    sigma: float | None = None
    volatility: float | None = None
    years: float | None = None
    flip: float | None = None
    regime: float | None = None
    crossings: tuple[float, ...] = ()
    sign_below: int = 0
    key_strikes: dict[str, float] = {}
    open: float | None = None
    high: float | None = None
    low: float | None = None
    last: float | None = None

    def gamma_sign(self, spot: float) -> int:
        """Sign of the gamma profile at a spot: -1, 1, or 0 where it is not known."""
        passed = sum(level < spot for level in self.crossings)
        return -self.sign_below if passed % 2 else self.sign_below


@dataclass(frozen=True, slots=True)
class Moment:
    """One tick of one symbol.

    Attributes:
        chain: the chain in force, None when there is none.
        tick: this one.
        before: the ticks before it, oldest first, at most an hour of them.
        session: of the day.
        marks: with what this tick's picture says, where there is one.
        picture: the chain's levels; None when none was read at this tick, or nothing may be concluded from it.
        thresholds: of the detector that is asked.
        quality: of the picture that was read, also where `picture` is None because it is degraded; None when none was read.
        chain_state: the chain's own `loading`, `live`, `stale`, `gap` or `closed`; empty where it is not known.
        is_failed: a chain was read, and its levels could not be computed.
        cooling: key, type and direction of what the detector that is asked was told of so lately that it is not told again yet.
    """

    symbol: str
    chain: ChainId | None
    tick: Tick
    before: tuple[Tick, ...]
    session: SessionTime
    marks: Marks
    picture: Picture | None
    thresholds: Any
    quality: Quality | None = None
    chain_state: str = ""
    is_failed: bool = False
    cooling: frozenset[tuple[str, str, str]] = frozenset()

    def is_cooling(self, type: EventType, key: str, direction: Direction = "") -> bool:  # noqa: A002
        """Whether a pulse of that name would not be told now: who remembers what was told last has to hold it back."""
        return (key, type, direction) in self.cooling

    def fact(self, value: float | str, unit: str) -> Fact:
        """A number of this moment."""
        return Fact(value=value, unit=unit, as_of=self.tick.ts)

    def chain_fact(self, value: float | str, unit: str) -> Fact:
        """What was last known of the chain, as of when it was read."""
        return Fact(value=value, unit=unit, as_of=self.marks.as_of or self.tick.ts)


@dataclass(frozen=True, slots=True)
class Sighting:
    """How large one watched thing is at one moment.

    Attributes:
        type, key, direction: together what it is; two sightings of one moment never share all three.
        magnitude: in any unit; `enter` from where on it is an event (at least), `leave` from where on it is none any more (below).
        dwell: how many ticks in a row it must be so before it is told, and before its end is.
        cooldown_s: after its end, until it may begin again.
        is_pulse: it has no duration: told once, without an end.
        title: at most 60 characters. `ending`: the title of its end.
        evidence: name → number.
    """

    type: EventType
    magnitude: float
    enter: float
    leave: float
    title: str
    key: str = ""
    direction: Direction = ""
    dwell: int = 1
    cooldown_s: float = 300.0
    is_pulse: bool = False
    ending: str = ""
    evidence: Mapping[str, Fact] = field(default_factory=dict)


class Detector(NamedTuple):
    """One of `detectors/`.

    Attributes:
        name: of its file, and of its thresholds.
        version: raised when the same input would give other events.
        method: in a few words.
        memory: what it remembers between two ticks; it begins with `memory()`.
        watch: memory and moment in, memory and sightings out; None for sightings when it cannot judge this moment, so that
            nothing ends for lack of sight. What it watched before and does not mention any more has ended.
        needs_chain: it judges the picture, and is not asked where there is none.
    """

    name: str
    version: int
    method: str
    memory: type[Any]
    watch: Callable[[Any, Moment], tuple[Any, tuple[Sighting, ...] | None]]
    needs_chain: bool = True
