"""Whatever happens and whatever is known: what is said of it keeps the rules."""

import re
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from marketswarm.model.event import EVENT_TYPES, Event, Fact, importance_of
from marketswarm.model.message import EPOCHS, TEXT_MOST, TITLE_MOST
from marketswarm.vexy.context import Context, SessionFacts, SymbolFacts, Wording
from marketswarm.vexy.draft import Suppressed
from marketswarm.vexy.facts import _BY_TYPE, _COMMON
from marketswarm.vexy.forbidden import forbidden_in
from marketswarm.vexy.narrate import (
    narrate_digest,
    narrate_epoch,
    narrate_event,
    narrate_guide,
    narrate_system,
    narrate_together,
)
from marketswarm.vexy.wordbook import wordbook
from tools.message_examples import levels

NUMBER = re.compile(r"\d[\d,.:]*")
NAMES = sorted(
    {*_COMMON, *(name for names in _BY_TYPE.values() for name in names), "reason", "with_spot", "drift"}
)
KEYS = [
    "",
    "call_wall:6850",
    "put_wall:9.5:touched",
    "heaviest:6850:broken",
    "max_pain:1:held",
    "x:y:z",
    "positive",
]
KEYS += [
    "negative",
    "level",
    "skew",
    "curvature",
    "breach",
    "range",
    "lag",
    "call",
    "put",
    "6825",
    "macro",
    "<i>",
]

numbers = st.one_of(
    st.floats(-1e9, 1e9),
    st.floats(-2, 2),
    st.integers(-(10**6), 10**6),
    st.sampled_from([0.0, 1.0, 6850.0, 1e-9]),
)
texts = st.sampled_from(
    ["<script>alert(7)</script>", "{{ 7 * 7 }}", "low coverage", "yes", "2026-11-24", "implied", ""]
)
values = st.one_of(numbers, texts)
times = st.integers(1_700_000_000_000, 1_900_000_000_000)
symbols = st.sampled_from(["SPX", "NDX", "BRK.B", "<b>X</b>", "{{x}}", "", "AVERYLONGSYMBOL"])


@st.composite
def events(draw):
    """An event with any evidence."""
    severity = draw(st.integers(0, 100))
    facts = draw(st.dictionaries(st.sampled_from(NAMES), values, max_size=10))
    return Event(
        id="e1",
        episode="e1",
        type=draw(st.sampled_from(EVENT_TYPES)),
        symbol=draw(symbols),
        expiration=None,
        state=draw(st.sampled_from(["enter", "update", "exit"])),
        direction=draw(st.sampled_from(["up", "down", ""])),
        key=draw(st.sampled_from(KEYS)),
        severity=severity,
        importance=importance_of(severity),
        ts=draw(times),
        title=draw(texts),
        evidence={name: Fact(value=value, unit="points", as_of=1) for name, value in facts.items()},
        method="any",
        version=1,
    )


@st.composite
def known(draw):
    """Anything that may be known of a symbol: levels whole, torn and odd."""
    whole = levels()
    kept = draw(st.sets(st.sampled_from(sorted(whole))))
    changed = draw(st.dictionaries(st.sampled_from(sorted(whole)), st.one_of(values, st.none()), max_size=4))
    fields = {name: whole[name] for name in kept}
    fields |= {name: {"value": value, "as_of": 5} for name, value in changed.items()}
    price = st.one_of(st.none(), st.floats(0.01, 1e6))
    return SymbolFacts(
        levels=fields,
        spot=draw(price),
        spot_ts=draw(st.one_of(st.none(), times)),
        previous_close=draw(price),
        open=draw(price),
        high=draw(price),
        low=draw(price),
        close=draw(price),
        expiration=draw(st.one_of(st.none(), st.just(date(2026, 11, 23)))),
    )


@st.composite
def contexts(draw, *names):
    """Any moment."""
    opens = draw(times)
    day = date(2026, 11, 23) + timedelta(days=draw(st.integers(0, 900)))
    recent = st.tuples(st.sampled_from(sorted(wordbook())), st.integers(1, 5)).map(lambda one: Wording(*one))
    return Context(
        now=draw(times),
        epoch=draw(st.sampled_from(EPOCHS)),
        session=SessionFacts(day, opens, opens + 23_400_000, is_half_day=draw(st.booleans()), next_day=day),
        symbols={name: draw(known()) for name in names},
        recent=tuple(draw(st.lists(recent, max_size=12))),
    )


def check(draft):
    """The rules that all words keep."""
    if draft is None:
        return
    message = draft.message("m1")
    assert 1 <= len(message.title) <= TITLE_MOST
    assert all(1 <= len(text) <= TEXT_MOST for text in message.texts.values())
    allowed = {one.rstrip(".,:") for fact in message.facts for one in NUMBER.findall(fact.text)}
    named = " ".join(message.symbols)
    for text in (message.title, *message.texts.values()):
        assert {one.rstrip(".,:") for one in NUMBER.findall(text)} - set(NUMBER.findall(named)) <= allowed
        assert forbidden_in(text) == ()
        assert "  " not in text
        assert text[0].isupper() or not text[0].isalpha()
    assert len({(fact.name, fact.source, fact.text) for fact in message.facts}) == len(message.facts)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_event(data):
    """Numbers are facts, lengths hold, nothing is markup or advice, and the same input gives the same bytes."""
    event = data.draw(events())
    context = data.draw(contexts(event.symbol))
    draft = narrate_event(event, context)
    check(draft)
    if draft is not None:
        again = narrate_event(Event.model_validate_json(event.model_dump_json()), context)
        assert again.message("m1").model_dump_json() == draft.message("m1").model_dump_json()


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_group(data):
    """The same holds for several symbols in one sentence."""
    first = data.draw(events())
    others = data.draw(
        st.lists(st.sampled_from(["NDX", "SPY", "QQQ", "IWM"]), min_size=1, max_size=4, unique=True)
    )
    ways = st.sampled_from(["up", "down", first.direction])
    group = [first] + [
        first.model_copy(update={"symbol": one, "direction": data.draw(ways), "ts": first.ts + 1_000 * at})
        for at, one in enumerate(others)
        if one != first.symbol
    ]
    check(narrate_together(group, data.draw(contexts("NDX"))))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(EPOCHS), contexts("SPX"), st.sampled_from(["silent", "speaking", "late"]), texts)
def test_any_moment(epoch, context, notice, reason):
    """So do phases, guidance and notices."""
    check(narrate_epoch(epoch, context, "SPX"))
    check(narrate_guide(context, "SPX"))
    check(narrate_system(notice, context, "SPX", reason=reason))


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.sampled_from(EVENT_TYPES), st.integers(-3, 10**7)),
    times,
    st.integers(0, 10**8),
    contexts(),
)
def test_any_digest(counts, since, span, context):
    """And digests."""
    check(narrate_digest(Suppressed("SPX", counts, since, since + span, 40), context))
