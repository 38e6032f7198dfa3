"""What each event puts where, for one of every type."""

import pytest

from marketswarm.model.event import EVENT_TYPES
from marketswarm.vexy.context import SymbolFacts
from marketswarm.vexy.marks import expected_move_band, marks_of, stale_badges
from tests.support.vexy_rig import example, fact

TS = 1_795_460_410_000
CLOSES_MS = 1_795_467_600_000
UNKNOWN = SymbolFacts()

WHERE = {
    "cluster_formed": [("ladder", "band"), ("gamma", "band")],
    "cluster_shifted": [("ladder", "band"), ("gamma", "band")],
    "cluster_dissolved": [],
    "spot_in_cluster": [("spot", "badge")],
    "spot_jump": [("spot", "pulse")],
    "volatility_burst": [("spot", "badge")],
    "jump_risk": [("smile", "badge")],
    "smile_break": [("smile", "note")],
    "drift": [("spot", "note")],
    "key_strike": [("ladder", "pulse"), ("spot", "pulse")],
    "regime": [("gamma", "badge")],
    "flip_cross": [("ladder", "line"), ("spot", "line"), ("gamma", "line")],
    "wall_moved": [("ladder", "line"), ("spot", "line"), ("gamma", "line")],
    "pin_risk": [("ladder", "badge"), ("gamma", "badge")],
    "expected_move": [("spot", "badge")],
    "expiry_roll": [],
    "data_quality": [("feed", "badge"), ("ladder", "badge"), ("gamma", "badge")],
    "digest": [],
}


def put(type, **more):
    """The marks of an example."""
    return marks_of(example(type, ts=TS, **more), closes_ms=CLOSES_MS, facts=UNKNOWN)


def test_every_type_is_in_the_table():
    """A new type has to say where it stands, if only nowhere."""
    assert set(WHERE) == set(EVENT_TYPES)


@pytest.mark.parametrize("type", EVENT_TYPES)
def test_where_an_event_stands(type):
    """On which widgets, and as what; each label is short and says something."""
    marks = put(type)

    assert [(one.widget, one.kind) for one in marks] == WHERE[type]
    assert all(0 < len(one.label) <= 40 for one in marks)
    assert all(one.until_ms is None or TS < one.until_ms <= CLOSES_MS for one in marks)


@pytest.mark.parametrize("type", EVENT_TYPES)
def test_without_numbers_nothing_is_invented(type):
    """An event without evidence puts up nothing that needs a price, and fails nowhere."""
    for mark in put(type, evidence={}):
        assert mark.target.type in {"metric", "point"}
        assert not any(letter.isdigit() for letter in mark.label)


def test_each_tail_has_a_badge_of_its_own():
    """Named by its side, with what it costs where that is told."""
    [left], [right] = put("jump_risk"), put("jump_risk", key="right", evidence={"right_tail": fact(0.92)})
    assert (left.target.metric, left.label) == ("left_tail", "Left tail 2.66 × flat")
    assert (right.target.metric, right.label) == ("right_tail", "Right tail 0.92 × flat")
    assert put("jump_risk", key="right", evidence={})[0].label == "Right tail dear"


@pytest.mark.parametrize("value", ["text", 1e300, -1e300])
@pytest.mark.parametrize("type", EVENT_TYPES)
def test_numbers_that_cannot_be_told_put_up_nothing_wrong(type, value):
    """Words where a number belongs, and numbers that no market has."""
    evidence = {name: fact(value) for name in example(type).evidence}
    for mark in put(type, evidence=evidence):
        assert "e+" not in mark.label


@pytest.mark.parametrize(
    ("type", "more", "label"),
    [
        ("key_strike", {"key": "call_wall:6850"}, "Call wall 6,850"),
        ("key_strike", {"key": "max_pain:6850:touched"}, "Max pain 6,850 touched"),
        ("key_strike", {"key": "heaviest:6850:held"}, "Heaviest strike 6,850 held"),
        ("wall_moved", {"key": "put"}, "Put wall 6,890"),
        ("flip_cross", {}, "Spot below the flip 6,795.4"),
        ("flip_cross", {"direction": "up"}, "Spot above the flip 6,795.4"),
        ("regime", {}, "Model negative −0.12"),
        ("expected_move", {}, "From the open −1.02 EM"),
        ("expected_move", {"key": "range"}, "Range 1.02 EM"),
        ("data_quality", {}, "Stale: low coverage"),
        ("data_quality", {"key": "lag"}, "Ticks were judged late"),
    ],
)
def test_what_a_mark_says(type, more, label):
    """In few words, with the number that matters."""
    assert {one.label for one in put(type, **more)} == {label}


def test_what_is_missing_has_no_mark():
    """Levels that there are not show so themselves, and contracts that cannot be read are told beside the levels."""
    assert not any(put("data_quality", key=key) for key in ("gamma", "move", "contracts"))


def test_an_approach_stands_until_it_ends_and_a_test_for_a_minute():
    """The line goes with the session at the latest."""
    assert {one.until_ms for one in put("key_strike", key="call_wall:6850")} == {CLOSES_MS}
    assert {one.until_ms for one in put("key_strike")} == {TS + 60_000}


def test_a_jump_stands_at_its_moment():
    """And at the spot, where it is known."""
    (mark,) = marks_of(example("spot_jump", ts=TS), closes_ms=CLOSES_MS, facts=SymbolFacts(spot=6790.5))
    assert (mark.target.x, mark.target.y, mark.colour) == (TS, 6790.5, "down")


def test_after_the_close_nothing_is_over_before_it_began():
    """An event behind the close that it goes with stands for no time at all, not for less."""
    marks = marks_of(example("wall_moved", ts=TS), closes_ms=TS - 1, facts=UNKNOWN)
    assert {one.until_ms for one in marks} == {TS}


@pytest.mark.parametrize(
    ("levels", "opened", "band"),
    [
        ({"move_open": {"value": 60.0}}, 6800.0, (6740.0, 6860.0)),
        ({"move_open": {"absent": "not-fixed-yet"}}, 6800.0, None),
        ({"move_open": {"value": 60.0}}, None, None),
        ({"move_open": {"value": 0}}, 6800.0, None),
        ({}, 6800.0, None),
    ],
)
def test_the_expected_move_is_a_band_around_the_open(levels, opened, band):
    """Where both are known; else there is none."""
    marks = expected_move_band(SymbolFacts(levels=levels, open=opened), closes_ms=CLOSES_MS)
    assert [(one.target.low, one.target.high) for one in marks] == ([band] if band else [])


def test_a_badge_for_stale_data_says_why():
    """On what must not be trusted."""
    assert {one.label for one in stale_badges("")} == {"Stale"}
    assert {one.widget for one in stale_badges("x")} == {"feed", "ladder", "gamma"}
