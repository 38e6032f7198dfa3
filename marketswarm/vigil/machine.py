"""When a sighting is told: one track for each `type|key|direction`. Pure.

::

                magnitude ≥ enter            `dwell` ticks in a row
        idle ─────────────────────► pending ────────────────────────► active   tells `enter`
          ▲                            │ below enter                     │      tells `update` at a higher importance
          │ cooldown over              ▼                                 │ below leave, or not mentioned, `dwell` ticks
          └──────────────────────── cooling ◄────────────────────────────┘      tells `exit`

Between `leave` and `enter` an active track stays active and a pending one falls back: so noise around one threshold cannot
ring twice. A pulse has no duration: it is told and cools at once. What is cooling is told again before its time only at a
higher importance than it was told at. A detector that cannot see changes nothing. What began in a session that is over, and is not
mentioned any more, ends at once, and not for what it watched.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from marketswarm.model.event import Direction, Event, EventState, EventType, Fact, importance_of
from marketswarm.vigil.severity import event_id, severity_of
from marketswarm.vigil.sighting import Detector, Sighting

Phase = Literal["pending", "active", "cooling"]
SESSION_OVER = "The session is over"
MOST_TRACKS = 24  # of one detector: a bound for the stored state, far above what any of them watches


class Track(Struct, frozen=True, array_like=True):
    """What is remembered of one watched thing; idle ones are not kept.

    Attributes:
        detector: whose it is.
        run: ticks in a row that speak for the next phase: at or above `enter`, or while active below `leave`.
        episode: id of the telling with which it began last.
        severity: the highest that was told of that episode.
        since: when it began last, ms. `until`: when it has cooled, ms.
        dwell, cooldown_s, ending: of the last sighting, for an end that is not sighted.
        is_heard: whether its beginning was told, or fell to the budget: then it is tried again, and its end is not told before.
    """

    detector: str
    type: EventType
    key: str = ""
    direction: Direction = ""
    phase: Phase = "pending"
    run: int = 0
    episode: str = ""
    severity: int = 0
    since: int = 0
    until: int = 0
    dwell: int = 1
    cooldown_s: float = 0.0
    ending: str = ""
    is_heard: bool = True


Tracks = tuple[Track, ...]
Name = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Turn:
    """One detector's turn at one tick.

    Attributes:
        day: of the session, YYYY-MM-DD.
        ts: of the tick, ms.
        open_ms: since when that session is open, the tick's own time while it is not: what began before is of one that is over.
        weigh: what the circumstances make of a sighting's magnitude, a factor.
    """

    symbol: str
    expiration: date | None
    day: str
    ts: int
    detector: Detector
    weigh: Callable[[Sighting], float]
    open_ms: int = 0


def name_of(one: Track | Sighting | Event) -> Name:
    """What makes a track the one that a sighting belongs to; the order in which they are told."""
    return one.key, one.type, one.direction


def advance(
    tracks: Tracks, sightings: tuple[Sighting, ...] | None, turn: Turn
) -> tuple[Tracks, tuple[Event, ...]]:
    """One tick for all tracks of one detector: its tracks after it, and what is to be told, both by key.

    Args:
        tracks: of this detector only.
        sightings: None when it could not judge. Of two for the same thing, which no detector gives, the first counts.
        turn: whose turn it is, and when.
    """
    if sightings is None:
        return tracks, ()
    seen: dict[Name, Sighting] = {}
    for sighting in sightings:
        seen.setdefault(name_of(sighting), sighting)
    held = {name_of(track): track for track in tracks}
    moved: list[Track] = []
    events: list[Event] = []
    for name in sorted({*held, *seen}):
        if name not in held and len(moved) >= MOST_TRACKS:
            continue
        track, event = _next(held.get(name) or _idle(seen[name], turn), seen.get(name), turn)
        moved += [track] if track is not None else []
        events += [event] if event is not None else []
    return tuple(moved), tuple(events)


def is_beginning(track: Track | None, sighting: Sighting, ts: int) -> bool:
    """Whether this sighting begins an episode now: what another detector may agree with."""
    if sighting.magnitude < sighting.enter or (track is not None and track.phase == "active"):
        return False
    run = 0 if track is None else track.run
    return run + 1 >= sighting.dwell and (track is None or ts >= track.until)


def cooling(tracks: Tracks, ts: int) -> frozenset[Name]:
    """What may not begin again yet."""
    return frozenset(name_of(track) for track in tracks if ts < track.until)


def refuse(before: Tracks, after: Tracks, refused: tuple[Event, ...]) -> Tracks:
    """The tracks after a tick of which some events were not told, since there was no room for them.

    An episode whose beginning was not told goes on unheard, and is told as soon as there is room while it lasts; if it ends before,
    no end of it is told either. An end that was not told is tried again with the next tick, so that nobody waits for it in vain.
    """
    ends = {event.episode for event in refused if event.state == "exit"}
    begins = {event.episode for event in refused if event.state == "enter"}
    earlier = {track.episode: track for track in before if track.episode in ends}
    return tuple(
        earlier.get(track.episode) or (replace(track, is_heard=False) if track.episode in begins else track)
        for track in after
    )


def unheard(tracks: Tracks) -> frozenset[Name]:
    """What has begun, lasts, and was not told so far."""
    return frozenset(name_of(track) for track in tracks if track.phase == "active" and not track.is_heard)


def _idle(sighting: Sighting, turn: Turn) -> Track:
    return Track(turn.detector.name, sighting.type, sighting.key, sighting.direction)


def _next(track: Track, sighting: Sighting | None, turn: Turn) -> tuple[Track | None, Event | None]:
    if sighting is not None:
        track = replace(
            track,
            dwell=max(1, int(sighting.dwell)),
            cooldown_s=float(sighting.cooldown_s),
            ending=sighting.ending or sighting.title,
        )
    severity = _severity(sighting, turn)
    if track.phase == "active":
        return _while_active(track, sighting, severity, turn)
    return _while_waiting(track, sighting, severity, turn)


def _while_waiting(
    track: Track, sighting: Sighting | None, severity: int, turn: Turn
) -> tuple[Track | None, Event | None]:
    is_cooling = turn.ts < track.until
    if sighting is None or not sighting.magnitude >= sighting.enter:
        return (replace(track, phase="cooling", run=0) if is_cooling else None), None
    run = min(track.run + 1, track.dwell)
    if run < track.dwell or (is_cooling and not _is_above(severity, track.severity)):
        return replace(track, phase="cooling" if is_cooling else "pending", run=run), None
    return _begin(track, sighting, severity, turn)


def _begin(track: Track, sighting: Sighting, severity: int, turn: Turn) -> tuple[Track, Event]:
    episode = _id(track, "enter", turn)
    begun = replace(
        track, phase="active", run=0, episode=episode, severity=severity, since=turn.ts, is_heard=True
    )
    if sighting.is_pulse:
        begun = replace(begun, phase="cooling", until=_cooled(track, turn))
    return begun, _told(begun, "enter", sighting, turn)


def _while_active(
    track: Track, sighting: Sighting | None, severity: int, turn: Turn
) -> tuple[Track, Event | None]:
    is_below = sighting is None or sighting.magnitude < min(sighting.leave, sighting.enter)
    track = replace(track, run=track.run + 1 if is_below else 0)
    if track.run >= track.dwell or (sighting is None and _is_over(track, turn)):
        return _end(track, sighting, turn)
    if sighting is None or sighting.magnitude < sighting.enter:
        return track, None
    if not track.is_heard:
        begun, event = _begin(track, sighting, severity, turn)
        return replace(begun, since=track.since), event
    if not _is_above(severity, track.severity):
        return track, None
    raised = replace(track, severity=severity)
    return raised, _told(raised, "update", sighting, turn)


def _end(track: Track, sighting: Sighting | None, turn: Turn) -> tuple[Track, Event | None]:
    ended = replace(track, phase="cooling", run=0, until=_cooled(track, turn))
    return ended, (_told(ended, "exit", sighting, turn) if track.is_heard else None)


def _is_over(track: Track, turn: Turn) -> bool:
    """Whether it began in a session that is over."""
    return track.since < turn.open_ms


def _title(track: Track, state: EventState, sighting: Sighting | None, turn: Turn) -> str:
    if sighting is None and _is_over(track, turn):
        return SESSION_OVER
    return track.ending if sighting is None or state == "exit" else sighting.title


def _told(track: Track, state: EventState, sighting: Sighting | None, turn: Turn) -> Event:
    """The event; an end keeps the highest severity of its episode, so that whoever heard one hears the other."""
    evidence = dict(sighting.evidence) if sighting is not None else {}
    if state == "exit":
        evidence["lasted"] = Fact(value=(turn.ts - track.since) / 1000, unit="seconds", as_of=turn.ts)
    return Event(
        id=_id(track, state, turn),
        episode=track.episode,
        type=track.type,
        symbol=turn.symbol,
        expiration=turn.expiration,
        state=state,
        direction=track.direction,
        key=track.key,
        severity=track.severity,
        importance=importance_of(track.severity),
        ts=turn.ts,
        title=_title(track, state, sighting, turn),
        evidence=evidence,
        method=turn.detector.method,
        version=turn.detector.version,
    )


def _id(track: Track, state: EventState, turn: Turn) -> str:
    return event_id(
        symbol=turn.symbol,
        type=track.type,
        key=track.key,
        direction=track.direction,
        day=turn.day,
        slot=turn.ts,
        state=state,
    )


def _severity(sighting: Sighting | None, turn: Turn) -> int:
    if sighting is None:
        return 0
    return severity_of(sighting.magnitude, sighting.enter, turn.weigh(sighting))


def _is_above(severity: int, told: int) -> bool:
    """Whether a severity falls into a higher band than one that was told."""
    return severity > told and importance_of(severity) != importance_of(told)


def _cooled(track: Track, turn: Turn) -> int:
    return turn.ts + round(track.cooldown_s * 1000)
