"""Implied volatility: there and back, against 100 digits and against another solver."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py_lets_be_rational import implied_volatility_from_a_transformed_rational_guess as lets_be_rational

from marketswarm.maths.black76 import MINUTES_A_YEAR, Terms, value
from marketswarm.maths.implied import implied_deviation, implied_volatility
from tests.support.oracle import exact_value

FORWARD = 6_013.25


def options(count, seed, *, deepest=8.0, longest=525_600.0):
    """Random contracts out of the money: one minute to a year, 3 % to 300 %, up to so many deviations away."""
    random = np.random.default_rng(seed)
    years = np.exp(random.uniform(0.0, np.log(longest), count)) / MINUTES_A_YEAR
    volatility = np.exp(random.uniform(np.log(0.03), np.log(3), count))
    away = random.uniform(-deepest, deepest, count)
    strike = FORWARD * np.exp(away * volatility * np.sqrt(years))
    return Terms(np.full(count, FORWARD), strike, years, strike >= FORWARD), volatility


def exact_prices(terms, volatility):
    """Undiscounted values at 100 digits, rounded once."""
    rows = zip(*terms[:3], volatility, terms.is_call, strict=True)
    return np.array([float(exact_value(f, k, t, v, 0, c)) for f, k, t, v, c in rows])


def test_there_and_back_against_a_hundred_digits():
    """Out of the money, the volatility of an exact price comes back within 1e-11, a minute before settlement too."""
    terms, volatility = options(1500, seed=1)
    found = implied_volatility(terms, exact_prices(terms, volatility))
    assert np.abs(found - volatility).max() < 1e-11


@pytest.mark.parametrize("longest", [390, 2, 1])
def test_same_day_options_to_the_last_minute(longest):
    """Within the last day, the last two minutes, and with 60 seconds left, three and a half deviations: 1e-11 again."""
    terms, volatility = options(700, seed=2, deepest=3.5, longest=longest)
    found = implied_volatility(terms, exact_prices(terms, volatility))
    assert np.abs(found - volatility).max() < 1e-11


def test_in_the_money_as_far_as_the_price_carries_it():
    """In the money, what is lost is what rounding the price to a double loses: its rounding over its vega, no more."""
    terms, volatility = options(1500, seed=3, deepest=5)
    terms = terms._replace(is_call=~terms.is_call)
    price = exact_prices(terms, volatility)
    bumped = value(terms, volatility * 1.0001, 0.0)
    vega = np.maximum(bumped - value(terms, volatility, 0.0), 1e-300) / (volatility * 1e-4)
    carried = 4 * np.spacing(price) / vega
    found = implied_volatility(terms, price)
    fit = carried < 1e-2
    assert fit.sum() > 900
    assert (np.abs(found - volatility)[fit] <= np.maximum(1e-11, 4 * carried[fit])).all()


def test_another_solver_agrees():
    """P. Jäckel's own algorithm gives the same volatilities, 1e-10."""
    terms, volatility = options(500, seed=4, deepest=6)
    price = exact_prices(terms, volatility)
    rows = zip(price, *terms[:3], np.where(terms.is_call, 1.0, -1.0), strict=True)
    theirs = np.array([lets_be_rational(*map(float, row)) for row in rows])
    assert np.abs(implied_volatility(terms, price) - theirs).max() < 1e-10


def test_deep_wings_land_where_they_should():
    """Prices down to 1e-280 of the forward come back: no step ends at a tiny volatility that underflows to the same price."""
    x = -np.geomspace(1e-4, 2, 300)
    for deviations in (10.0, 20.0, 30.0, 35.0):
        s = -x / deviations
        strike = FORWARD * np.exp(-x)
        terms = Terms(np.full(300, FORWARD), strike, np.ones(300), np.full(300, True))
        found = implied_volatility(terms, exact_prices(terms, s))
        assert np.abs(found / s - 1).max() < 1e-11


def test_a_bad_start_is_caught_by_the_bracket(monkeypatch):
    """From any start inside the bracket, the search ends at the same volatility."""
    terms, volatility = options(20_000, seed=5)
    price = value(terms, volatility, 0.0)
    for factor in (1e-9, 1e-6, 1e-2, 30.0):
        monkeypatch.setattr(
            "marketswarm.maths.implied._start", lambda x, price, factor=factor: np.full(x.shape, factor)
        )
        assert np.abs(implied_volatility(terms, price) - volatility).max() < 1e-8


@pytest.mark.parametrize(
    "price",
    [0.0, -1.0, np.nan, np.inf, FORWARD, FORWARD * (1 - 1e-13), 1e-300],
    ids=["zero", "negative", "nan", "infinite", "bound", "next-to-bound", "vanishing"],
)
def test_no_volatility_where_there_is_none(price):
    """A value at or below intrinsic, at or above the forward, or none at all has no volatility: NaN, and nothing else."""
    terms = Terms(*(np.array([number]) for number in (FORWARD, FORWARD, 0.01)), np.array([True]))
    assert np.isnan(implied_volatility(terms, np.array([price]))).all()


def test_nothing_in_nothing_out():
    """No contracts, no volatilities."""
    assert implied_deviation(np.empty(0), np.empty(0)).shape == (0,)


@settings(deadline=None, max_examples=300)
@given(
    price=st.floats(allow_nan=True, allow_infinity=True),
    strike=st.floats(0.001, 1e6),
    years=st.floats(1 / MINUTES_A_YEAR, 20),
    is_call=st.booleans(),
)
def test_any_price_gives_a_volatility_that_gives_it_back_or_none(price, strike, years, is_call):
    """Whatever the price, the result is NaN, or a positive volatility whose value is that price."""
    terms = Terms(*(np.array([number]) for number in (FORWARD, strike, years)), np.array([is_call]))
    (volatility,) = implied_volatility(terms, np.array([price]))
    if np.isnan(volatility):
        return
    assert 0 < volatility < np.inf
    assert value(terms, np.array([volatility]), 0.0)[0] == pytest.approx(price, rel=1e-9, abs=1e-9)
