"""One time that Vexy speaks: what is new in; messages and marks out, in one step.

Whoever speaks does it alone or not at all: the commit asks for the state with which it began. A worker that dies before it leaves
everything as it was, one that dies after it leaves nothing to do.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog

from marketswarm.clock import Clock
from marketswarm.vexy.hearing import hear
from marketswarm.vexy.hours import Hours
from marketswarm.vexy.inbox import News
from marketswarm.vexy.redis_vexy import Outcome, RedisVexy
from marketswarm.vexy.rounds import Waiting, go_round, tell_phases
from marketswarm.vexy.speech import Speech
from marketswarm.vexy.state import VexyState, decode, encode, plain
from marketswarm.vexy.widgets import Changes, mark_text

log = structlog.get_logger("marketswarm.vexy")

_ATTEMPTS: Final = 5
"""Of a commit that others overtake: each time less is new."""

_LOOK_AGAIN_S, _LOOKS, _SLOT_MS = 0.02, 6, 10_000
"""So often, and so much later, it is looked whether the other symbols' evaluations of the same tick are through."""

_MOST_BATCHES: Final = 200  # more than all that the stream holds


@dataclass(frozen=True, slots=True)
class SpeechReport:
    """What one time came to.

    Attributes:
        heard: events that were dealt with. `unusable`: entries that hold none.
        messages: id, kind and title of each that was said.
        waiting: messages of phases that are due and have to wait.
        overtaken: how often another was quicker.
        counts: of all events so far.
        notes: what was out of the ordinary.
    """

    heard: int = 0
    unusable: int = 0
    messages: tuple[tuple[str, str, str], ...] = ()
    waiting: tuple[Waiting, ...] = ()
    overtaken: int = 0
    counts: dict[str, int] | None = None
    notes: tuple[str, ...] = ()

    def and_then(self, later: "SpeechReport") -> "SpeechReport":
        """Both, one after the other."""
        return SpeechReport(
            heard=self.heard + later.heard,
            unusable=self.unusable + later.unusable,
            messages=self.messages + later.messages,
            waiting=later.waiting,
            overtaken=self.overtaken + later.overtaken,
            counts=later.counts or self.counts,
            notes=self.notes + later.notes,
        )

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "heard": self.heard,
            "unusable": self.unusable,
            "messages": [{"id": name, "kind": kind, "title": title} for name, kind, title in self.messages],
            "waiting": [one._asdict() for one in self.waiting],
            "overtaken": self.overtaken,
            "counts": self.counts or {},
            "notes": list(self.notes),
        }


Compose = Callable[[Speech, News], list[Waiting]]


