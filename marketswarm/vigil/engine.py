"""One evaluation of one symbol: what was known, new ticks and a chain's levels in; levels, events and what is known now out.

Pure: the same ticks with the same pictures give the same events, byte for byte, however they are split into evaluations
and whichever worker does them. A detector that fails is left out of that tick and begins anew: the others do not hear of it.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, ParamSpec, TypeVar

from msgspec.structs import replace as with_changes

from marketswarm.model.chain import ChainId
from marketswarm.model.event import Event
from marketswarm.vigil.budget import digest_of, spend
from marketswarm.vigil.failures import Failure, counted, in_words
from marketswarm.vigil.machine import (
    Name,
    Tracks,
    Turn,
    advance,
    cooling,
    is_beginning,
    name_of,
    refuse,
    unheard,
)
from marketswarm.vigil.marks import at_moment, of_new_chain, of_new_session, with_picture, with_tick
from marketswarm.vigil.picture import Picture
from marketswarm.vigil.severity import AGREEMENT_MS, context_of
from marketswarm.vigil.sighting import Detector, Marks, Moment, SessionTime, Sighting, Tick
from marketswarm.vigil.state import MOST_TICKS, VigilState, recall, remember

P = ParamSpec("P")
Done = TypeVar("Done")

_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Engine:
    """How it is judged.

    Attributes:
        detectors: in the order in which they are asked.
        thresholds: detector → its thresholds.
        is_always_open: there is no exchange calendar: a session begins at the first tick of a New York day that is seen.
    """

    detectors: tuple[Detector, ...]
    thresholds: Mapping[str, Any]
    is_always_open: bool = False


@dataclass(frozen=True, slots=True)
class News:
    """What one evaluation is given.

    Attributes:
        ticks: ascending; those at or before the last judged slot are ignored, and counted.
        chain: in force at the newest tick, None when there is none.
        chain_state: of it: `live`, `stale`, …; empty where it is not known.
        picture: its levels at the last tick; None when it was not read.
        is_failed: it was read, and its levels could not be computed.
        session_of: ms since the epoch → where in the trading day that is.
        lagged: ticks were lost before they could be read.
        epoch, seq: of the chain's feed when it was read.
    """

    symbol: str
    ticks: tuple[Tick, ...]
    chain: ChainId | None
    chain_state: str
    picture: Picture | None
    session_of: Callable[[int], SessionTime]
    is_failed: bool = False
    lagged: bool = False
    epoch: int = 0
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one evaluation gives.

    Attributes:
        state: to be kept for the next.
        picture: that of the last tick, also a degraded one; None when none was judged.
        marks: after the last tick.
        events: as they are to be told, tick by tick.
        notes: what was out of the ordinary, in words for a log.
        failures: of detectors, tick by tick.
    """

    state: VigilState
    picture: Picture | None
    marks: Marks
    events: tuple[Event, ...]
    notes: tuple[str, ...]
    failures: tuple[Failure, ...] = ()


def evaluate(state: VigilState | None, news: News, engine: Engine) -> Evaluation:
    """Judge all new ticks in their order, the picture at the last of them."""
    state, notes = _begin(state, news)
    state, fresh = _fresh(state, news.ticks, notes)
    if not fresh:
        return Evaluation(state, None, state.marks, (), tuple(notes))
    picture = news.picture if fresh[-1].ts == news.ticks[-1].ts else None
    bench = _Bench(state, news, engine, notes)
    for tick in fresh[:-1]:
        bench.judge(tick, None, "")
    bench.judge(fresh[-1], picture, news.chain_state, is_failed=news.is_failed)
    judged = bench.state()
    if picture is not None:
        judged = with_changes(judged, epoch=news.epoch, seq=news.seq)
    failures = tuple(bench.failures)
    notes += in_words(failures)
    return Evaluation(judged, picture, judged.marks, tuple(bench.events), tuple(notes), failures)


def _begin(state: VigilState | None, news: News) -> tuple[VigilState, list[str]]:
    notes = ["ticks were lost before they could be read"] if news.lagged else []
    if state is None:
        return VigilState(news.symbol), [*notes, "no state: begun"]
    if state.symbol != news.symbol:
        return VigilState(news.symbol), [*notes, f"state of {state.symbol}, not {news.symbol}: begun anew"]
    if state.begun_anew:
        return with_changes(state, begun_anew=""), [*notes, state.begun_anew]
    return state, notes


