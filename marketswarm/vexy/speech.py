"""What is about to be said: messages, marks and the state after them, gathered until all of it is written in one step. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha1
from typing import Any

from msgspec.structs import replace

from marketswarm.model.message import Annotation, Message
from marketswarm.vexy.budget import Budget
from marketswarm.vexy.context import Context
from marketswarm.vexy.draft import Draft
from marketswarm.vexy.hours import Hours
from marketswarm.vexy.inbox import Known
from marketswarm.vexy.session_so_far import SessionSoFar, Tick, facts_of, with_tick
from marketswarm.vexy.state import VexyState, carried_marks, with_recent
from marketswarm.vexy.widgets import Changes, expired, mark_text

_NOTHING = Known()


@dataclass(slots=True)
class Speech:
    """One time that Vexy speaks.

    Attributes:
        state: as it is so far. `hours`: of the session.
        known: symbol → what stands in the store.
        messages: in order.
        changes: symbol → what becomes of its marks.
        notes: what was out of the ordinary.
    """

    state: VexyState
    hours: Hours
    known: Mapping[str, Known] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    changes: dict[str, Changes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    # -- what is known ----------------------------------------------------------

    def of(self, symbol: str) -> Known:
        """What stands in the store of a symbol."""
        return self.known.get(symbol, _NOTHING)

    def budget(self, symbol: str) -> Budget:
        """What was said of it."""
        return self.state.budgets.get(symbol, Budget())

    def standing(self, symbol: str) -> dict[str, Annotation]:
        """Its marks as they are by now."""
        return self.changes.get(symbol, Changes()).onto(self.of(symbol).marks)

    def context(self, now: int, symbols: Iterable[str]) -> Context:
        """The moment, for those who put it into words."""
        phase = self.hours.phase(now)
        return Context(
            now=now,
            epoch=phase.epoch,
            session=self.hours.session(phase),
            symbols={
                symbol: facts_of(
                    self.state.sessions.get(symbol), self.of(symbol).levels, phase, self.of(symbol).expiration
                )
                for symbol in symbols
            },
            recent=self.state.recent,
        )

    # -- what becomes of it -----------------------------------------------------

    def set(self, **parts: Any) -> None:
        """Put parts of the state in place."""
        self.state = replace(self.state, **parts)

    def count(self, **more: int) -> None:
        """Count on."""
        counts = self.state.counts
        self.set(counts=replace(counts, **{name: getattr(counts, name) + by for name, by in more.items()}))

    def set_budget(self, symbol: str, budget: Budget) -> None:
        """What was said of a symbol by now."""
        self.set(budgets=self.state.budgets | {symbol: budget})

    def watch(self, ticks: Mapping[str, Iterable[Tick]]) -> None:
        """Follow the spots."""
        sessions = dict(self.state.sessions)
        for symbol, some in ticks.items():
            so_far = sessions.get(symbol, SessionSoFar())
            phase = self.hours.phase(so_far.ts)
            session = self.hours.session(phase)
            for tick in some:
                if not phase.has(tick.ts):
                    phase = self.hours.phase(tick.ts)
                    session = self.hours.session(phase)
                so_far = with_tick(so_far, tick, phase, session)
            sessions[symbol] = so_far
        self.set(sessions=sessions)

    def mark(self, symbol: str, changes: Changes) -> None:
        """Change marks; they wait for the symbol's next message, which brings them along."""
        if not changes.all:
            return
        self.changes[symbol] = self.changes.get(symbol, Changes()).then(changes)
        waiting = self.state.carried.get(symbol, {}) | {one.id: mark_text(one) for one in changes.all}
        self.set(carried=self.state.carried | {symbol: waiting})

    def let_expire(self, symbol: str, now_ms: int) -> None:
        """Take away marks whose time is up; each has said when it goes, so nobody is told."""
        standing = self.standing(symbol)
        gone = expired(standing, now_ms)
        if not gone:
            return
        taken = Changes(taken={name: standing[name] for name in gone})
        self.changes[symbol] = self.changes.get(symbol, Changes()).then(taken)
        left = {name: one for name, one in self.state.carried.get(symbol, {}).items() if name not in gone}
        self.set(carried=self.state.carried | {symbol: left})

    def say(self, draft: Draft, message_id: str, *, supersedes: str = "") -> None:
        """Say it, with the marks that have changed."""
        waiting = [one for symbol in draft.symbols for one in self._carried(symbol)]
        self.messages.append(draft.message(message_id, supersedes=supersedes, annotations=tuple(waiting)))
        self.set(
            carried={name: one for name, one in self.state.carried.items() if name not in draft.symbols},
            recent=with_recent(self.state.recent, draft.wording),
        )

    def _carried(self, symbol: str) -> list[Annotation]:
        found = carried_marks(self.state.carried.get(symbol, {}))
        return [found[name] for name in sorted(found)]


def message_id(*words: str) -> str:
    """20 hex digits of SHA-1 over what makes a message the one it is: never its words."""
    return sha1("|".join(words).encode(), usedforsecurity=False).hexdigest()[:20]
