"""The move that options price."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

from marketswarm.maths.black76 import Terms, value
from marketswarm.maths.expected_move import (
    pin_score,
    sigma_move,
    straddle_move,
    straddle_volatility,
    touch_probability,
    volatility_at_forward,
)
from tests.support.oracle import exact_value

FORWARD, YEARS = 6_803.0, 1 / 365


def straddles(forward, strikes, volatility=0.2, years=YEARS):
    """Strikes and what call and put are worth together at each, by Black-76."""
    strike = np.asarray(strikes, dtype=float)
    rows = [np.full(strike.shape, number) for number in (forward, years)]
    sides = (np.full(strike.shape, is_call) for is_call in (True, False))
    return strike, sum(
        value(Terms(rows[0], strike, rows[1], side), np.full(strike.shape, volatility)) for side in sides
    )


def test_a_day_of_flat_volatility_has_the_known_ratio():
    """At 20 % and one day the straddle is √(2 / π) = 0.79788 of one standard deviation, within 1e-3."""
    strike, worth = straddles(FORWARD, range(6_780, 6_830, 5))
    volatility = volatility_at_forward(strike, worth, forward=FORWARD, years=YEARS)
    ratio = straddle_move(FORWARD, volatility, YEARS) / sigma_move(FORWARD, volatility, YEARS)
    assert ratio == pytest.approx(0.79788, abs=1e-3)


@pytest.mark.parametrize(("volatility", "years"), [(0.08, 1 / 525_600), (0.2, YEARS), (0.9, 1.5)])
def test_the_straddle_is_call_and_put_at_the_forward(volatility, years):
    """It is what the 100-digit oracle says of both sides at K = F."""
    exact = sum(exact_value(FORWARD, FORWARD, years, volatility, 0.04, side) for side in (True, False))
    assert straddle_move(FORWARD, volatility, years) == pytest.approx(float(exact), rel=1e-11)


@pytest.mark.parametrize("years", [5 / 525_600, 30 / 525_600, YEARS])
def test_there_is_no_kink_where_the_forward_passes_a_strike(years):
    """Wherever the forward lies between two strikes, five minutes before the close as well, flat quotes give one volatility."""
    found = [
        volatility_at_forward(
            *straddles(forward, range(6_785, 6_825, 5), years=years), forward=forward, years=years
        )
        for forward in np.linspace(6_798, 6_808, 41)
    ]
    assert found == pytest.approx([0.2] * 41, rel=1e-6)


def test_volatility_lies_on_the_line_between_the_strikes_around():
    """A straddle of 19 % below and one of 21 % above give what stands between them by distance."""
    strike = np.array([6_800.0, 6_810.0])
    worth = np.array(
        [
            straddles(FORWARD, [strike], volatility)[1][0]
            for strike, volatility in ((6_800, 0.19), (6_810, 0.21))
        ]
    )
    found = volatility_at_forward(strike, worth, forward=FORWARD, years=YEARS)
    assert found == pytest.approx(0.19 + 0.3 * 0.02, rel=1e-9)


@pytest.mark.parametrize("strikes", [[], [6_795, 6_800], [6_805, 6_810]])
def test_it_takes_a_strike_on_each_side(strikes):
    """Nothing is extended beyond the quoted strikes."""
    strike, worth = straddles(FORWARD, strikes)
    assert volatility_at_forward(strike, worth, forward=FORWARD, years=YEARS) is None


def test_a_strike_at_the_forward_is_enough():
    """There the straddle itself is the answer, on either end of the strikes."""
    strike, worth = straddles(6_800, [6_800])
    assert volatility_at_forward(strike, worth, forward=6_800, years=YEARS) == pytest.approx(0.2)


def test_a_straddle_below_what_is_certain_states_none():
    """Its strike is passed over for the next one."""
    strike, worth = straddles(FORWARD, [6_795, 6_800, 6_805, 6_810])
    worth[1] = 2.0
    assert np.isnan(straddle_volatility(strike, worth, forward=FORWARD, years=YEARS)[1])
    assert volatility_at_forward(strike, worth, forward=FORWARD, years=YEARS) == pytest.approx(0.2)


@given(st.floats(-500, 500), st.floats(0.1, 500))
def test_the_probability_of_a_touch_is_that_of_the_reflection(distance, sigma):
    """It is erfc(|d| / (sigma √2)), as 30 digits have it."""
    with mp.workdps(30):
        exact = float(mp.erfc(mp.mpf(abs(distance)) / (mp.mpf(sigma) * mp.sqrt(2))))
    assert touch_probability(distance, sigma) == pytest.approx(exact, rel=1e-12, abs=1e-300)


def test_walks_touch_as_often_as_it_says():
    """20,000 walks of 500 steps meet a level at 0.7 sigma in that share of cases, less what falls between the steps."""
    steps = np.random.default_rng(5).standard_normal((500, 20_000)).astype(np.float32) / math.sqrt(500)
    highest = np.cumsum(steps, axis=0).max(axis=0)
    highest += 0.5826 / math.sqrt(500)  # Broadie, Glasserman, Kou (1997)
    assert (highest >= 0.7).mean() == pytest.approx(touch_probability(0.7, 1.0), abs=0.012)


@given(st.floats(-100, 100), st.floats(0.5, 100), st.floats(0, 1), st.floats(-1, 1))
def test_the_pin_score_is_the_product_of_its_parts(distance, move, share, ratio):
    """Nearness, mass and sign; nothing where the net is negative, and never above 1."""
    with mp.workdps(30):
        near = mp.exp(-abs(mp.mpf(distance)) / (mp.mpf(move) / 4))
        exact = float(near * mp.mpf(share) * max(mp.mpf(0), mp.mpf(ratio)))
    score = pin_score(distance, move_left=move, share=share, ratio=ratio)
    assert score == pytest.approx(exact, rel=1e-11, abs=1e-300)
    assert 0 <= score <= 1
