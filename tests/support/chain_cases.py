"""Contracts and changes for hypothesis to draw, as wild as a foreign writer or a broken feed could make them.

A case is one contract and the changes that come for it. Every choice is hypothesis's own, so that a case that fails shrinks to
the member that matters; choices are few and from short lists where they can be, since twenty thousand cases are drawn.
"""

import json
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from hypothesis import strategies as st

from tests.support.chain_model import KNOWN, Members, ModelChange, ModelContract

NUMBERS = (
    "1", "0", "5", "1.6", "1.65", "0.05", "-0.0", "-5.99", "1e-9", "1E+05", "2.5e3", "-1.5E-7", "6800.25", "100000",
    "1795443600123456789", "0.12345678901234567",
)  # fmt: skip
STRANGE = ("[]", "null", '"Zürich € 😀"', '"a\\"b"', "1e-9", "-0.0", "1795443600123456789", "true", '""')
OUTSIDE = (*STRANGE, "{}", "[1,2]", '{"a":[{}]}', '"x}y,z"')
NO_NUMBERS = (
    "NaN", "Infinity", "-Infinity", "007", "-01", "1.", ".5", "-.5", "1e", "+1", "0x10", "1.2.3", "--1", "1 ",
    '"1.6"', '""', "[]", "[1]", "true", "false", '{"x":1}', "{}", "",
)  # fmt: skip
TIMES = (1000, 998, 999, 1001, 1002)
SEQUENCES = (None, None, 1, 2, 9, 10, 10**18, 10**18 + 1)
BAD_SECTIONS = ("color", "", "Quote", "quote.bid", "v")
BAD_ORDERS = ("", "later", "-5", "01000", "1000 x", " 1000", "1000  1", "1e3")
CALLS = 3


_finite = st.floats(allow_nan=False, allow_infinity=False)
_picks = [st.integers(0, len(NUMBERS) ** count - 1) for count in range(7)]  # so many numbers by one choice
_any_numbers = st.integers(-(10**19), 10**19).map(str) | _finite.map(repr)
_sources, _reasons = st.sampled_from(('"local"', '"provider"')), st.sampled_from(('"no-bid"', '"no quote"'))
_words = st.text(st.characters(codec="utf-8", exclude_characters=',{}"'), max_size=6).map(
    lambda text: json.dumps(text, ensure_ascii=False)
)
_inside = st.sampled_from(STRANGE) | _words | _any_numbers
_outside = st.sampled_from(OUTSIDE) | st.text(max_size=6).map(json.dumps) | _any_numbers
# A choice costs about as much as a script call's share of a case: what belongs together is one.
_manners = range(8)  # of a section or a patch: see `_members`
_heads = st.sampled_from(list(product((1, 17, 999_999), TIMES)))
_styles = st.sampled_from(list(product(TIMES, _manners)))
_moments = st.sampled_from(list(product(KNOWN, TIMES, SEQUENCES)))
_ways = st.sampled_from(list(product(range(CALLS), _manners, range(32))))
_counts = st.sampled_from((1, 2, 3, 4))
_shapes = st.integers(0, 2 ** (2 * len(KNOWN)) - 1)  # of a contract: which sections, and what between them
_WILD, _PARTLY, _MIXED = 4, (5, 6), 7


@dataclass(frozen=True)
class Case:
    """A contract as it is stored, and what comes for it: each change with the call that it comes in."""

    contract: ModelContract
    changes: tuple[tuple[int, ModelChange], ...]

    def named(self, ticker: str) -> "Case":
        """The same, of that contract; what is meant for nobody's stays so."""
        changes = tuple((call, replace(one, ticker=one.ticker or ticker)) for call, one in self.changes)
        return Case(replace(self.contract, ticker=ticker), changes)


@st.composite
def cases(draw: Any) -> Case:
    """A case without a name."""
    changes = [_change(draw) for _ in range(draw(_counts))]
    return Case(_contract(draw), tuple(changes))


@st.composite
def arrivals(draw: Any) -> list[ModelChange]:
    """Whole quotes and trades of a contract without a name, no two of one section at a moment that tells them not apart."""
    moments = draw(
        st.lists(
            st.tuples(st.sampled_from(TIMES[:3]), st.sampled_from(SEQUENCES)),
            min_size=1,
            max_size=4,
            unique=True,
        )
    )
    return [
        ModelChange("", section, _order(*moment), _members(draw, section, str(moment[0]), 0))
        for section in ("quote", "trade")
        for moment in moments
    ]