class Speaker:
    """Speaks, one time at a time.

    Args:
        store: news, state, messages and marks.
        clock: that of the settings, so that a replay is its own day.
        hours: of the session.
        symbols: whose phases are told.
    """

    def __init__(self, store: RedisVexy, clock: Clock, hours: Hours, *, symbols: Sequence[str]) -> None:
        self._store = store
        self._clock = clock
        self._hours = hours
        self._symbols = tuple(symbols)

    def speak(self) -> SpeechReport:
        """Tell what is new, and what is due beside it.

        Raises:
            StoreUnavailable: nothing was written, or all of it; what was not heard still waits.
        """
        return self._all(self._compose_events)

    def tell_phases(self) -> SpeechReport:
        """Tell what the session's phase asks for, once.

        Raises:
            StoreUnavailable: as above.
        """
        return self._all(self._compose_phases)

    # -- inside -------------------------------------------------------------

    def _compose_events(self, speech: Speech, news: News) -> list[Waiting]:
        now_ms = self._clock.now_ms()
        hear(speech, news.events, now_ms)
        go_round(speech, self._symbols, now_ms)
        return []

    def _compose_phases(self, speech: Speech, news: News) -> list[Waiting]:
        """After what is new: a phase never speaks of what somebody is about to be told."""
        self._compose_events(speech, news)
        return tell_phases(speech, self._symbols, self._clock.now_ms())

    def _all(self, compose: Compose) -> SpeechReport:
        report, is_more = SpeechReport(), True
        for _ in range(_MOST_BATCHES):
            if not is_more:
                break
            done, is_more = self._once(compose)
            report = report.and_then(done)
        return report

    def _once(self, compose: Compose) -> tuple[SpeechReport, bool]:
        for overtaken in range(_ATTEMPTS):
            began = self._store.state()
            state = self._begin(began)
            news = self._whole_news(state)
            speech = self._speech(state, news)
            waiting = compose(speech, news)
            if speech.state == state and not speech.changes and began is not None:
                return SpeechReport(waiting=tuple(waiting), overtaken=overtaken, counts=plain(state)), False
            if self._store.commit(_outcome(began, speech, news)):
                _log(news, speech)
                return _report(speech, news, waiting, overtaken), news.is_more
        return SpeechReport(overtaken=_ATTEMPTS), False

    def _whole_news(self, state: VexyState) -> News:
        """What is new, and what is new in a moment: events of one tick are told by an evaluation a symbol, side by side.

        Levels come first: what a symbol's evaluation has told is in the stream once its levels are seen.
        """
        for look in range(_LOOKS):
            if look:
                self._clock.sleep(_LOOK_AGAIN_S)
            judged = self._store.judged(self._symbols)
            news = self._store.news(state.heard, state.ticked)
            if news.is_more or not news.events or not _is_coming(judged, news.events[-1].ts):
                break
        return news

    def _begin(self, text: bytes | None) -> VexyState:
        """The stored state; without a usable one events begin where the group stands, so that none is told twice."""
        found, why = (None, "") if text is None else decode(text)
        if found is not None:
            return found
        return VexyState(heard=self._store.group_place(), begun_anew=why)

    def _speech(self, state: VexyState, news: News) -> Speech:
        symbols = sorted({*self._symbols, *(event.symbol for event in news.events)})
        speech = Speech(state, self._hours, self._store.known(symbols))
        speech.watch(news.ticks)
        speech.set(heard=news.heard, ticked=news.ticked)
        speech.count(unusable=len(news.unusable), lost=int(news.is_cut))
        if news.is_cut:
            speech.notes.append("events were trimmed before they were heard")
        return speech


def _is_coming(judged: Mapping[str, int], ts: int) -> bool:
    """Whether a symbol that was judged at the slot before has not been at this one."""
    return any(0 < ts - one <= _SLOT_MS for one in judged.values())


def _outcome(began: bytes | None, speech: Speech, news: News) -> Outcome:
    changed = {symbol: changes for symbol, changes in speech.changes.items() if changes.all}
    return Outcome(
        began=began,
        state=encode(speech.state),
        entries=news.entries,
        heard=news.heard,
        messages=[one.model_dump_json(exclude_none=True).encode() for one in speech.messages],
        unusable=news.unusable,
        put={symbol: _texts(changes) for symbol, changes in changed.items()},
        taken={symbol: sorted(changes.taken) for symbol, changes in changed.items()},
    )


def _texts(changes: Changes) -> dict[str, str]:
    return {name: mark_text(one) for name, one in sorted(changes.put.items())}


def _report(speech: Speech, news: News, waiting: list[Waiting], overtaken: int) -> SpeechReport:
    return SpeechReport(
        heard=len(news.events),
        unusable=len(news.unusable),
        messages=tuple((one.id, one.kind, one.title) for one in speech.messages),
        waiting=tuple(waiting),
        overtaken=overtaken,
        counts=plain(speech.state),
        notes=tuple(speech.notes),
    )


def _log(news: News, speech: Speech) -> None:
    for one in news.unusable:
        log.warning("entry holds no event", entry=one.id, why=one.why)
    for note in speech.notes:
        log.warning(note)
