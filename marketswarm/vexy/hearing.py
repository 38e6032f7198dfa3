"""What becomes of events: told, told together, kept back for a digest, or passed over in silence. Pure.

Every event changes the marks on the widgets, also one that is not told. Of the rest: what is told of the data, ends of what was told,
and what is critical are always said; all else keeps to the symbol's cooldowns and budget.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from marketswarm.model.event import Event
from marketswarm.vexy.budget import has_room, is_hot, kept_back, spent
from marketswarm.vexy.context import Context, Wording
from marketswarm.vexy.draft import Draft
from marketswarm.vexy.narrate import narrate_event, narrate_system, narrate_together
from marketswarm.vexy.quality import Silence, begins_silence, ends_silence, reason_of
from marketswarm.vexy.speech import Speech, message_id
from marketswarm.vexy.state import with_episode, with_recent
from marketswarm.vexy.widgets import changes_of

LATE_MS: Final = 300_000
"""What is older when it is heard is not told one by one."""

TOGETHER_MS: Final = 20_000
_ALWAYS: Final = frozenset({"data_quality", "expiry_roll"})


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Events of one type that may be told in one sentence; one event, as a rule."""

    events: tuple[Event, ...]
    draft: Draft

    @property
    def ts(self) -> int:
        return self.draft.ts

    @property
    def symbols(self) -> list[str]:
        return list(dict.fromkeys(event.symbol for event in self.events))


def hear(speech: Speech, events: Sequence[Event], now_ms: int) -> None:
    """Deal with events, in their order.

    Args:
        speech: what is gathered.
        events: that nobody has heard.
        now_ms: by the clock of the settings; decides only what is too late to be told.
    """
    waiting: list[Event] = []
    for event in events:
        _put_marks(speech, event)
        if begins_silence(event) or ends_silence(event):
            _say_all(speech, waiting)
            waiting = []
            _turn(speech, event, now_ms)
        elif event.symbol in speech.state.silences:
            _keep_back(speech, event)
        elif event.ts < now_ms - LATE_MS:
            _pass_over(speech, event)
        else:
            waiting.append(event)
    _say_all(speech, waiting)
    _say_late(speech, events, now_ms)
    speech.count(heard=len(events))


# -- silence, and what is too late ------------------------------------------


def _turn(speech: Speech, event: Event, now_ms: int) -> None:
    """The data has become bad, or good again: said once each."""
    silences = dict(speech.state.silences)
    before = silences.pop(event.symbol, None)
    if begins_silence(event):
        if before is None or not before.is_told:
            said = _say_of_data(speech, event, before.message if before else "", now_ms)
            before = Silence(event.ts, reason_of(event), said)
        speech.set(silences=silences | {event.symbol: before})
    elif before is not None:
        speech.set(silences=silences)
        _say_of_data(speech, event, before.message, now_ms)


def _say_of_data(speech: Speech, event: Event, supersedes: str, now_ms: int) -> str:
    draft = narrate_event(event, speech.context(event.ts, [event.symbol]))
    if draft is None or event.ts < now_ms - LATE_MS:
        return ""
    name = message_id("event", event.id)
    speech.say(draft, name, supersedes=supersedes)
    speech.count(told=1)
    return name


def _keep_back(speech: Speech, event: Event) -> None:
    """Not told: counted for the digest, unless it is an end, of which there is nothing to count."""
    if event.state == "exit":
        return
    budget = kept_back(speech.budget(event.symbol), event.type, event.severity, event.id, event.ts)
    speech.set_budget(event.symbol, budget)
    speech.count(kept_back=1)


def _pass_over(speech: Speech, event: Event) -> None:
    _keep_back(speech, event)
    speech.count(passed_over=1)