def _contract(draw: Any) -> ModelContract:
    shape = draw(_shapes)
    body: list[tuple[str, str | Members]] = []
    for at, section in enumerate(KNOWN):
        if shape >> at & 1:
            body.append((section, _section(draw, section)))
        if shape >> (len(KNOWN) + at) & 1 and shape % 3 == 0:
            body.append((f"x_{section}", draw(_outside)))
    head = [(f"h{at}", draw(_outside)) for at in range(shape % 5 % 3)]
    return ModelContract("", head, *draw(_heads), body)


def _section(draw: Any, section: str) -> Members:
    time, manner = draw(_styles)
    members = [(name, text) for name, text in _members(draw, section, str(time), manner) if text != "null"]
    if manner in _PARTLY:
        members.insert(draw(st.integers(0, len(members))), ("foreign", draw(_inside)))
    return members


def _change(draw: Any) -> tuple[int, ModelChange]:
    """A change and its call: right three times in four, else wrong in one way."""
    section, time, sequence = draw(_moments)
    call, manner, fault = draw(_ways)
    change = ModelChange("", section, _order(time, sequence), _members(draw, section, str(time), manner))
    return call, (_spoiled(draw, change, fault - 24) if fault >= 24 else change)


def _spoiled(draw: Any, change: ModelChange, fault: int) -> ModelChange:
    patch = list(change.patch)
    place = draw(st.integers(0, len(patch) - 1))
    match fault:
        case 0:
            return replace(change, section=draw(st.sampled_from(BAD_SECTIONS)))
        case 1:
            return replace(change, order=draw(st.sampled_from(BAD_ORDERS)))
        case 2:
            return replace(change, ticker="O:NOBODY")
        case 3:
            patch[place] = (draw(st.sampled_from(("BID", "a.b", "", "quote", "color"))), "1")
        case 4:
            patch = [member for member in patch if member[0] != "ts"]
        case 5:
            patch.append(patch[place])
        case 6:
            patch[-1] = ("ts", draw(st.sampled_from(("null", "7", '"1000"', "1000.0"))))
        case _:
            patch[place] = (patch[place][0], draw(st.sampled_from(NO_NUMBERS)))
    return replace(change, patch=patch)


def _members(draw: Any, section: str, time: str, manner: int) -> Members:
    """All that a section usually has, in order; or of other numbers, a part of it with nulls, or in another order."""
    names, left_out, nulls = KNOWN[section][:-1], 0, 0
    if manner in _PARTLY:
        left_out, nulls = draw(st.integers(0, 2 ** len(names) - 1)), draw(st.integers(0, 2 ** len(names) - 1))
    members = [
        (name, "null" if nulls >> at & 1 else "")
        for at, name in enumerate(names)
        if not left_out >> at & 1 and (name != "absent" or manner > _WILD)
    ]
    numbers = iter(_numbers(draw, len(members), is_wild=manner == _WILD))
    members = [(name, text or _word(draw, name) or next(numbers)) for name, text in members]
    members.append(("ts", time))
    return _turned(members, draw(st.integers(0, 2 * len(members) - 1))) if manner == _MIXED else members


def _turned(members: Members, by: int) -> Members:
    """Begun elsewhere, and backwards from half of the numbers on."""
    at = by % len(members)
    turned = members[at:] + members[:at]
    return turned[::-1] if by >= len(members) else turned


def _word(draw: Any, name: str) -> str | None:
    if name == "source":
        return draw(_sources)
    return draw(_reasons) if name == "absent" else None


def _numbers(draw: Any, count: int, *, is_wild: bool) -> list[str]:
    if is_wild:
        return [draw(_any_numbers) for _ in range(count)]
    found: list[str] = []
    while len(found) < count:
        some = min(count - len(found), len(_picks) - 1)
        pick = draw(_picks[some])
        found += [NUMBERS[pick // len(NUMBERS) ** at % len(NUMBERS)] for at in range(some)]
    return found


def _order(time: int, sequence: int | None) -> str:
    return str(time) if sequence is None else f"{time} {sequence}"
