"""The smile's parabola, and what is read from its quotes."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

from marketswarm.maths.smile import fitted, tail_ratio, volatility_at, wings
from tests.support.oracle import exact_value

YEARS, FLAT = 1 / 365, 0.2
X = np.linspace(-2, 2, 41)
SPREAD = np.full(X.shape, 0.1)


@given(st.floats(0.05, 1), st.floats(-0.05, 0.05), st.floats(-0.02, 0.02))
def test_a_parabola_is_found_again(level, skew, curvature):
    """Quotes on one give its figures back, without an error."""
    fit = fitted(X, level + skew * X + curvature * X * X, SPREAD)
    assert fit == pytest.approx((level, skew, curvature, 0), abs=1e-12)


def test_missing_quotes_change_nothing_of_a_true_parabola():
    """Seven quotes where they happen to stand are enough."""
    rows = np.array([0, 3, 11, 19, 26, 31, 40])
    fit = fitted(X[rows], (0.2 - 0.02 * X + 0.005 * X * X)[rows], SPREAD[rows])
    assert fit == pytest.approx((0.2, -0.02, 0.005, 0), abs=1e-12)


def test_noise_averages_out():
    """Noise of half a volatility point on 41 quotes leaves figures within a third of that, and is what the error says."""
    noise = np.random.default_rng(3).normal(0, 0.005, X.size)
    fit = fitted(X, 0.2 - 0.02 * X + 0.005 * X * X + noise, SPREAD)
    assert fit == pytest.approx((0.2, -0.02, 0.005, 0.005), abs=0.0017)


def test_each_quote_has_the_stated_weight():
    """Against the normal equations, solved with 40 digits, of weights exp(-x² / 2) over the spread, a tick at least."""
    random = np.random.default_rng(7)
    iv, spread = 0.2 + random.normal(0, 0.02, X.size), random.uniform(0, 0.5, X.size)
    with mp.workdps(40):
        weight = [
            mp.exp(-(mp.mpf(x) ** 2) / 2) / max(mp.mpf(s), mp.mpf("0.01"))
            for x, s in zip(X, spread, strict=True)
        ]
        powers = [[mp.mpf(x) ** power for power in range(3)] for x in X]
        left = mp.matrix(3, 3)
        right = mp.matrix(3, 1)
        for w, p, v in zip(weight, powers, iv, strict=True):
            for i in range(3):
                right[i] += w * p[i] * mp.mpf(v)
                for j in range(3):
                    left[i, j] += w * p[i] * p[j]
        exact = [float(one) for one in mp.lu_solve(left, right)]
    assert fitted(X, iv, spread)[:3] == pytest.approx(exact, rel=1e-10)


def test_volatility_is_read_between_two_quotes():
    """On the line between them, at a quote the quote's own, at the ends as well."""
    x, iv = np.array([-1.0, 0.0, 0.5]), np.array([0.3, 0.2, 0.1])
    assert [volatility_at(at, x, iv) for at in (-1, -0.25, 0, 0.5)] == pytest.approx([0.3, 0.225, 0.2, 0.1])


@pytest.mark.parametrize("at", [-1.1, 0.6])
def test_nothing_is_read_beyond_the_quotes(at):
    """Nor from none at all."""
    assert volatility_at(at, np.array([-1.0, 0.0, 0.5]), np.array([0.3, 0.2, 0.1])) is None
    assert volatility_at(at, np.array([]), np.array([])) is None


def test_nothing_is_read_across_a_gap():
    """Quotes more than a sigma apart say nothing of what lies between."""
    assert volatility_at(0.5, np.array([0.0, 1.1]), np.array([0.2, 0.1])) is None


def quarter_delta_oracle(smile, deviation_root, sign):
    """Volatility where N(d1) of a smile in x is 25 % (calls) or 75 % (puts), by bisection with 30 digits."""
    with mp.workdps(30):
        target = mp.mpf("0.25") if sign > 0 else mp.mpf("0.75")

        def gap(x):
            s = mp.mpf(smile(float(x))) * mp.mpf(deviation_root)
            return mp.ncdf(-x * mp.mpf(FLAT) * mp.mpf(deviation_root) / s + s / 2) - target

        return smile(float(mp.findroot(gap, (mp.mpf("0.1") * sign, mp.mpf(2) * sign), solver="anderson")))


@pytest.mark.parametrize("skew", [-0.03, 0.0, 0.01])
def test_wings_are_where_delta_is_a_quarter(skew):
    """A dense smile gives the volatilities at which the oracle finds 25 delta."""

    def smile(x):
        return FLAT + skew * x + 0.004 * x * x

    x = np.linspace(-2, 2, 81)
    found = wings(x, smile(x), at_the_money=FLAT, years=YEARS)
    root = math.sqrt(YEARS)
    exact = (quarter_delta_oracle(smile, root, 1), quarter_delta_oracle(smile, root, -1))
    assert found == pytest.approx(exact, abs=2e-5)


def test_wings_of_a_flat_smile_are_flat():
    """Both are the volatility itself."""
    assert wings(X, np.full(X.shape, FLAT), at_the_money=FLAT, years=YEARS) == pytest.approx((FLAT, FLAT))


@pytest.mark.parametrize("x", [[], [-0.1, 0.0, 0.1], [-2.0, 0.0, 2.0], [-1.0, -0.5, 0.0]])
def test_wings_need_quotes_around_them(x):
    """Quotes that end before 25 delta on a side, or jump across it, give none."""
    x = np.array(x)
    assert wings(x, np.full(x.shape, FLAT), at_the_money=FLAT, years=YEARS) is None


@pytest.mark.parametrize("at", [-2, 2])
def test_a_flat_smile_has_tails_of_one(at):
    """The same volatility there as at the money."""
    assert tail_ratio(at, FLAT, at_the_money=FLAT, years=YEARS) == pytest.approx(1)


@pytest.mark.parametrize(("at", "volatility"), [(-2, 0.26), (-2, 0.18), (2, 0.16), (2, 0.22)])
def test_a_tail_is_the_ratio_of_two_prices(at, volatility):
    """As the 100-digit oracle has them, for any forward and rate."""
    forward = 6_803.0
    strike = forward * math.exp(at * FLAT * math.sqrt(YEARS))
    dear, flat = (exact_value(forward, strike, YEARS, one, 0.04, at > 0) for one in (volatility, FLAT))
    found = tail_ratio(at, volatility, at_the_money=FLAT, years=YEARS)
    assert found == pytest.approx(float(dear / flat), rel=1e-9)
