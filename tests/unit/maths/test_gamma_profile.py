"""The repriced profile: its grid, its agreement with the exposure at spot, and its sign changes."""

from math import exp, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketswarm.maths.exposure import gamma_exposure
from marketswarm.maths.gamma_profile import Profile, reprice, sign_changes, spot_grid
from tests.support import public_gex
from tests.support.held_chain import holdings, simulated_columns

HAND_MADE = [
    *((95, "put", 900.0), (95, "call", 100.0), (98, "put", 1_500.0), (98, "call", 400.0)),
    *((100, "put", 700.0), (100, "call", 800.0), (103, "call", 2_000.0), (105, "call", 600.0)),
]


def shaped(*heights):
    """A profile of these heights at spots 0, 1, 2 and so on."""
    net = np.array(heights, dtype=float)
    return Profile(np.arange(net.size, dtype=float), net, np.abs(net))


@pytest.mark.parametrize(
    ("sigma", "reach"), [(None, 0.03), (10.0, 0.03), (100.0, 400 / 6_000), (5_000.0, 0.9)]
)
def test_the_grid(sigma, reach):
    """401 spots, the present one exactly in the middle, within 3 % or 4 sigmas, always above 0."""
    grid = spot_grid(6_000.0, sigma)
    assert grid.size == 401
    assert grid[200] == 6_000.0
    assert grid[0] == pytest.approx(6_000 * (1 - reach))
    assert grid[-1] == pytest.approx(6_000 * (1 + reach))
    assert (np.diff(grid) > 0).all()


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(80, 120), st.sampled_from(["call", "put"]), st.floats(0, 1e5), st.floats(0.05, 1)
        ),
        min_size=1,
        max_size=30,
    ),
    st.floats(1e-5, 1),
    st.floats(0.9, 1.1),
)
def test_the_profile_is_the_sum_of_exposures_at_each_spot(rows, years, carry):
    """At any spot it is what the contracts' own gamma exposures sum to, 1e-9 of gross."""
    held = holdings(
        [row[:3] for row in rows], volatility=np.array([row[3] for row in rows]), years=years, carry=carry
    )
    spots = np.array([90.0, 97.5, 100.0, 112.0])
    profile = reprice(held, spots)
    for place, spot in enumerate(spots):
        exposures = gamma_exposure(held, float(spot))
        gross = np.abs(exposures).sum()
        assert profile.gross[place] == pytest.approx(gross, rel=1e-9, abs=1e-280)
        assert profile.net[place] == pytest.approx(exposures.sum(), abs=1e-9 * gross + 1e-280)


@pytest.mark.parametrize("carry", [0.99, 1.0, 1.01])
def test_a_symmetric_pair_flips_at_the_geometric_middle(carry):
    """A put below and a call above, equal: zero where the forward is √(K1 K2) exp(-v² T / 2), and rising there."""
    held = holdings([(97, "put", 500.0), (103, "call", 500.0)], years=0.02, volatility=0.2, carry=carry)
    (flip,) = sign_changes(reprice(held, spot_grid(100.0, None)))
    assert flip.level == pytest.approx(sqrt(97 * 103) * exp(-(0.2**2) * 0.02 / 2) / carry, rel=1e-6)
    assert flip.slope > 0


def test_equal_calls_and_puts_cancel_exactly():
    """With the same held on both sides of each strike the profile is 0 everywhere and changes no sign."""
    rows = [
        (strike, side, units)
        for strike, units in ((95, 1 / 3), (100, 0.7), (105, 1e5))
        for side in ("call", "put")
    ]
    profile = reprice(holdings(rows), spot_grid(100.0, None))
    assert not profile.net.any()
    assert (profile.gross > 0).all()
    assert sign_changes(profile) == ()


def test_rows_apart_cancel_within_rounding():
    """The same when the two sides do not stand beside each other: what rounding leaves has no sign."""
    strikes = [(strike, units) for strike, units in ((95, 1 / 3), (100, 0.7), (105, 1e5), (101, 17.1))]
    rows = [(*one, side) for side in ("call", "put") for one in strikes]
    profile = reprice(holdings([(strike, side, n) for strike, n, side in rows]), spot_grid(100.0, None))
    assert sign_changes(profile) == ()


