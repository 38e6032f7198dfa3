"""One evaluation of one symbol: its news and its chain in; levels and events out, in one step.

Whoever evaluates does it alone or not at all: the commit asks for the state with which it began. A worker that dies before it
leaves everything as it was, one that dies after it leaves nothing to do.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

import structlog

from marketswarm.clock import Clock
from marketswarm.model.chain import ChainId
from marketswarm.vigil.backlog import Backlog, backlog_of, lag_event, with_history
from marketswarm.vigil.columns import ChainColumns, columns_of
from marketswarm.vigil.engine import Engine, Evaluation, News, evaluate
from marketswarm.vigil.failures import Failure, in_words
from marketswarm.vigil.inbox import ChainSnapshot, Counts, Inbox
from marketswarm.vigil.picture import Picture
from marketswarm.vigil.published import basis_of, level_fields
from marketswarm.vigil.redis_vigil import AHEAD_MS, Outcome, RedisVigil
from marketswarm.vigil.sighting import SessionTime, Tick
from marketswarm.vigil.state import VigilState, decode, encode, known_carry, set_back

log = structlog.get_logger("marketswarm.vigil")

_LEVELS: Final = "levels"
"""Under which name levels that cannot be computed stand among the detectors that failed."""

_ATTEMPTS: Final = 3
"""Of an evaluation that others overtake: each time fewer ticks wait."""


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """What one evaluation did.

    Attributes:
        slot: the last tick that it judged, ms; 0 when nothing waited.
        judged: how many ticks.
        skipped: ticks that waited so long that they were only read. `lost`: ticks that nobody could read any more.
        events: type and state of each that was told.
        expiration: of the chain in force; empty when there is none.
        changes: what the feed told of that chain since the last evaluation.
        overtaken: how often another evaluation of the symbol was quicker.
        failed: the detectors that raised an error, and `levels` if the levels did.
        notes: what was out of the ordinary.
    """

    symbol: str
    slot: int = 0
    judged: int = 0
    skipped: int = 0
    lost: int = 0
    events: tuple[str, ...] = ()
    expiration: str = ""
    changes: Counts = field(default_factory=Counts)
    overtaken: int = 0
    failed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "symbol": self.symbol,
            "slot": self.slot,
            "judged": self.judged,
            "skipped": self.skipped,
            "lost": self.lost,
            "events": list(self.events),
            "expiration": self.expiration,
            "changes": self.changes._asdict(),
            "overtaken": self.overtaken,
            "failed": list(self.failed),
            "notes": list(self.notes),
        }


class Watch:
    """Evaluates symbols, one at a time.

    Args:
        store: news, states, levels and events.
        engine: how ticks are judged.
        clock: asked only whether a state can be.
        picture_of: columns, whether the market is open and the carry that is known in, levels out.
        session_of: ms since the epoch → where in the trading day that is.
        settles_ms: when a root of a chain settles.
        session_day: ms since the epoch → YYYY-MM-DD of the session whose open interest was known then.
    """

    def __init__(
        self,
        store: RedisVigil,
        engine: Engine,
        clock: Clock,
        *,
        picture_of: Callable[[ChainColumns, bool, Mapping[str, float]], Picture],
        session_of: Callable[[int], SessionTime],
        settles_ms: Callable[[ChainId, str], int],
        session_day: Callable[[int], str],
    ) -> None:
        self._store = store
        self._engine = engine
        self._clock = clock
        self._picture_of = picture_of
        self._session_of = session_of
        self._settles_ms = settles_ms
        self._session_day = session_day

    def evaluate(self, symbol: str) -> EvaluationReport:
        """Judge what waits of the symbol, and write what comes of it.

        Raises:
            StoreUnavailable: nothing was written, or all of it; what was not judged still waits.
        """
        self._store.sort_news()
        for overtaken in range(_ATTEMPTS):
            inbox = self._store.inbox(symbol)
            state = self._state_of(symbol, inbox)
            backlog = backlog_of(inbox, 0 if state is None else state.slot)
            if not backlog.ticks:
                return EvaluationReport(symbol, overtaken=overtaken)
            snapshot = self._store.chain_in_force(symbol)
            done = self._judge(symbol, state, backlog, snapshot)
            _log_failures(symbol, done)
            if self._store.commit(symbol, self._outcome(inbox, backlog, snapshot, done)):
                return _report(inbox, backlog, snapshot, done, overtaken=overtaken)
        return EvaluationReport(symbol, overtaken=_ATTEMPTS)

    # -- inside -------------------------------------------------------------

    def _state_of(self, symbol: str, inbox: Inbox) -> VigilState | None:
        if inbox.state is None:
            return None
        state = decode(inbox.state, symbol)
        if state.slot > self._clock.now_ms() + AHEAD_MS:  # every tick would be late
            return set_back(state, self._clock.now_ms())
        return state

    def _judge(
        self, symbol: str, state: VigilState | None, backlog: Backlog, snapshot: ChainSnapshot | None
    ) -> Evaluation:
        picture, failures = self._picture(snapshot, backlog, state) if snapshot else (None, ())
        news = News(
            symbol=symbol,
            ticks=tuple(Tick(one.ts, one.spot) for one in (*backlog.late, *backlog.ticks)),
            chain=snapshot.chain if snapshot else None,
            chain_state=snapshot.state if snapshot else "",
            picture=picture,
            is_failed=bool(failures),
            session_of=self._session_of,
            lagged=backlog.lost > 0,
            epoch=snapshot.epoch if snapshot else 0,
            seq=snapshot.seq if snapshot else 0,
        )
        done = evaluate(
            with_history(symbol, state, backlog.skipped, partial(self._session_in, state)), news, self._engine
        )
        notes = (*in_words(failures), *done.notes)
        return replace(done, notes=notes, failures=(*failures, *done.failures))

    def _picture(
        self, snapshot: ChainSnapshot, backlog: Backlog, state: VigilState | None
    ) -> tuple[Picture | None, tuple[Failure, ...]]:
        """Of the chain as it is now, at the spot of the newest tick; without it spots are judged all the same."""
        try:
            return self._computed(snapshot, backlog, known_carry(state, snapshot.chain)), ()
        except Exception as error:  # noqa: BLE001  a fault of ours: what looks at spots goes on
            return None, (Failure(_LEVELS, backlog.ticks[-1].ts, error),)

    def _computed(self, snapshot: ChainSnapshot, backlog: Backlog, carry: Mapping[str, float]) -> Picture:
        tick, chain = backlog.ticks[-1], snapshot.chain
        columns = columns_of(
            chain,
            snapshot.contracts,
            spot=tick.spot,
            now_ms=tick.ts,
            settles_ms=lambda root: self._settles_ms(chain, root),
            behind_ms=snapshot.behind_ms(tick.ts),
        )
        return self._picture_of(columns, self._session_of(tick.ts).is_open, carry)

    def _session_in(self, state: VigilState | None, ts: int) -> SessionTime:
        """As the engine sees it: without a calendar it begins at the first tick of its day that was seen."""
        session = self._session_of(ts)
        if state is None or not self._engine.is_always_open:
            return session
        return replace(session, open_ms=state.opened_ms)

    def _outcome(
        self, inbox: Inbox, backlog: Backlog, snapshot: ChainSnapshot | None, done: Evaluation
    ) -> Outcome:
        last, expiration = backlog.ticks[-1], snapshot.chain.expiration if snapshot else None
        lag = lag_event(backlog, done.state, self._session_of(last.ts).day)
        events = (*([lag] if lag else []), *done.events)
        basis = basis_of(
            last,
            done,
            session=self._session_in(done.state, last.ts),
            is_around_the_clock=self._engine.is_always_open,
            chain_state=snapshot.state if snapshot else "",
            is_delayed=snapshot.is_delayed if snapshot else False,
            open_interest_date=self._session_day(snapshot.loaded_ms) if snapshot else "",
            note="; ".join(_words(backlog, done)),
            why=_why(snapshot),
            changes=inbox.news_of(expiration) if expiration else None,
            opens_ms=self._session_of(done.marks.move_open_at or last.ts).open_ms,
        )
        return Outcome(
            began=inbox.state,
            state=encode(done.state),
            judged_ms=last.ts,
            events=[event.model_dump_json(exclude_none=True).encode() for event in events],
            levels=level_fields(basis),
            marks=inbox.marks(expiration, last),
            gone=inbox.gone(expiration),
        )


def _report(
    inbox: Inbox, backlog: Backlog, snapshot: ChainSnapshot | None, done: Evaluation, *, overtaken: int
) -> EvaluationReport:
    expiration = snapshot.chain.expiration if snapshot else None
    return EvaluationReport(
        done.state.symbol,
        slot=backlog.ticks[-1].ts,
        judged=len(backlog.ticks),
        skipped=len(backlog.skipped),
        lost=backlog.lost,
        events=tuple(f"{event.type} {event.state}" for event in done.events),
        expiration=expiration.isoformat() if expiration else "",
        changes=inbox.news_of(expiration) if expiration else Counts(),
        overtaken=overtaken,
        failed=tuple(dict.fromkeys(one.detector for one in done.failures)),
        notes=tuple(one for one in (backlog.note, _unreadable(done.picture), *done.notes) if one),
    )


def _words(backlog: Backlog, done: Evaluation) -> list[str]:
    """What a reader of the levels should know."""
    known = [backlog.note, _unreadable(done.picture)]
    return [*(one for one in known if one), *in_words(done.failures)]


def _unreadable(picture: Picture | None) -> str:
    """How many contracts are stored and could not be read, in words; empty when all could."""
    count = picture.quality.unreadable if picture is not None else 0
    return f"{count} contract{'' if count == 1 else 's'} could not be read" if count else ""


def _why(snapshot: ChainSnapshot | None) -> str:
    """Why there is no picture, if there is none."""
    return "no-chain" if snapshot is None else "failed"


def _log_failures(symbol: str, done: Evaluation) -> None:
    """One line a detector, with the way to its first error."""
    first: dict[str, Failure] = {}
    for one in done.failures:
        first.setdefault(one.detector, one)
    for name, failure in first.items():
        log.error("failed", symbol=symbol, detector=name, slot=failure.ts, exc_info=failure.error)
