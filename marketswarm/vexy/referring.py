"""How things are named: whole when they are first spoken of, short from then on. Pure."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from marketswarm.model.message import MessageFact

_SAFE: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.^/-")
_SYMBOL_MOST: Final = 8

_FULL: Final = {
    "call_wall": ("the", "call wall"),
    "put_wall": ("the", "put wall"),
    "call_peak": ("the", "call gamma peak"),
    "put_peak": ("the", "put gamma peak"),
}
_AT: Final = {"heaviest": "the heaviest strike at", "max_pain": "max pain at", "flip": "the gamma flip at"}
_SHORT: Final = {"call_wall": "the wall", "put_wall": "the wall", "flip": "the flip"}
NAMES: Final = {
    "call_wall": "call wall",
    "put_wall": "put wall",
    "heaviest": "heaviest strike",
    "max_pain": "max pain",
    "call_peak": "call gamma peak",
    "put_peak": "put gamma peak",
    "flip": "gamma flip",
}
"""What a level is called beside its number, without an article; at one price the first is told, as Vigil has it."""


class Phrase(NamedTuple):
    """Words with the facts that stand in them."""

    text: str
    facts: tuple[MessageFact, ...] = ()


class Reference(NamedTuple):
    """A thing with a whole name, in which its number stands, and a short one for the second time.

    Attributes:
        short: without a number.
    """

    full: Phrase
    short: str


def reference(name: str, at: MessageFact) -> Reference:
    """A level or a strike: `the 6,850 call wall`, then `the wall`; one without a known name is `the 6,850 strike`."""
    if name in _AT:
        return Reference(Phrase(f"{_AT[name]} {at.text}", (at,)), _SHORT.get(name, "that strike"))
    article, noun = _FULL.get(name, ("the", "strike"))
    return Reference(Phrase(f"{article} {at.text} {noun}", (at,)), _SHORT.get(name, "the strike"))


def listed(phrases: Sequence[Phrase]) -> Phrase:
    """`a`, `a and b`, `a, b and c`, with all their facts."""
    return Phrase(joined([one.text for one in phrases]), tuple(fact for one in phrases for fact in one.facts))


def joined(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def plain_symbol(symbol: str) -> str:
    """A symbol as it may stand in text: letters, digits and the few signs that symbols have, of bounded length."""
    return "".join(one for one in symbol if one in _SAFE)[:_SYMBOL_MOST] or "The symbol"