def _fresh(
    state: VigilState, ticks: tuple[Tick, ...], notes: list[str]
) -> tuple[VigilState, tuple[Tick, ...]]:
    """The ticks that are to be judged; what is left out is noted."""
    slot, late = state.slot, 0
    fresh: list[Tick] = []
    for tick in ticks:
        if tick.ts <= slot:
            late += 1
        elif isfinite(tick.spot) and tick.spot > 0:
            fresh.append(Tick(tick.ts, float(tick.spot)))
            slot = tick.ts
        else:
            notes.append(f"spot of {tick.ts} is {tick.spot}: ignored")
    if late:
        notes.append(f"ticks at or before a judged slot, ignored: {late}")
    return with_changes(state, late=state.late + late), tuple(fresh)


class _Bench:
    """The work of one evaluation: what changes from tick to tick, unpacked."""

    def __init__(self, state: VigilState, news: News, engine: Engine, notes: list[str]) -> None:
        self._news, self._engine, self._notes = news, engine, notes
        self._state, self._marks, self._budget = state, state.marks, state.budget
        self._ticks = deque(state.ticks, maxlen=MOST_TICKS)
        self._memories = dict(state.memories)
        self._tracks = {
            one.name: tuple(track for track in state.tracks if track.detector == one.name)
            for one in engine.detectors
        }
        gone = {*state.memories, *(track.detector for track in state.tracks)} - self._tracks.keys()
        notes += [f"{name} is no detector any more: forgotten" for name in sorted(gone)]
        self.events: list[Event] = []
        self.failures: list[Failure] = []

    def judge(
        self, tick: Tick, picture: Picture | None, chain_state: str, *, is_failed: bool = False
    ) -> None:
        """One tick, with the picture that was read at it, or that it could not be computed."""
        session = self._session(tick)
        chain = self._chain_at(tick, session)
        self._enter(chain)
        self._keep_carry(picture, chain)
        usable = self._usable(picture, chain_state, chain)
        self._marks = with_tick(self._marks, tick, session)
        if usable is not None:
            self._marks = with_picture(self._marks, usable, tick, session)
        moment = Moment(
            symbol=self._news.symbol,
            chain=chain,
            tick=tick,
            before=tuple(one for one in self._ticks if one.ts >= tick.ts - _HOUR_MS),
            session=session,
            marks=at_moment(self._marks, tick.ts),
            picture=usable,
            thresholds=None,
            quality=picture.quality if picture is not None else None,
            chain_state=chain_state,
            is_failed=is_failed,
        )
        self._tell(moment)
        self._ticks.append(tick)
        self._state = with_changes(self._state, slot=tick.ts)

    def _session(self, tick: Tick) -> SessionTime:
        session = self._news.session_of(tick.ts)
        if session.day != self._state.day:
            self._state = with_changes(self._state, day=session.day, opened_ms=tick.ts)
            self._marks = of_new_session(self._marks)
        return replace(session, open_ms=self._state.opened_ms) if self._engine.is_always_open else session

    def _chain_at(self, tick: Tick, session: SessionTime) -> ChainId | None:
        """The chain that was in force at a tick: of a backlog that spans a roll, ticks of before it are judged under the old one.

        That held until its own day's close at the latest. The newest tick is of the chain that was read with it, so that a roll that
        came sooner is told with it at the latest.
        """
        now, known = self._news.chain, self._state.expiration
        is_last = tick.ts == self._news.ticks[-1].ts
        if is_last or now is None or known is None or known >= now.expiration:
            return now
        day = known.isoformat()
        if session.day > day or (session.day == day and tick.ts >= session.close_ms):
            return now
        note = f"ticks before the roll to {now.expiration} were judged under {known}"
        self._notes += [note] if note not in self._notes else []
        return ChainId(now.symbol, known)

    def _enter(self, chain: ChainId | None) -> None:
        if chain is not None and chain.expiration != self._state.expiration:
            self._state = with_changes(self._state, expiration=chain.expiration, carry={})
            self._marks = of_new_chain(self._marks)

    def _keep_carry(self, picture: Picture | None, chain: ChainId | None) -> None:
        """A forward that quotes state is one, also where too little else is known."""
        if picture is not None and picture.carry and picture.chain == chain:
            self._state = with_changes(self._state, carry={**self._state.carry, **picture.carry})

    def _usable(self, picture: Picture | None, chain_state: str, chain: ChainId | None) -> Picture | None:
        """The picture, if something may be concluded from it."""
        if picture is None or picture.quality.degraded or picture.chain != chain:
            return None
        return picture if chain_state in {"", "live"} else None

    def _tell(self, moment: Moment) -> None:
        ts = moment.tick.ts
        sighted = {one.name: self._guarded(one, ts, self._ask, one, moment) for one in self._engine.detectors}
        began: set[tuple[str, str]] = set()
        for one in self._engine.detectors:
            began |= self._guarded(one, ts, self._beginnings, one, sighted[one.name], ts) or set()
        before = self._tracks
        events: list[Event] = []
        self._tracks = {}
        for one in self._engine.detectors:
            turn = _turn(one, moment, began)
            stays: tuple[Tracks, tuple[Event, ...]] = before[one.name], ()
            self._tracks[one.name], found = (
                self._guarded(one, ts, advance, before[one.name], sighted[one.name], turn) or stays
            )
            events += found
        self._spend(before, tuple(events), moment)

    def _guarded(
        self, detector: Detector, ts: int, work: Callable[P, Done], *given: P.args, **named: P.kwargs
    ) -> Done | None:
        """One detector's part of a tick; None when it failed, and then it has forgotten everything."""
        try:
            return work(*given, **named)
        except Exception as error:  # noqa: BLE001  whatever it is, the others go on
            self._memories.pop(detector.name, None)
            self.failures.append(Failure(detector.name, ts, error))
            return None

    def _ask(self, detector: Detector, moment: Moment) -> tuple[Sighting, ...] | None:
        if detector.needs_chain and moment.picture is None:
            return None if moment.session.is_open else ()  # nothing of the chain lasts through the night
        asked = replace(
            moment,
            thresholds=self._engine.thresholds[detector.name],
            cooling=cooling(self._tracks[detector.name], moment.tick.ts),
        )
        # Through JSON at every tick, so that it is the same whether the next one is of this evaluation or of another.
        memory, why = recall(self._memories, detector)
        note = f"{why}: begun anew"
        self._notes += [note] if why and note not in self._notes else []
        memory, sightings = detector.watch(memory, asked)
        self._memories[detector.name] = remember(detector, memory)
        return sightings

    def _beginnings(
        self, detector: Detector, sighted: tuple[Sighting, ...] | None, ts: int
    ) -> set[tuple[str, str]]:
        """Detector and direction of what began within the last minute, or begins now."""
        tracks = self._tracks[detector.name]
        held = {name_of(track): track for track in tracks}
        began = {one.direction for one in tracks if one.episode and ts - one.since < AGREEMENT_MS}
        began |= {one.direction for one in sighted or () if is_beginning(held.get(name_of(one)), one, ts)}
        return {(detector.name, direction) for direction in began}

    def _spend(self, before: Mapping[str, Tracks], events: tuple[Event, ...], moment: Moment) -> None:
        news, ts = self._news, moment.tick.ts
        expiration = moment.chain.expiration if moment.chain is not None else None
        self._budget, digest = digest_of(
            self._budget, symbol=news.symbol, expiration=expiration, day=moment.session.day, ts=ts
        )
        late = frozenset[Name]().union(*map(unheard, before.values()))
        again = {one.id for one in events if one.state == "enter" and name_of(one) in late}
        self._budget, told, refused = spend(self._budget, events, ts, again)
        if refused:
            self._tracks = {
                name: refuse(before[name], after, refused) for name, after in self._tracks.items()
            }
        self.events += [*digest, *told]

    def state(self) -> VigilState:
        """What is known now."""
        names = [one.name for one in self._engine.detectors]
        return with_changes(
            self._state,
            marks=self._marks,
            budget=self._budget,
            failed=counted(self._state.failed, self.failures),
            ticks=tuple(self._ticks),
            tracks=tuple(track for name in names for track in self._tracks[name]),
            memories={name: self._memories[name] for name in names if name in self._memories},
        )


def _turn(detector: Detector, moment: Moment, began: set[tuple[str, str]]) -> Turn:
    coverage = moment.quality.coverage if detector.needs_chain and moment.quality is not None else None
    session = moment.session

    def weigh(sighting: Sighting) -> float:
        return context_of(
            regime=moment.marks.regime,
            minutes_to_close=session.minutes_to_close(moment.tick.ts) if session.is_open else None,
            is_agreed=bool(sighting.direction)
            and any(name != detector.name and direction == sighting.direction for name, direction in began),
            coverage=coverage,
        )

    return Turn(
        symbol=moment.symbol,
        expiration=moment.chain.expiration if moment.chain is not None else None,
        day=session.day,
        ts=moment.tick.ts,
        detector=detector,
        weigh=weigh,
        open_ms=session.open_ms if session.is_open else moment.tick.ts,
    )
