"""Realised volatility."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from marketswarm.maths.realised import SECONDS_A_YEAR, realised

STEP_S = 10
SLOTS = np.arange(2_341, dtype=np.int64) * STEP_S * 1_000


def walk(volatility=0.15, seed=1, size=SLOTS.size):
    """A day's prices at that volatility per year of sessions."""
    step = volatility * math.sqrt(STEP_S / SECONDS_A_YEAR)
    return 6_800 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, step, size)))


def test_a_day_gives_its_volatility():
    """2,340 returns at 15 % a year give 15 % within four standard errors, 1.5 % and 1.9 % of it, either way of counting."""
    found = realised(SLOTS, walk())
    assert found.volatility == pytest.approx(0.15, rel=4 / math.sqrt(2 * 2_340))
    assert found.bipower == pytest.approx(0.15, rel=4 * 1.3 / math.sqrt(2 * 2_340))
    assert (found.seconds, found.returns) == (23_400, 2_340)


def test_steps_of_one_size_give_it_exactly():
    """Up and down by 0.01 % each ten seconds: variance is that squared over the seconds, bipower π / 2 of it."""
    found = realised(SLOTS[:101], np.where(np.arange(101) % 2, math.exp(1e-4), 1.0))
    exact = 1e-8 / STEP_S * 252 * 23_400
    assert found.volatility**2 == pytest.approx(exact)
    assert found.bipower**2 == pytest.approx(math.pi / 2 * exact)


def test_a_jump_counts_in_one_and_hardly_in_the_other():
    """One return of 1 % doubles the variance of a calm day, and adds a few per cent to bipower variation."""
    price = walk()
    jumped = price * np.where(np.arange(price.size) >= 1_000, 1.01, 1.0)
    calm, wild = realised(SLOTS, price), realised(SLOTS, jumped)
    assert wild.volatility > 1.3 * calm.volatility
    assert wild.bipower == pytest.approx(calm.bipower, rel=0.06)


def test_gaps_are_left_out():
    """A night of 5 % between two halves adds neither variance nor time."""
    price, ts = walk(), SLOTS.copy()
    half = price.size // 2
    before = realised(ts, price)
    ts[half:] += 63_000_000
    price[half:] *= 1.05
    after = realised(ts, price)
    assert after.returns == before.returns - 1
    assert after.seconds == before.seconds - STEP_S
    assert after.volatility == pytest.approx(before.volatility, rel=0.01)


def test_a_missed_slot_keeps_its_time():
    """Every other price left out: half the returns over the same time, and the same volatility within its error."""
    found = realised(SLOTS[::2], walk()[::2])
    assert (found.seconds, found.returns) == (23_400, 1_170)
    assert found.volatility == pytest.approx(0.15, rel=4 / math.sqrt(2 * 1_170))
    assert found.bipower == pytest.approx(0.15, rel=4 * 1.3 / math.sqrt(2 * 1_170))


@pytest.mark.parametrize("size", [0, 1, 2, 30])
def test_a_few_prices_tell_nothing(size):
    """30 returns are the least."""
    assert realised(SLOTS[:size], walk(size=size)) is None
    assert realised(SLOTS[:31], walk(size=31)) is not None


def test_a_price_that_is_none_costs_its_two_returns():
    """Nothing is bridged or invented."""
    price = walk()
    price[[100, 200]] = 0.0, np.nan
    assert realised(SLOTS, price).returns == 2_336


def test_a_time_that_stands_or_goes_back_states_no_return():
    """A time that came twice costs one return; one that goes back costs that return, and the next, which is too long."""
    ts = SLOTS.copy()
    ts[100] = ts[99]
    ts[200] = ts[198]
    assert realised(ts, walk()).returns == 2_340 - 3


@given(arrays(np.float64, 60), arrays(np.int64, 60, elements=st.integers(0, 10**13)))
def test_any_path_gives_numbers_or_none(price, ts):
    """Whatever comes, in whatever order."""
    for times in (ts, np.sort(ts), SLOTS[:60]):
        found = realised(times, price)
        assert found is None or all(math.isfinite(one) and one >= 0 for one in found)
