"""How much an event weighs, and its id."""

import math
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketswarm.vigil.severity import context_of, event_id, severity_of

EVENT = {
    "symbol": "SPX",
    "type": "drift",
    "key": "macro",
    "direction": "up",
    "day": "2026-11-23",
    "slot": 1_795_444_200_000,
    "state": "enter",
}


@pytest.mark.parametrize(
    ("thresholds", "severity"), [(0, 0), (0.5, 29), (1, 50), (2, 75), (3, 88), (10, 100)]
)
def test_each_further_threshold_halves_what_is_left(thresholds, severity):
    """Just at the threshold is 50, twice 75, three times 88; in whatever unit."""
    assert severity_of(thresholds, 1.0) == severity_of(thresholds * 0.25, 0.25) == severity


def test_circumstances_count_like_a_larger_magnitude():
    """A context of 1.25 makes of one threshold what 1.25 thresholds are."""
    assert severity_of(1.0, 1.0, 1.25) == severity_of(1.25, 1.0) == 58


@given(st.floats(), st.floats(), st.floats(0.5, 2))
def test_any_number_has_a_severity(magnitude, enter, context):
    """Severity is within 0 and 100 for every magnitude and threshold, infinite ones and NaN included."""
    assert 0 <= severity_of(magnitude, enter, context) <= 100


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(1e-3, 1e3))
def test_a_larger_magnitude_weighs_no_less(one, other, enter):
    """Severity never falls with magnitude."""
    assert severity_of(min(one, other), enter) <= severity_of(max(one, other), enter)


def test_what_is_not_known_changes_nothing():
    """Without any circumstance, or with harmless ones, the context is 1."""
    assert context_of() == 1.0
    assert context_of(regime=-0.09, minutes_to_close=60, coverage=0.9) == 1.0
    assert context_of(regime=math.nan, minutes_to_close=-1, coverage=math.nan) == 1.0


def test_circumstances_multiply():
    """Negative regime 1.25, last hour 1.2, agreement 1.2, thin coverage 0.7, in any combination."""
    for negative, near, agreed, thin in product([False, True], repeat=4):
        factor = context_of(
            regime=-0.1 if negative else 0.1,
            minutes_to_close=59.9 if near else 61,
            is_agreed=agreed,
            coverage=0.89 if thin else 1.0,
        )
        expected = (
            (1.25 if negative else 1) * (1.2 if near else 1) * (1.2 if agreed else 1) * (0.7 if thin else 1)
        )
        assert factor == pytest.approx(expected)


def test_an_id_is_fixed_for_good():
    """The id is SHA-1 of the seven parts, cut to 20 digits: what was told yesterday has the same id tomorrow."""
    assert event_id(**EVENT) == "c12a53b243b7d07c8b26"


@pytest.mark.parametrize(
    "change",
    [
        {"symbol": "SPY"},
        {"type": "regime"},
        {"key": ""},
        {"direction": "down"},
        {"day": "2026-11-24"},
        {"slot": 1},
    ],
)
def test_each_part_makes_another_id(change):
    """Two tellings that differ in any part have different ids."""
    assert event_id(**EVENT | change) != event_id(**EVENT)
    assert event_id(**EVENT | {"state": "exit"}) != event_id(**EVENT)