def test_nothing_held_is_nothing():
    """Without rows the profile is 0."""
    assert not reprice(holdings([(95, "put", 1)]).rows(np.array([False])), spot_grid(100.0, None)).gross.any()


def test_all_sign_changes_are_found():
    """Each by a straight line, ascending, with its slope."""
    assert sign_changes(shaped(-1, 3, 1, -1, -2, 6)) == ((0.25, 4.0), (2.5, -2.0), (4.25, 8.0))


@pytest.mark.parametrize("heights", [(1, 2, 3), (-1, -2), (0, 0, 0), (2, 0, 2), (0, 0, 1), (), (5,)])
def test_no_sign_change(heights):
    """One sign, nothing at all, or a zero that is touched or begins: none."""
    assert sign_changes(shaped(*heights)) == ()


def test_a_zero_on_the_grid():
    """A zero between two signs is the level; of several zeros their middle."""
    assert sign_changes(shaped(-3, 0, 1)) == ((1.0, 2.0),)
    assert sign_changes(shaped(-3, 0, 0, 0, 1)) == ((2.0, 1.0),)


def test_a_chain_with_three_zeros():
    """Calls and puts in turn: every change of sign is returned, and at each the profile does change."""
    rows = [(90, "put", 10.0), (97, "call", 10.0), (104, "put", 10.0), (112, "call", 10.0)]
    held = holdings(rows, years=0.01, volatility=0.2)
    changes = sign_changes(reprice(held, np.linspace(85, 118, 401)))
    assert len(changes) == 3
    for level, slope in changes:
        below, above = reprice(held, np.array([level - 0.1, level + 0.1])).net
        assert below * above < 0
        assert np.sign(slope) == np.sign(above)


def public(rows, volatilities):
    """Rows as the public convention takes them: strike, whether a call, volatility, open interest."""
    return [
        (strike, type == "call", volatility, interest)
        for (strike, type, interest), volatility in zip(rows, volatilities, strict=True)
    ]


def simulated_rows():
    """A simulated chain's strikes, sides, open interest and volatilities."""
    columns = simulated_columns()
    types = ["call" if call else "put" for call in columns.is_call]
    rows = list(zip(columns.strike.tolist(), types, columns.open_interest.tolist(), strict=True))
    return columns.spot, rows, columns.iv.tolist()


@pytest.mark.parametrize("days", [1, 5])
@pytest.mark.parametrize("made", ["by hand", "simulated"])
def test_the_public_convention_gives_the_same(made, days):
    """Perfiliev's and gex-tracker's total, profile and first zero, from the same inputs, 1e-9 relative."""
    spot, rows, volatilities = (
        (100.5, HAND_MADE, [0.3, 0.3, 0.25, 0.25, 0.2, 0.2, 0.18, 0.17])
        if made == "by hand"
        else simulated_rows()
    )
    years = days / public_gex.BUSINESS_DAYS
    contracts = public(rows, volatilities)
    held = holdings(
        [(strike, type, interest * 100) for strike, type, interest in rows],
        volatility=np.array(volatilities),
        years=years,
    )
    total = public_gex.exposure(spot, contracts, years)
    assert gamma_exposure(held, spot, rate=0.0).sum() == pytest.approx(total, rel=1e-9)
    spots = np.array(public_gex.levels(spot))
    profile = reprice(held, spots, rate=0.0)
    theirs = [public_gex.exposure(level, contracts, years) for level in public_gex.levels(spot)]
    np.testing.assert_allclose(profile.net, theirs, rtol=1e-9, atol=1e-9 * profile.gross.max())
    zero = public_gex.zero_gamma(spot, contracts, years)
    assert zero is not None
    assert sign_changes(profile)[0].level == pytest.approx(zero, rel=1e-9)
