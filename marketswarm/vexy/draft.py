"""A message before it has an id, a predecessor and marks on the widgets: those are given by whoever says it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from marketswarm.model.event import EventType, Importance
from marketswarm.model.message import (
    Annotation,
    Detail,
    Epoch,
    Message,
    MessageFact,
    MessageKind,
    MessageLevel,
    Tone,
)
from marketswarm.vexy.context import Wording

VERSION = 1
"""Of the words: it grows when the same facts are told otherwise."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is said, and all that is known of it from the words alone: as in `Message`.

    Attributes:
        score: 0 to 100, how much it is worth being told now: severity × novelty × relevance of the phase.
    """

    ts: int
    symbols: tuple[str, ...]
    epoch: Epoch
    kind: MessageKind
    topic: str
    severity: int
    importance: Importance
    tone: Tone
    title: str
    texts: Mapping[Detail, str]
    wording: Wording
    dedup_key: str
    ttl_s: int
    score: float = 0.0
    expiration: date | None = None
    facts: tuple[MessageFact, ...] = ()
    refs: tuple[str, ...] = ()
    levels: tuple[MessageLevel, ...] = ()
    quality: Mapping[str, float | str] = field(default_factory=dict)

    def message(
        self, message_id: str, *, supersedes: str = "", annotations: tuple[Annotation, ...] = ()
    ) -> Message:
        """The message, once it has what only its speaker can know."""
        return Message(
            id=message_id,
            ts=self.ts,
            symbols=self.symbols,
            expiration=self.expiration,
            epoch=self.epoch,
            kind=self.kind,
            topic=self.topic,
            severity=self.severity,
            importance=self.importance,
            tone=self.tone,
            title=self.title,
            texts=dict(self.texts),
            template=self.wording.template,
            variant=self.wording.variant,
            facts=self.facts,
            refs=self.refs,
            levels=self.levels,
            annotations=annotations,
            dedup_key=self.dedup_key,
            supersedes=supersedes,
            ttl_s=self.ttl_s,
            quality=dict(self.quality),
            version=VERSION,
        )


@dataclass(frozen=True, slots=True)
class Suppressed:
    """What a symbol's budget has kept back, for the next digest.

    Attributes:
        counts: event type → how many.
        since, until: of the first and of the last, ms since the epoch.
        worst: the highest severity among them.
        refs: ids of the events, the newest ones where there are many.
    """

    symbol: str
    counts: Mapping[EventType, int]
    since: int
    until: int
    worst: int = 0
    refs: tuple[str, ...] = ()
