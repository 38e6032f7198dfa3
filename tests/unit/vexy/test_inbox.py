"""What is read from the store, good or bad."""

import json

import pytest

from marketswarm.model.event import Event
from marketswarm.vexy.inbox import Unusable, event_in, levels_in, marks_in, order_of, ticks_in
from tests.support.vexy_rig import example

SYMBOLS = frozenset({"SPX", "SPY"})
SANE = json.loads(example("regime").model_dump_json(exclude_none=True))


def read(text, field=b"event"):
    """What an entry holds."""
    return event_in((b"5-1", {field: text}), SYMBOLS)


def test_an_event_is_read_as_it_was_told():
    """Byte for byte the model's own."""
    found = read(json.dumps(SANE).encode())
    assert isinstance(found, Event)
    assert found == example("regime")


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"severity": 101}, "severity"),
        ({"type": "gossip"}, "type"),
        ({"symbol": "IWM"}, "symbol 'IWM' is not known"),
        ({"symbol": "X" * 500}, "is not known"),
        ({"ts": 0}, "ts 0 is no moment"),
        ({"ts": 10**18}, "is no moment"),
        ({"new": 1}, "new"),
        ({"evidence": {"a": {"value": None, "unit": "x", "as_of": 1}}}, "evidence.a.value"),
    ],
)
def test_an_entry_that_holds_no_event_says_why(more, why):
    """By the first member that is wrong."""
    found = read(json.dumps(SANE | more).encode())
    assert isinstance(found, Unusable)
    assert why in found.why
    assert json.loads(found.as_json()) == found._asdict()


@pytest.mark.parametrize("text", [b"", b"{", b"\xff\xfe", b"null", b"[1]", b'"text"', b"NaN"])
def test_what_is_no_json_is_unusable(text):
    """Whatever bytes they are."""
    found = read(text)
    assert isinstance(found, Unusable)
    assert found.why
    assert found.id == "5-1"


def test_an_entry_without_the_field_is_unusable():
    """What it holds is shown, in part."""
    found = read(b"x" * 10_000, field=b"other")
    assert found.why == "no field `event`"
    assert found.text == "other=" + "x" * 1_994


def test_ticks_come_to_their_symbols():
    """What is no tick, or of another symbol, is left out."""
    good = {b"ts": b"1795446000000", b"symbol": b"SPX", b"spot": b"6800.25"}
    entries = [
        (b"1-0", good),
        (b"2-0", good | {b"symbol": b"IWM"}),
        (b"3-0", good | {b"spot": b"nan"}),
        (b"4-0", good | {b"spot": b"-1"}),
        (b"5-0", good | {b"ts": b"soon"}),
        (b"6-0", {}),
        (b"7-0", good | {b"ts": b"1795446010000"}),
    ]
    assert {symbol: [one.ts for one in ticks] for symbol, ticks in ticks_in(entries, SYMBOLS).items()} == {
        "SPX": [1795446000000, 1795446010000]
    }


def test_levels_and_marks_that_cannot_be_read_are_left_out():
    """The rest stands."""
    assert levels_in({b"flip": b'{"value": 1}', b"bad": b"{", b"list": b"[]", b"\xff": b"\xff"}) == {
        "flip": {"value": 1}
    }
    assert marks_in({b"a": b"{}", b"\xff": b"\xff"}) == {}


def test_ids_have_an_order():
    """By their numbers, not their letters."""
    assert order_of("9-0") < order_of("10-0") < order_of("10-2") < order_of("10-10")
    assert order_of("5") == (5, 0)
