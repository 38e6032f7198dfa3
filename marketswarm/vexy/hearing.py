"""What becomes of events: told, told together, kept back for a digest, or passed over in silence. Pure.

Every event changes the marks on the widgets, also one that is not told. Of the rest: what is told of the data, ends of what was told,
and what is critical are always said; all else keeps to the symbol's cooldowns and budget.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from marketswarm.model.event import Event
from marketswarm.vexy.aggregate import Way, are_echoes, jumps_of, together
from marketswarm.vexy.budget import has_room, is_hot, kept_back, reminded, spent
from marketswarm.vexy.draft import Draft
from marketswarm.vexy.narrate import narrate_event, narrate_system, narrate_together
from marketswarm.vexy.quality import Silence, begins_silence, ends_silence, reason_of
from marketswarm.vexy.ranking import score_of
from marketswarm.vexy.speech import Speech, message_id
from marketswarm.vexy.state import with_episode, with_recent
from marketswarm.vexy.widgets import changes_of

LATE_MS: Final = 300_000
"""What is older when it is heard is not told one by one."""

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
    drafted = _drafted(speech, events)
    alone = {one.events[0].id: one.draft for one in drafted}
    candidates = _joined(speech, drafted)
    chosen: set[int] = set()
    worth = [_worth(speech, one.draft) for one in candidates]
    jumps, told = jumps_of(events), set[Way]()
    later = [are_echoes(one.events, jumps) for one in candidates]  # once it is known whether the jump is told
    for place in sorted(range(len(candidates)), key=lambda place: (later[place], -worth[place], place)):
        one = candidates[place]
        if not (later[place] and are_echoes(one.events, told)) and _finds_room(speech, one):
            _spend(speech, one, alone)
            chosen.add(place)
            told |= jumps_of(one.events)
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
        context = speech.context(event.ts, [event.symbol])
        draft = narrate_event(event, replace(context, recent=recent))
        if draft is not None:
            recent = with_recent(recent, draft.wording)
            found.append(_Candidate((event,), draft))
    return found


def _joined(speech: Speech, candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Beginnings of one kind, of several symbols and about the same moment, in one sentence where there is one for them.

    An end is told alone: it takes the place of one message, and those of several beginnings are several.
    """
    single = [
        one.events[0] for one in candidates if one.events[0].state == "enter" and not _is_hot(speech, one)
    ]
    joint = {
        group[0].id: _Candidate(group, draft)
        for group in together(single)
        if len(group) > 1 and (draft := _in_one_sentence(speech, group)) is not None
    }
    members = {event.id for one in joint.values() for event in one.events}
    return [
        joint.get(one.events[0].id, one)
        for one in candidates
        if one.events[0].id in joint or one.events[0].id not in members
    ]


def _in_one_sentence(speech: Speech, events: Sequence[Event]) -> Draft | None:
    last = max(event.ts for event in events)
    return narrate_together(events, speech.context(last, [event.symbol for event in events]))


def _worth(speech: Speech, draft: Draft) -> float:
    """How much it is worth now, beside others of the same moment: none of them is old news because of another."""
    return score_of(draft.severity, draft.topic, draft.epoch, speech.state.recent)


def _finds_room(speech: Speech, one: _Candidate) -> bool:
    """Whether it may be said: always, or by cooldown and budget of all its symbols."""
    event = one.events[0]
    if event.type in _ALWAYS or event.state == "exit" or one.draft.importance == "critical":
        return True
    return not _is_hot(speech, one) and all(has_room(speech.budget(symbol), one.ts) for symbol in one.symbols)


def _is_hot(speech: Speech, one: _Candidate) -> bool:
    """Whether the same was said of one of its symbols a short while ago."""
    key, importance = one.draft.dedup_key, one.draft.importance
    return any(is_hot(speech.budget(symbol), key, importance, one.ts) for symbol in one.symbols)


def _spend(speech: Speech, one: _Candidate, alone: Mapping[str, Draft]) -> None:
    """Of every symbol's budget; what was told together counts as told alone, too."""
    for event in one.events:
        budget = speech.budget(event.symbol)
        own = alone[event.id]
        budget = spent(budget, one.draft.dedup_key, one.draft.importance, one.ts)
        speech.set_budget(event.symbol, reminded(budget, own.dedup_key, own.importance, one.ts))


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
