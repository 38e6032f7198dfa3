"""Jump statistics: constants of the paper, paces of known paths, and the pace that options price."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketswarm.maths.jumps import (
    SESSION_STEPS,
    YEAR_S,
    bipower_products,
    bipower_volatility,
    gumbel_constants,
    gumbel_quantile,
    implied_step_volatility,
    intraday_factor,
    jump_threshold,
    lone_prints,
    median_squares,
    robust_scale,
    step_returns,
)

SESSION_S = 23_400


def walk(steps, pace=1e-4, seed=7):
    """Returns that nothing but chance makes."""
    return np.random.default_rng(seed).normal(0, pace, steps)


def test_the_constants_are_those_of_the_paper():
    """For a session of 2,340 tests C_n = 4.4288, S_n = 0.31818, and β* = 4.6001 at 1 %."""
    centre, scale = gumbel_constants(SESSION_STEPS)
    assert centre == pytest.approx(4.4288, abs=5e-5)
    assert scale == pytest.approx(0.31818, abs=5e-6)
    assert gumbel_quantile(0.01) == pytest.approx(4.6001, abs=5e-5)


@pytest.mark.parametrize(("chance", "threshold"), [(0.01, 4.70), (0.05, 4.29)])
def test_the_threshold_of_a_session(chance, threshold):
    """On the scaled statistic it is 4.70 for one false day in a hundred, 4.29 for one in twenty."""
    assert jump_threshold(SESSION_STEPS, chance) == pytest.approx(threshold, abs=5e-3)


def test_the_largest_of_a_session_is_seldom_over_its_threshold():
    """Of 2,000 sessions without jumps about 5 in 100 pass the threshold of 5 %."""
    largest = np.abs(np.random.default_rng(3).normal(size=(2_000, SESSION_STEPS))).max(axis=1)
    assert 0.03 <= (largest > jump_threshold(SESSION_STEPS, 0.05)).mean() <= 0.07


def test_both_paces_find_the_volatility_of_a_walk():
    """Bipower and the median distance give the standard deviation of a normal walk."""
    returns = walk(50_000)
    assert bipower_volatility(returns) == pytest.approx(1e-4, rel=0.01)
    assert robust_scale(returns) == pytest.approx(1e-4, rel=0.02)


def test_a_jump_hardly_moves_the_pace():
    """A return of twenty times the pace adds less than a fifth to bipower over 45 minutes, to the plain deviation half."""
    returns = walk(270)
    calm = bipower_volatility(returns)
    returns[100] = 20e-4
    assert bipower_volatility(returns) < 1.2 * calm
    assert returns.std() > 1.5 * calm


def test_no_jump_moves_the_medians():
    """Medians of three have the variance of a step as their mean, and one return of any size leaves them as they were."""
    returns = walk(50_000)
    calm = median_squares(returns).mean()
    assert calm == pytest.approx(1e-8, rel=0.02)
    returns[100] = 1.0
    assert median_squares(returns).mean() == pytest.approx(calm, rel=1e-3)
    returns[7] = np.nan
    assert np.isnan(median_squares(returns)[5:8]).all()
    assert median_squares(returns[:2]).size == 0


def prices_of(returns):
    """The path of such returns, from 6,000 on."""
    return 6_000 * np.exp(np.concatenate([[0.0], np.cumsum(returns)]))


@pytest.mark.parametrize("size", [10e-4, -10e-4, 160e-4, -0.5])
def test_a_print_that_comes_back_stands_alone(size):
    """One price that is far from its neighbours, which lie where usual steps take them."""
    prices = prices_of(walk(300))
    prices[100] *= 1 + size
    assert np.flatnonzero(lone_prints(prices, 1e-6)).tolist() == [100]


def test_two_prints_with_a_price_between_them_stand_alone():
    """The price between is none of them."""
    prices = prices_of(walk(300))
    prices[[100, 102]] *= 1.02
    assert np.flatnonzero(lone_prints(prices, 1e-6)).tolist() == [100, 102]


def test_a_jump_that_stays_is_no_lone_print():
    """Nor one that comes back half of its way, or two steps later."""
    returns = walk(300)
    returns[100] = 160e-4
    assert not lone_prints(prices_of(returns), 1e-6).any()
    returns[101] = -80e-4
    assert not lone_prints(prices_of(returns), 1e-6).any()
    returns[101:103] = 1e-4, -160e-4
    assert not lone_prints(prices_of(returns), 1e-6).any()


def test_chance_makes_no_lone_print():
    """None in ten thousand steps, nor in minutes at three times the pace, but for one in a thousand."""
    assert not lone_prints(prices_of(walk(10_000)), 1e-6).any()
    fast = [np.concatenate([walk(300, seed=seed), walk(60, 3e-4, seed + 100)]) for seed in range(50)]
    assert sum(lone_prints(prices_of(one), 1e-6).sum() for one in fast) <= 3


def test_few_prices_and_a_market_that_stands_still_have_none():
    """With no steps there is nothing to be far from; steps of the price are none."""
    assert lone_prints(np.empty(0), 1e-6).size == 0
    assert not lone_prints(np.array([100.0, 100.0]), 1e-6).any()
    still = np.full(100, 100.0)
    still[50] = 100.02
    assert not lone_prints(still, 0.5 * 0.01 / 100).any()
    still[50] = 101.0
    assert np.flatnonzero(lone_prints(still, 0.5 * 0.01 / 100)).tolist() == [50]


def test_a_return_over_two_slots_counts_as_two():
    """It is scaled by the root of its time, and one over a gap is not known."""
    times = np.array([0, 10_000, 30_000, 60_000, 60_000], dtype=np.int64)
    returns = step_returns(times, np.exp(np.array([0.0, 1.0, 2.0, 3.0, 4.0])), longest_ms=25_000)
    assert returns[:2] == pytest.approx([1.0, 1 / math.sqrt(2)])
    assert np.isnan(returns[2:]).all()


def test_no_product_reaches_over_a_gap():
    """Beside an unknown return nothing is multiplied, and where no two neighbours are known there is no pace."""
    returns = np.array([1.0, np.nan, 1.0, 2.0])
    assert bipower_products(returns)[2] == pytest.approx(math.pi)
    assert np.isnan(bipower_products(returns)[:2]).all()
    assert bipower_volatility(returns[:3]) is None
    assert robust_scale(returns[1:2]) is None


def test_the_day_is_a_u_of_mean_square_one():
    """Fast at the open, slow at noon, faster at the close; over a session its mean square is 1."""
    shares = (np.arange(10_000) + 0.5) / 10_000
    factors = np.array([intraday_factor(share) for share in shares])
    assert (factors**2).mean() == pytest.approx(1, abs=1e-6)
    assert intraday_factor(0.04) > 1.5 > intraday_factor(0.97) > 1.1 > intraday_factor(0.5)
    assert intraday_factor(-1) == intraday_factor(0)
    assert intraday_factor(2) == intraday_factor(1)


def test_options_of_today_spread_their_variance_over_what_is_left():
    """√2,340 steps of the pace are the deviation that they price for the session."""
    years = SESSION_S / YEAR_S
    pace = implied_step_volatility(0.30, years, SESSION_S)
    assert pace * math.sqrt(SESSION_STEPS) == pytest.approx(0.30 * math.sqrt(years))


def test_options_of_a_month_give_the_pace_of_252_sessions():
    """Far from settlement the pace is that of 252 sessions a year."""
    pace = implied_step_volatility(0.16, 0.5, SESSION_S)
    assert pace == pytest.approx(0.16 / math.sqrt(252 * SESSION_STEPS), rel=0.01)


@given(st.floats(allow_nan=True), st.floats(0, 10), st.floats(-1e9, 1e9))
def test_a_pace_is_a_number_or_absent(volatility, years, to_close_s):
    """Nothing that options could be said to price gives a pace that is infinite, negative, or no number."""
    pace = implied_step_volatility(volatility, years, to_close_s)
    assert pace is None or 0 <= pace < 10
