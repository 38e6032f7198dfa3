"""Gamma, vanna and charm exposure: units, signs, sums by strike, and slopes at 100 digits."""

from math import exp, log, pi, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketswarm.maths.black76 import MINUTES_A_YEAR, RATE
from marketswarm.maths.exposure import (
    Holdings,
    by_strike,
    charm_exposure,
    gamma_exposure,
    vanna_exposure,
)
from tests.support import public_gex
from tests.support.held_chain import holdings
from tests.support.oracle import exact_greeks, exact_vanna_and_charm

SPOT, FORWARD = 6_000.0, 6_013.25
AMOUNTS = st.one_of(st.just(0.0), st.floats(1e-3, 1e6))


def grid():
    """Single contracts over minutes, volatilities, and deviations from the money, calls and puts."""
    for minutes in (2, 30, 390, 10_080, 262_800):
        for volatility in (0.05, 0.2, 1.0):
            years = minutes / MINUTES_A_YEAR
            for wing in (-5.0, -1.0, 0.1, 0.8, 4.0):
                strike = FORWARD * exp(wing * volatility * sqrt(years))
                for is_call in (True, False):
                    yield strike, years, volatility, is_call


def all_of_grid():
    """The grid as holdings of one unit each."""
    strike, years, volatility, is_call = map(np.array, zip(*grid(), strict=True))
    ones = np.ones(strike.size)
    return Holdings(strike, is_call, years, volatility, ones * (FORWARD / SPOT), ones)


def test_exposure_is_dollars_per_move_of_one_per_cent():
    """62,000 contracts of gamma 0.038 at spot 520 are 637 million USD per 1 %, not 6.37."""
    low, high = 0.001, 0.5
    for _ in range(200):
        volatility = (low + high) / 2
        too_peaked = public_gex.gamma(520, 520, volatility, 1.0) > 0.038
        low, high = (volatility, high) if too_peaked else (low, volatility)
    held = holdings([(520, "call", 62_000 * 100)], years=1.0, volatility=volatility)
    assert gamma_exposure(held, 520.0, rate=0.0)[0] == pytest.approx(637_062_400, rel=1e-9)


def test_gamma_exposure_is_that_of_the_exact_gamma():
    """± gamma S² / 100 of the gamma at 100 digits, 1e-9 relative."""
    found = gamma_exposure(all_of_grid(), SPOT)
    for (strike, years, volatility, is_call), exposure in zip(grid(), found, strict=True):
        gamma = exact_greeks(SPOT, FORWARD, strike, years, volatility, RATE, is_call)[1]
        expected = (1 if is_call else -1) * gamma * SPOT * SPOT / 100
        assert exposure == pytest.approx(expected, rel=1e-9, abs=1e-290)


@pytest.mark.parametrize("rate", [0.0, RATE])
def test_vanna_and_charm_are_slopes_of_delta(rate):
    """Both equal differences of the exact delta, 1e-9 relative to the larger of their terms, in USD per point and minute."""
    held = all_of_grid()
    vannas, charms = vanna_exposure(held, SPOT, rate), charm_exposure(held, SPOT, rate)
    for row, (strike, years, volatility, is_call) in enumerate(grid()):
        sign = 1 if is_call else -1
        vanna, charm = exact_vanna_and_charm(SPOT, FORWARD, strike, years, volatility, rate, is_call)
        assert vannas[row] == pytest.approx(sign * SPOT * vanna / 100, rel=1e-9, abs=1e-290)
        dollars = sign * SPOT * charm / MINUTES_A_YEAR
        assert charms[row] == pytest.approx(dollars, rel=1e-9, abs=1e-12 * SPOT / MINUTES_A_YEAR)


def test_without_interest_they_are_the_textbook_formulas():
    """Vanna -n(d1) d2 / v and charm n(d1) d2 / (2T), for one call worked out in plain Python."""
    held = holdings([(6_050, "call", 1.0)], years=0.01, volatility=0.15)
    d1 = log(6_000 / 6_050) / (0.15 * 0.1) + 0.15 * 0.1 / 2
    d2, bell = d1 - 0.15 * 0.1, exp(-d1 * d1 / 2) / sqrt(2 * pi)
    assert vanna_exposure(held, 6_000.0, 0.0)[0] == pytest.approx(-bell * d2 / 0.15 * 6_000 * 0.01)
    assert charm_exposure(held, 6_000.0, 0.0)[0] == pytest.approx(bell * d2 / 0.02 * 6_000 / 525_600)


@settings(deadline=None)
@given(st.lists(AMOUNTS, min_size=5, max_size=5), st.lists(AMOUNTS, min_size=5, max_size=5), AMOUNTS)
def test_exposure_is_linear_in_what_is_held(first, second, times):
    """That of a sum is the sum of each, and so many times the holding has so many times the exposure."""

    def exposed(units):
        strikes = (5_800, 5_900, 6_000, 6_100, 6_200)
        rows = [
            (strike, "put" if strike < 6_000 else "call", n) for strike, n in zip(strikes, units, strict=True)
        ]
        return gamma_exposure(holdings(rows), SPOT)

    both = exposed([one + times * other for one, other in zip(first, second, strict=True)])
    np.testing.assert_allclose(both, exposed(first) + times * exposed(second), rtol=1e-12)


def test_sums_by_strike():
    """Calls, puts, net and gross by ascending strike, whatever the order and the root of the rows."""
    rows = [(110, "put", 1), (90, "call", 2), (110, "call", 4), (90, "put", 8), (110, "call", 16)]
    sums = by_strike(holdings(rows), np.array([-1.0, 2.0, 4.0, -8.0, 16.0]))
    assert sums.strike.tolist() == [90, 110]
    assert sums.call.tolist() == [2, 20]
    assert sums.put.tolist() == [-8, -1]
    assert sums.net.tolist() == [-6, 19]
    assert sums.gross.tolist() == [10, 21]


def test_rows_of_holdings():
    """A part of the rows keeps all columns together."""
    part = holdings([(90, "put", 1), (95, "call", 2), (100, "put", 3)]).rows(np.array([True, False, True]))
    assert part.strike.tolist() == [90, 100]
    assert part.signed_units.tolist() == [-1, -3]
