"""The words, read from `templates/`: one file a topic, in it its sections, their variants, and what each level of detail is told. Pure.

::

    {# what the file is about #}
    [enter]
    --                       a variant; the first tier holds those that need most
    title: …
    beginner: …
    initiated: …
    professional: …
    -- short                 the next tier: what is said where facts for the first are missing

Each text is a Jinja template. A line that begins with a space goes on with the one before it. A name that is not known makes
the whole variant unusable: words that lack a fact are not said.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, pass_context
from jinja2.runtime import Context

from marketswarm.model.message import DETAILS, MessageFact
from marketswarm.vexy.referring import Phrase, Reference

USED: Final = "_used"
FIELDS: Final = ("title", *DETAILS)
_COMMENT: Final = re.compile(r"\{#.*?#\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to say it.

    Attributes:
        number: from 1 on, through all tiers of its section.
        tier: 0 is that which needs most.
        sources: title and levels of detail → text of the template.
    """

    number: int
    tier: int
    sources: Mapping[str, str]

    def parts(self) -> dict[str, Template]:
        """Title and levels of detail as templates."""
        return {name: _compiled(source) for name, source in self.sources.items()}


Section = tuple[Variant, ...]


class UnreadableWords(ValueError):
    """A file of words that breaks its own form; it is shipped, so a test finds it."""


@cache
def wordbook() -> dict[str, Section]:
    """Template, such as `key_strike.held`, → its variants, of every file that is shipped."""
    return {name: section for file in _files() for name, section in _sections(file).items()}


@cache
def terms(turn: int = 0, *, is_late: bool = False) -> dict[str, str]:
    """Term → what it means, in plain words; where there are several wordings, the one whose turn it is.

    Args:
        turn: whose it is.
        is_late: the expected move was not fixed at the open, and means something else.
    """
    if is_late:
        known = terms(turn)
        return known | {"expected_move": known["expected_move_late"]}
    text = re.sub(r"\n[ \t]+(?=\S)", " ", _source("terms.j2"))
    pairs = (line.partition(":") for line in text.splitlines() if line.strip())
    wordings = {name.strip(): words.split("|") for name, _, words in pairs}
    return {name: words[turn % len(words)].strip() for name, words in wordings.items()}


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("marketswarm.vexy", "templates"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 text it is, and never markup: the page sets it as text
        finalize=_told,
    )


@cache
def _compiled(source: str) -> Template:
    return _environment().from_string(source)


@pass_context
def _told(context: Context, value: Any) -> Any:
    """A fact as its text; every fact that is written becomes one of the message's."""
    used: set[MessageFact] = context[USED]
    if isinstance(value, MessageFact):
        used.add(value)
        return value.text
    if isinstance(value, Reference):
        if used.issuperset(value.full.facts):
            return value.short
        value = value.full
    if isinstance(value, Phrase):
        used.update(value.facts)
        return value.text
    return value


def _files() -> list[str]:
    return [name for name in _environment().list_templates() if "/" in name or name != "terms.j2"]


def _source(file: str) -> str:
    loader = _environment().loader
    assert loader is not None
    return _COMMENT.sub("", loader.get_source(_environment(), file)[0])


def _sections(file: str) -> dict[str, Section]:
    topic = file.rpartition("/")[2].removesuffix(".j2")
    found: dict[str, list[Variant]] = {}
    for name, number, tier, sources in _variants(file):
        if tuple(sources) != FIELDS:
            raise UnreadableWords(
                f"{file} [{name}] {number} has {list(sources)}; it is to have {list(FIELDS)}"
            )
        found.setdefault(f"{topic}.{name}", []).append(Variant(number, tier, sources))
    return {name: tuple(section) for name, section in found.items()}


def _variants(file: str) -> Iterator[tuple[str, int, int, dict[str, str]]]:
    """Section, number, tier and texts of each variant of a file."""
    for block in re.split(r"^\[", _source(file), flags=re.MULTILINE)[1:]:
        name, _, body = block.partition("]")
        tiers: list[str] = []
        parts = re.split(r"^--[ \t]*(\w*)[ \t]*$", body, flags=re.MULTILINE)[1:]
        for number, (label, text) in enumerate(zip(parts[::2], parts[1::2], strict=True), start=1):
            if label not in tiers:
                tiers.append(label)
            yield name, number, tiers.index(label), dict(_texts(text, f"{file} [{name}] {number}"))


def _texts(text: str, where: str) -> Iterator[tuple[str, str]]:
    joined = re.sub(r"\n[ \t]+(?=\S)", " ", text)
    for line in joined.splitlines():
        if not line.strip():
            continue
        name, colon, words = line.partition(":")
        if not colon:
            raise UnreadableWords(f"{where}: no name before {line!r}")
        yield name.strip(), words.strip()
