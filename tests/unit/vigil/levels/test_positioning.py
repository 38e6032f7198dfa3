"""Max pain and put/call ratios of a chain's columns."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketswarm.vigil.levels.positioning import positioning
from marketswarm.vigil.picture import Positioning
from tests.support.held_chain import NAN, held_columns, simulated_columns

ROWS = [(90.0, "call", 300.0), (90.0, "put", 700.0), (100.0, "call", NAN), (100.0, "put", 500.0)]
ANY = st.one_of(st.just(NAN), st.floats(-10, 1e6), st.sampled_from([np.inf, -np.inf, 0.0]))


def test_a_chain_by_hand():
    """Settled at 90 the puts at 100 get 500 × 10 × 100 USD, settled at 100 the calls at 90 get 300 × 10 × 100: 100."""
    columns = held_columns(ROWS, spot=95.0, volume=[100.0, 50.0, 100.0, 200.0], mid=[6.0, 1.0, 2.0, 4.0])
    assert positioning(columns) == Positioning(
        max_pain=100.0,
        pain_usd=300_000.0,
        put_call_open_interest=4.0,
        put_call_volume=1.25,
        put_call_premium=850 / 800,
    )


def test_what_is_unknown_is_left_out():
    """A row without a mid counts for volume, not for premium; with nothing known all is None."""
    columns = held_columns(ROWS, spot=95.0, volume=[100.0, 50.0, 100.0, 200.0], mid=[6.0, NAN, 2.0, 4.0])
    assert positioning(columns).put_call_volume == 1.25
    assert positioning(columns).put_call_premium == 1.0
    assert positioning(held_columns([], spot=NAN)) == Positioning(None, None, None, None, None)
    unknown = held_columns([(90.0, "call", NAN), (90.0, "put", 0.0)], spot=95.0)
    assert positioning(unknown) == Positioning(None, None, None, None, None)


def test_a_simulated_chain_has_all_of_them():
    """Max pain is one of its strikes, and all ratios are above 0."""
    columns = simulated_columns()
    found = positioning(columns)
    assert found.max_pain in columns.strike
    assert (
        min(found.pain_usd, found.put_call_open_interest, found.put_call_volume, found.put_call_premium) > 0
    )


@settings(deadline=None)
@given(st.lists(st.tuples(ANY, st.sampled_from(["call", "put"]), ANY, ANY, ANY, ANY), max_size=12))
def test_no_column_breaks_it(rows):
    """Whatever stands in the columns: finite or None."""
    columns = held_columns(
        [row[:3] for row in rows],
        spot=100.0,
        **{
            name: [row[place] for row in rows]
            for place, name in ((3, "volume"), (4, "mid"), (5, "multiplier"))
        },
    )
    found = positioning(columns)
    for figure in (getattr(found, name) for name in Positioning.__dataclass_fields__):
        assert figure is None or np.isfinite(figure)


@pytest.mark.parametrize("side", ["call", "put"])
def test_one_side_alone(side):
    """Calls or puts alone have neither max pain nor a ratio."""
    columns = held_columns([(90.0, side, 300.0), (95.0, side, 300.0)], spot=95.0)
    assert positioning(columns) == Positioning(None, None, None, None, None)
