"""What Vexy says: from what happened and what is known to a message in words. Pure: the same input gives the same bytes.

What to tell → which template, with which facts → which variant of it. Vexy's speaker decides whether and when it is told.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from marketswarm.model.event import Event, EventType, importance_of
from marketswarm.model.message import Epoch, MessageKind, MessageLevel
from marketswarm.vexy.aggregate import kind_of
from marketswarm.vexy.context import Context
from marketswarm.vexy.digest_words import a_noun
from marketswarm.vexy.draft import Draft, Suppressed
from marketswarm.vexy.epoch_words import EPOCH_TEMPLATES, epoch_levels, epoch_words, guide_template
from marketswarm.vexy.event_words import event_levels, event_words, template_of
from marketswarm.vexy.level_facts import quality_of
from marketswarm.vexy.notice_words import kept_words, notice_words
from marketswarm.vexy.phrases import tone_of
from marketswarm.vexy.ranking import score_of
from marketswarm.vexy.realise import Words, realise
from marketswarm.vexy.together_words import are_opposed, side_of, together_words

Notice = Literal["silent", "speaking", "late"]
"""Of Vexy herself: she keeps silent for bad data; she speaks again; she was away, and tells only the latest."""

_MINUTE_S: Final = 60
_TTL_S: Final = {
    "info": 10 * _MINUTE_S,
    "notice": 20 * _MINUTE_S,
    "warning": 30 * _MINUTE_S,
    "critical": 60 * _MINUTE_S,
}
_EPOCH_TTL_S, _GUIDE_TTL_S, _SYSTEM_TTL_S, _DIGEST_TTL_S = 7_200, 1_800, 3_600, 900
_EPOCH_SEVERITY: Final[dict[Epoch, int]] = {"open": 45, "settlement": 45, "premarket": 40, "power_hour": 40}
_CALM_SEVERITY, _SYSTEM_SEVERITY = 30, 60
_KINDS: Final[dict[EventType, MessageKind]] = {"data_quality": "system", "digest": "digest"}


def narrate_event(event: Event, context: Context) -> Draft | None:
    """One event of one symbol; None where there is nothing to tell, such as an end that only the session's end brought."""
    template = template_of(event)
    if template is None:
        return None
    key = _event_key(event)
    told = event_words(event, context)
    words = _said(template, told, key, context) or _plain(event, told, key, context)
    known = context.of(event.symbol)
    return _draft(
        words,
        context,
        ts=event.ts,
        symbols=(event.symbol,),
        kind=_KINDS.get(event.type, "event"),
        topic=event.type,
        severity=event.severity,
        dedup_key=key,
        ttl_s=_TTL_S[importance_of(event.severity)],
        is_end=event.state == "exit",
        expiration=event.expiration,
        refs=(event.id,),
        levels=event_levels(event, known),
        quality=quality_of(known.levels),
    )


def narrate_together(events: Sequence[Event], context: Context) -> Draft | None:
    """Events of one kind and of several symbols, as `aggregate.together` groups them, in one sentence; opposing ones by contrast."""
    if len(events) < 2:
        return narrate_event(events[0], context) if events else None
    first = events[0]
    symbols = tuple(one.symbol for one in events)
    way = "+".join(sorted({side_of(one) for one in events}))
    key = "|".join(["+".join(sorted(symbols)), kind_of(first), way])
    template = "together.opposed" if are_opposed(events) else "together.same"
    words = _said(template, together_words(events, context), key, context)
    if words is None:
        return None
    severity = max(one.severity for one in events)
    expirations = {one.expiration for one in events}
    return _draft(
        words,
        context,
        ts=max(one.ts for one in events),
        symbols=symbols,
        kind=_KINDS.get(first.type, "event"),
        topic=first.type,
        severity=severity,
        dedup_key=key,
        ttl_s=_TTL_S[importance_of(severity)],
        is_end=first.state == "exit",
        expiration=expirations.pop() if len(expirations) == 1 else None,
        refs=tuple(one.id for one in events),
        levels=tuple(level for one in events for level in event_levels(one, context.of(one.symbol))),
        quality={},
    )


def narrate_epoch(epoch: Epoch, context: Context, symbol: str) -> Draft | None:
    """What a phase of the session says of a symbol; None for a phase that is silent, or of which nothing is known."""
    template = EPOCH_TEMPLATES.get(epoch)
    if template is None:
        return None
    severity = _EPOCH_SEVERITY.get(epoch, _CALM_SEVERITY)
    return _of_session(template, "epoch", context, symbol, topic=epoch, severity=severity, ttl_s=_EPOCH_TTL_S)


