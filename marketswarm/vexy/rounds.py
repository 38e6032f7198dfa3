"""What is due by the time alone: digests, silences that nobody has told of, marks whose time is up, and the messages of phases. Pure."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from marketswarm.vexy.budget import digest_due, emptied, has_room, is_hot, spent, suppressed
from marketswarm.vexy.draft import Draft
from marketswarm.vexy.epochs import Phase
from marketswarm.vexy.marks import expected_move_band, stale_badges
from marketswarm.vexy.narrate import Notice, narrate_digest, narrate_epoch, narrate_guide, narrate_system
from marketswarm.vexy.quality import OLD, Silence, judged_ms, looked_at, unfit
from marketswarm.vexy.speech import Speech, message_id
from marketswarm.vexy.state import with_phase
from marketswarm.vexy.widgets import QUALITY, cleared, outdated, placed

_SLOT_MS: Final = 10_000
_GUIDE: Final = "guide"


class Waiting(NamedTuple):
    """A phase's message that is due and not told yet, and why."""

    symbol: str
    epoch: str
    why: str


def go_round(speech: Speech, symbols: Iterable[str], now_ms: int) -> None:
    """What is due beside events."""
    for symbol in symbols:
        _look_at_data(speech, symbol, now_ms)
        if symbol not in speech.state.silences and digest_due(speech.budget(symbol), now_ms):
            _say_digest(speech, symbol, now_ms)
        _drop_outdated(speech, symbol)
        speech.let_expire(symbol, now_ms)


def tell_phases(speech: Speech, symbols: Iterable[str], now_ms: int) -> list[Waiting]:
    """The messages of the phase, each once a session and symbol; those that are due and have to wait."""
    phase = speech.hours.phase(now_ms)
    if not phase.is_due(now_ms):
        return []
    waiting: list[Waiting] = []
    for symbol in symbols:
        if _name(phase) not in speech.state.phases.get(symbol, ()):
            why = _tell_phase(speech, symbol, phase, now_ms)
            waiting += [Waiting(symbol, phase.epoch, why)] if why else []
        elif phase.is_trading and f"{_name(phase)}/{_GUIDE}" not in speech.state.phases.get(symbol, ()):
            _tell_guide(speech, symbol, phase, now_ms)
    return waiting


# -- phases -----------------------------------------------------------------


def _tell_phase(speech: Speech, symbol: str, phase: Phase, now_ms: int) -> str:
    """Say it; why it has to wait, if it has to."""
    why = _why_silent(speech, symbol, now_ms)
    moment = judged_ms(speech.of(symbol).levels)
    if not why and moment < phase.begins_ms:
        why = "not judged yet"
    if why:
        return why
    # A moment of the data, no clock's: told late it speaks of what is judged by then.
    context = speech.context(max(phase.due_ms or 0, moment), [symbol])
    draft = narrate_epoch(phase.epoch, context, symbol)
    if draft is None:
        return "nothing to tell"
    if phase.epoch == "opening_range":
        marks = expected_move_band(context.of(symbol), closes_ms=speech.hours.closes_ms(now_ms))
        standing = speech.standing(symbol)
        speech.mark(symbol, placed(marks, standing, symbol=symbol, what="expected_move/band", ts=context.now))
    _remember(speech, symbol, _name(phase))
    speech.say(draft, message_id("epoch", symbol, _name(phase)))
    return ""


def _tell_guide(speech: Speech, symbol: str, phase: Phase, now_ms: int) -> None:
    """Once a phase, when there is something to watch, and room for it."""
    if _why_silent(speech, symbol, now_ms):
        return
    moment = max(phase.due_ms or 0, judged_ms(speech.of(symbol).levels))
    draft = narrate_guide(speech.context(moment, [symbol]), symbol)
    if draft is None or not _finds_room(speech, symbol, draft):
        return
    budget = spent(speech.budget(symbol), draft.dedup_key, draft.importance, draft.ts)
    speech.set_budget(symbol, budget)
    name = f"{_name(phase)}/{_GUIDE}"
    _remember(speech, symbol, name)
    speech.say(draft, message_id(_GUIDE, symbol, name))


def _finds_room(speech: Speech, symbol: str, draft: Draft) -> bool:
    budget = speech.budget(symbol)
    return has_room(budget, draft.ts) and not is_hot(budget, draft.dedup_key, draft.importance, draft.ts)


def _why_silent(speech: Speech, symbol: str, now_ms: int) -> str:
    silence = speech.state.silences.get(symbol)
    if silence is not None:
        return silence.why
    return unfit(speech.of(symbol).levels, now_ms, trading_since=speech.hours.trading_since(now_ms))


def _name(phase: Phase) -> str:
    return f"{phase.day.isoformat()}/{phase.epoch}"


def _remember(speech: Speech, symbol: str, name: str) -> None:
    told = with_phase(speech.state.phases.get(symbol, ()), name)
    speech.set(phases=speech.state.phases | {symbol: told})


# -- marks ------------------------------------------------------------------


def _drop_outdated(speech: Speech, symbol: str) -> None:
    levels, standing = speech.of(symbol).levels, speech.standing(symbol)
    speech.mark(symbol, cleared(standing, outdated(standing, levels, judged_ms(levels))))


# -- data -------------------------------------------------------------------


def _look_at_data(speech: Speech, symbol: str, now_ms: int) -> None:
    """Begin a silence that no event can tell, since nobody judges; end one whose end nobody has told."""
    why = unfit(speech.of(symbol).levels, now_ms, trading_since=speech.hours.trading_since(now_ms))
    silences = dict(speech.state.silences)
    silence = silences.pop(symbol, None)
    if silence is None:
        if why == OLD:
            _fall_silent(speech, symbol, now_ms)
        return
    left = looked_at(silence, why, now_ms)
    if left is not None:
        speech.set(silences=silences | {symbol: left})
        return
    speech.set(silences=silences)
    speech.mark(symbol, cleared(speech.standing(symbol), _badges(speech, symbol)))
    _say_notice(speech, "speaking", symbol, "", now_ms, supersedes=silence.message)


def _fall_silent(speech: Speech, symbol: str, now_ms: int) -> None:
    standing = speech.standing(symbol)
    marks = stale_badges("nothing is judged")
    speech.mark(symbol, placed(marks, standing, symbol=symbol, what=QUALITY, ts=now_ms))
    name = _say_notice(speech, "silent", symbol, OLD, now_ms)
    silence = Silence(now_ms, OLD, name, is_told=False)
    speech.set(silences=speech.state.silences | {symbol: silence})


def _badges(speech: Speech, symbol: str) -> list[str]:
    return [name for name in speech.standing(symbol) if name.endswith(f"/{QUALITY}")]


def _say_notice(
    speech: Speech, notice: Notice, symbol: str, reason: str, now_ms: int, *, supersedes: str = ""
) -> str:
    slot = now_ms // _SLOT_MS * _SLOT_MS
    name = message_id(notice, symbol, str(slot))
    draft = narrate_system(notice, speech.context(slot, [symbol]), symbol, reason=reason)
    speech.say(draft, name, supersedes=supersedes)
    return name


def _say_digest(speech: Speech, symbol: str, now_ms: int) -> None:
    budget = speech.budget(symbol)
    context = speech.context(now_ms // _SLOT_MS * _SLOT_MS, [symbol])
    draft = narrate_digest(suppressed(budget, symbol), context)
    speech.set_budget(symbol, emptied(budget))
    if draft is not None:
        speech.say(draft, message_id("digest", symbol, str(budget.kept.since), str(budget.kept.until)))