def _say_late(speech: Speech, events: Iterable[Event], now_ms: int) -> None:
    """That events were passed over, once for each symbol that is not silent; what they were is in its digest."""
    late = [event for event in events if event.ts < now_ms - LATE_MS]
    for symbol in dict.fromkeys(event.symbol for event in late):
        if symbol in speech.state.silences:
            continue
        last = [event for event in late if event.symbol == symbol][-1]
        context = speech.context(now_ms // 10_000 * 10_000, [symbol])
        speech.say(narrate_system("late", context, symbol), message_id("late", symbol, last.id))
        speech.notes.append(
            f"{symbol}: events older than {LATE_MS // 60_000} minutes were not told one by one"
        )


# -- what is told -------------------------------------------------------------


def _say_all(speech: Speech, events: Sequence[Event]) -> None:
    """Each of them, or several together; those that are worth most have the room that there is."""
    candidates = _joined(speech, _drafted(speech, events))
    chosen: set[int] = set()
    for place in sorted(range(len(candidates)), key=lambda place: (-candidates[place].draft.score, place)):
        if _finds_room(speech, candidates[place]):
            _spend(speech, candidates[place])
            chosen.add(place)
    for place, one in enumerate(candidates):
        if place in chosen:
            _tell(speech, one)
        else:
            for event in one.events:
                _keep_back(speech, event)


def _drafted(speech: Speech, events: Sequence[Event]) -> list[_Candidate]:
    """In words, one by one; an end of what was not told is left out, and so is what there are no words for."""
    found: list[_Candidate] = []
    recent = speech.state.recent
    for event in events:
        if event.state == "exit" and event.episode not in speech.state.episodes:
            continue
        draft = _in_words(
            speech, [event.symbol], event.ts, recent, lambda at, one=event: narrate_event(one, at)
        )
        if draft is not None:
            recent = with_recent(recent, draft.wording)
            found.append(_Candidate((event,), draft))
    return found


def _joined(speech: Speech, candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Beginnings of one type, of several symbols and about the same moment, in one sentence where there is one for them."""
    left, found = list(candidates), list[_Candidate]()
    while left:
        first = left.pop(0)
        others = _alike(first, left)
        draft = None
        if others:
            events = [first.events[0], *(one.events[0] for one in others)]
            names = [event.symbol for event in events]
            draft = _in_words(
                speech,
                names,
                max(event.ts for event in events),
                speech.state.recent,
                lambda at, some=events: narrate_together(some, at),
            )
        if draft is None:
            found.append(first)
        else:
            found.append(_Candidate((first.events[0], *(one.events[0] for one in others)), draft))
            left = [one for one in left if one not in others]
    return found


def _alike(first: _Candidate, others: Sequence[_Candidate]) -> list[_Candidate]:
    """Those that may be told with the first: one a symbol."""
    event = first.events[0]
    if event.state != "enter" or event.type == "digest":
        return []
    found: dict[str, _Candidate] = {}
    for one in others:
        other = one.events[0]
        is_alike = (other.type, other.state) == (event.type, "enter") and other.symbol != event.symbol
        if is_alike and abs(other.ts - event.ts) <= TOGETHER_MS:
            found.setdefault(other.symbol, one)
    return list(found.values())


def _in_words(
    speech: Speech,
    symbols: Iterable[str],
    now: int,
    recent: tuple[Wording, ...],
    narrate: Callable[[Context], Draft | None],
) -> Draft | None:
    context = speech.context(now, symbols)
    return narrate(Context(context.now, context.epoch, context.session, context.symbols, recent))


def _finds_room(speech: Speech, one: _Candidate) -> bool:
    """Whether it may be said: always, or by cooldown and budget of all its symbols."""
    event, draft = one.events[0], one.draft
    if event.type in _ALWAYS or event.state == "exit" or draft.importance == "critical":
        return True
    budgets = [speech.budget(symbol) for symbol in one.symbols]
    if any(is_hot(budget, draft.dedup_key, draft.importance, one.ts) for budget in budgets):
        return False
    return all(has_room(budget, one.ts) for budget in budgets)


def _spend(speech: Speech, one: _Candidate) -> None:
    for symbol in one.symbols:
        budget = spent(speech.budget(symbol), one.draft.dedup_key, one.draft.importance, one.ts)
        speech.set_budget(symbol, budget)


def _tell(speech: Speech, one: _Candidate) -> None:
    name = message_id("event", *(event.id for event in one.events))
    before = {speech.state.episodes.get(event.episode, "") for event in one.events} - {""}
    episodes = dict(speech.state.episodes)
    for event in one.events:
        if event.state == "exit":
            episodes.pop(event.episode, None)
        else:
            episodes = with_episode(episodes, event.episode, name)
    over = [old for old in sorted(before) if old not in episodes.values()]
    speech.set(episodes=episodes)
    speech.say(one.draft, name, supersedes=over[0] if over else "")
    speech.count(told=len(one.events))


def _put_marks(speech: Speech, event: Event) -> None:
    context = speech.context(event.ts, [event.symbol])
    changes = changes_of(
        event,
        speech.standing(event.symbol),
        closes_ms=speech.hours.closes_ms(event.ts),
        facts=context.of(event.symbol),
    )
    speech.mark(event.symbol, changes)
