"""Black-76 values and greeks, against differences of the value at 100 digits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketswarm.maths.black76 import MINUTES_A_YEAR, RATE, Terms, intrinsic_value, sensitivities, value
from tests.support.oracle import exact_greeks, exact_value

GREEKS = ("delta", "gamma", "theta", "vega")
MINUTES = (1, 2, 30, 240, 390, 1440, 10_080, 525_600)
VOLATILITIES = (0.03, 0.15, 0.8, 3.0)
WINGS = (-8.0, -4.0, -1.0, -0.01, 0.0, 0.5, 2.0, 6.0, 8.0)
SPOT, FORWARD = 6_000.0, 6_013.25


def grid():
    """Minutes × volatilities × strikes so many deviations away, calls and puts: four arrays of one length."""
    cells = [
        (
            FORWARD * np.exp(wing * vol * np.sqrt(minutes / MINUTES_A_YEAR)),
            minutes / MINUTES_A_YEAR,
            vol,
            call,
        )
        for minutes in MINUTES
        for vol in VOLATILITIES
        for wing in WINGS
        for call in (True, False)
    ]
    strike, years, volatility, is_call = zip(*cells, strict=True)
    return Terms(
        np.full(len(cells), FORWARD), np.array(strike), np.array(years), np.array(is_call)
    ), np.array(volatility)


def test_values_keep_their_digits_in_and_out_of_the_money():
    """From one minute to a year, 3 % to 300 %, eight deviations on each side: 1e-10 relative."""
    terms, volatility = grid()
    worst = 0.0
    for row, price in enumerate(value(terms, volatility)):
        forward, strike, years, is_call = (column[row] for column in terms)
        exact = exact_value(forward, strike, years, volatility[row], RATE, is_call)
        worst = max(worst, float(abs(price / exact - 1)))
    assert worst < 1e-10


@pytest.mark.parametrize("which", range(4), ids=GREEKS)
def test_greeks_are_slopes_of_the_value(which):
    """Delta, gamma, theta and vega equal differences of the exact value over the whole grid, 1e-9 relative."""
    terms, volatility = grid()
    found = sensitivities(terms, volatility, np.full(volatility.shape, SPOT))[which]
    for row, figure in enumerate(found):
        forward, strike, years, is_call = (column[row] for column in terms)
        exact = exact_greeks(SPOT, forward, strike, years, volatility[row], RATE, is_call)[which]
        assert figure == pytest.approx(exact, rel=1e-9, abs=1e-290)


OPTIONS = {
    "strike": st.floats(4_000, 9_000),
    "minutes": st.floats(1, 525_600),
    "volatility": st.floats(0.03, 3),
}


@settings(deadline=None)
@given(**OPTIONS)
def test_calls_and_puts_differ_by_the_forward(strike, minutes, volatility):
    """Value and delta of a call less those of its put are those of a forward; gamma and vega are the same."""
    years = np.full(2, minutes / MINUTES_A_YEAR)
    terms = Terms(np.full(2, FORWARD), np.full(2, strike), years, np.array([True, False]))
    v, present = np.full(2, volatility), np.exp(-RATE * years[0])
    call, put = value(terms, v)
    assert call - put == pytest.approx(present * (FORWARD - strike), abs=1e-9)
    greeks = sensitivities(terms, v, np.full(2, SPOT))
    assert greeks.delta[0] - greeks.delta[1] == pytest.approx(present * FORWARD / SPOT, rel=1e-12)
    assert greeks.gamma[0] == greeks.gamma[1]
    assert greeks.vega[0] == greeks.vega[1]


@settings(deadline=None)
@given(**OPTIONS)
def test_signs_are_those_of_a_long_option(strike, minutes, volatility):
    """A call's delta is above 0 and a put's below, gamma and vega never fall below 0, and a value lies between its bounds."""
    years = np.full(2, minutes / MINUTES_A_YEAR)
    terms = Terms(np.full(2, FORWARD), np.full(2, strike), years, np.array([True, False]))
    delta, gamma, _, vega = sensitivities(terms, np.full(2, volatility), np.full(2, SPOT))
    assert 0 <= delta[0] <= FORWARD / SPOT
    assert -FORWARD / SPOT <= delta[1] <= 0
    assert (gamma >= 0).all()
    assert (vega >= 0).all()
    call, put = value(terms, np.full(2, volatility))
    assert max(FORWARD - strike, 0) * np.exp(-RATE * years[0]) - 1e-9 <= call <= FORWARD
    assert max(strike - FORWARD, 0) * np.exp(-RATE * years[0]) - 1e-9 <= put <= strike


def test_intrinsic_value():
    """What a call and a put at 90 are certain of with a forward of 100."""
    columns = [np.full(2, number) for number in (100.0, 90.0, 1.0)]
    assert intrinsic_value(Terms(*columns, np.array([True, False]))).tolist() == [10.0, 0.0]