def narrate_guide(context: Context, symbol: str) -> Draft | None:
    """Which conditions are worth watching now; None when none stands out."""
    template = guide_template(context, symbol)
    if template is None:
        return None
    topic = template.partition(".")[2]
    return _of_session(
        template, "guide", context, symbol, topic=topic, severity=_CALM_SEVERITY, ttl_s=_GUIDE_TTL_S
    )


def narrate_digest(suppressed: Suppressed, context: Context) -> Draft | None:
    """What the budget has kept back, in one sentence; None when that is nothing."""
    symbol = suppressed.symbol
    key = f"{symbol}|digest"
    words = _said("digest.kept", kept_words(suppressed), key, context)
    if words is None:
        return None
    return _draft(
        words,
        context,
        ts=context.now,
        symbols=(symbol,),
        kind="digest",
        topic="digest",
        severity=suppressed.worst,
        dedup_key=key,
        ttl_s=_DIGEST_TTL_S,
        is_end=True,
        refs=suppressed.refs,
    )


def narrate_system(notice: Notice, context: Context, symbol: str, *, reason: str = "") -> Draft:
    """What is to be known of Vexy herself; `reason` as a level says why it is degraded, such as `low-coverage`."""
    key = f"{symbol}|{notice}"
    words = _said(f"system.{notice}", notice_words(context, symbol, reason), key, context)
    assert words is not None, "the last tier of a notice needs a symbol alone"
    return _draft(
        words,
        context,
        ts=context.now,
        symbols=(symbol,),
        kind="system",
        topic=notice,
        severity=_CALM_SEVERITY if notice == "speaking" else _SYSTEM_SEVERITY,
        dedup_key=key,
        ttl_s=_SYSTEM_TTL_S,
        is_end=notice == "speaking",
        quality=quality_of(context.of(symbol).levels),
    )


def _of_session(
    template: str, kind: MessageKind, context: Context, symbol: str, *, topic: str, severity: int, ttl_s: int
) -> Draft | None:
    key = f"{symbol}|{kind}|{topic}"
    words = _said(template, epoch_words(context, symbol), key, context)
    if words is None:
        return None
    known = context.of(symbol)
    return _draft(
        words,
        context,
        ts=context.now,
        symbols=(symbol,),
        kind=kind,
        topic=topic,
        severity=severity,
        dedup_key=key,
        ttl_s=ttl_s,
        expiration=known.expiration,
        levels=epoch_levels(context, symbol),
        quality=quality_of(known.levels),
    )


def _event_key(event: Event) -> str:
    """What an event is about; its end is another thing to tell than its beginning."""
    parts = [event.symbol, event.type, event.key, event.direction]
    return "|".join([*parts, "exit"] if event.state == "exit" else parts)


def _said(template: str, told: Mapping[str, Any], key: str, context: Context) -> Words | None:
    return realise(template, told, seed=f"{key}|{context.session.day.isoformat()}", recent=context.recent)


def _plain(event: Event, told: Mapping[str, Any], key: str, context: Context) -> Words:
    """The last words: that it is, and nothing of how."""
    template = "plain.over" if event.state == "exit" else "plain.begun"
    words = _said(template, {"symbol": told["symbol"], "noun": a_noun(event.type)}, key, context)
    assert words is not None, "needs a symbol and a noun alone"
    return words


def _draft(
    words: Words,
    context: Context,
    *,
    ts: int,
    symbols: tuple[str, ...],
    kind: MessageKind,
    topic: str,
    severity: int,
    dedup_key: str,
    ttl_s: int,
    is_end: bool = False,
    levels: tuple[MessageLevel, ...] = (),
    **more: Any,
) -> Draft:
    return Draft(
        ts=ts,
        symbols=symbols,
        epoch=context.epoch,
        kind=kind,
        topic=topic,
        severity=severity,
        importance=importance_of(severity),
        tone=tone_of(severity, "exit" if is_end else "enter"),
        title=words.title,
        texts=words.texts,
        wording=words.wording,
        dedup_key=dedup_key,
        ttl_s=ttl_s,
        score=score_of(severity, topic, context.epoch, context.recent),
        facts=words.facts,
        levels=levels,
        **more,
    )
