"""Max pain against brute force, and puts over calls."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketswarm.maths.open_interest import max_pain, put_call_ratio

HELD = st.lists(
    st.tuples(st.integers(50, 150).map(float), st.booleans(), st.integers(0, 5_000).map(float)),
    min_size=1,
    max_size=40,
)


def columns(rows):
    """Rows of strike, whether a call, and units, as columns."""
    strike, is_call, units = map(np.array, zip(*rows, strict=True))
    return strike, is_call, units


def by_force(rows):
    """Settlement by settlement, contract by contract."""
    best = None
    for settled in sorted({strike for strike, _, _ in rows}):
        paid = sum(
            units * max(settled - strike if is_call else strike - settled, 0)
            for strike, is_call, units in rows
        )
        if best is None or paid < best[1]:
            best = settled, paid
    return best


def test_a_chain_by_hand():
    """At 90, 100 and 110 holders are paid 50, 30 and 60 together: 100."""
    rows = [
        (90.0, True, 3.0),
        (100.0, True, 0.0),
        (110.0, False, 0.0),
        (100.0, False, 5.0),
        (90.0, False, 7.0),
    ]
    assert max_pain(*columns(rows)) == (100.0, 30.0)


@settings(deadline=None)
@given(HELD)
def test_max_pain_is_what_brute_force_finds(rows):
    """The strike and what is paid there, the lowest strike of equals, exactly."""
    both = all(sum(units for _, is_call, units in rows if is_call is side) > 0 for side in (True, False))
    assert max_pain(*columns(rows)) == (by_force(rows) if both else None)


@pytest.mark.parametrize("is_call", [True, False])
def test_one_side_alone_has_no_max_pain(is_call):
    """It would be the edge of what is loaded."""
    assert max_pain(*columns([(90.0, is_call, 5.0), (100.0, is_call, 5.0)])) is None


def test_nothing_held():
    """No rows, no max pain and no ratio."""
    nothing = np.array([])
    assert max_pain(nothing, nothing.astype(bool), nothing) is None
    assert put_call_ratio(nothing.astype(bool), nothing) is None


def test_puts_over_calls():
    """By contracts, and by what was paid for them."""
    is_call, contracts = np.array([True, True, False, False]), np.array([60.0, 40.0, 150.0, 100.0])
    assert put_call_ratio(is_call, contracts) == 2.5
    assert put_call_ratio(is_call, contracts, np.array([2.0, 2.0, 1.0, 0.5])) == 1.0
    assert put_call_ratio(is_call, contracts, np.array([0.0, 0.0, 1.0, 0.5])) is None


@pytest.mark.parametrize("contracts", [(99.0, 500.0), (500.0, 99.0), (0.0, 0.0)])
def test_a_ratio_takes_a_hundred_contracts_on_each_side(contracts):
    """With fewer it says nothing."""
    assert put_call_ratio(np.array([True, False]), np.array(contracts)) is None
