"""From a template and facts to words: which variant is taken, and what it says. Pure: the same input gives the same bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha1
from typing import Any

from jinja2 import UndefinedError

from marketswarm.model.message import DETAILS, TEXT_MOST, TITLE_MOST, Detail, MessageFact
from marketswarm.vexy.context import RECENT_MOST, Wording
from marketswarm.vexy.phrases import capitalised
from marketswarm.vexy.wordbook import FIELDS, USED, Section, Variant, terms, wordbook

_MOST = {"title": TITLE_MOST} | dict.fromkeys(DETAILS, TEXT_MOST)


@dataclass(frozen=True, slots=True)
class Words:
    """What is said, in all levels of detail, and the facts that stand in it."""

    title: str
    texts: Mapping[Detail, str]
    facts: tuple[MessageFact, ...]
    wording: Wording


def realise(
    template: str, facts: Mapping[str, Any], *, seed: str, recent: Sequence[Wording] = ()
) -> Words | None:
    """The first variant, in an order that the seed gives, of which nothing is missing and that fits; fuller ones before shorter.

    Args:
        template: such as `key_strike.held`.
        facts: name → fact, phrase, reference or word, as they stand in the template.
        seed: what the choice hangs on; the same seed gives the same order.
        recent: words that were said last, newest last: they come after the others.
    """
    for variant in ordered(wordbook().get(template, ()), template, seed=seed, recent=recent):
        words = said(template, variant, facts)
        if words is not None:
            return words
    return None


def ordered(section: Section, template: str, *, seed: str, recent: Sequence[Wording]) -> list[Variant]:
    """The variants tier by tier, in each turned by the seed, those of the last messages last and the oldest of them first."""
    last = [one.variant for one in recent[-RECENT_MOST:] if one.template == template]
    turn = int.from_bytes(sha1(f"{seed}|{template}".encode(), usedforsecurity=False).digest()[:4])
    found: list[Variant] = []
    for tier in sorted({one.tier for one in section}):
        inside = [one for one in section if one.tier == tier]
        start = turn % len(inside)
        turned = inside[start:] + inside[:start]
        found += sorted(turned, key=lambda one: _last_said(one, last))
    return found


def _last_said(variant: Variant, last: Sequence[int]) -> int:
    """0 for one that was not said of late, and more the later it was."""
    return max((at for at, number in enumerate(last, start=1) if number == variant.number), default=0)


def said(template: str, variant: Variant, facts: Mapping[str, Any]) -> Words | None:
    """One variant in words; None where a fact is missing, or a text is too long."""
    texts: dict[str, str] = {}
    used: set[MessageFact] = set()
    parts = variant.parts()
    meanings = terms(variant.number - 1, is_late="is_late" in facts)
    for field in FIELDS:
        here: set[MessageFact] = set()  # of this text alone: a thing is named whole in each
        try:
            text = capitalised(parts[field].render({**facts, "terms": meanings, USED: here}))
        except UndefinedError:
            return None
        if not text or len(text) > _MOST[field]:
            return None
        texts[field] = text
        used |= here
    return Words(
        title=texts["title"],
        texts={detail: texts[detail] for detail in DETAILS},
        facts=tuple(sorted(used, key=lambda fact: (fact.name, fact.source, fact.text))),
        wording=Wording(template, variant.number),
    )
