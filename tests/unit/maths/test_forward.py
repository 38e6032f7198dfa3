"""The forward that quotes state."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketswarm.maths.black76 import RATE, Terms, discount, value
from marketswarm.maths.forward import is_plausible, parity_forward

YEARS, SPOT = 0.02, 6_000.0


def differences(forward, strikes, volatility=0.2):
    """Call less put at each strike, by Black-76."""
    strikes = np.asarray(strikes, dtype=float)
    rows = [np.full(strikes.shape, number) for number in (forward, YEARS)]
    call, put = (
        value(
            Terms(rows[0], strikes, rows[1], np.full(strikes.shape, side)), np.full(strikes.shape, volatility)
        )
        for side in (True, False)
    )
    return strikes, call - put


def stated(*quotes, **market):
    """The forward that quotes state."""
    parity = parity_forward(*quotes, **market)
    assert parity is not None
    return parity.forward


@given(st.floats(5_800, 6_200))
def test_exact_quotes_give_the_forward_exactly(forward):
    """Without noise every strike states the same forward, wherever it is within reach of spot."""
    strikes, difference = differences(forward, np.arange(5_700, 6_305, 5))
    found = stated(strikes, difference, np.full(strikes.shape, 0.1), spot=SPOT, years=YEARS)
    assert found == pytest.approx(forward, rel=1e-12)


def test_strikes_far_from_the_money_have_no_say():
    """Only the 15 strikes whose sides differ least are asked: nonsense beyond them changes nothing."""
    strikes, difference = differences(6_010, np.arange(5_800, 6_205, 5))
    difference[np.abs(strikes - 6_010) > 45] += 40
    found = stated(strikes, difference, np.full(strikes.shape, 0.1), spot=SPOT, years=YEARS)
    assert found == pytest.approx(6_010)


def test_the_strikes_asked_are_told():
    """The rows are those of the 15 strikes whose sides differ least."""
    strikes, difference = differences(6_010, np.arange(5_800, 6_205, 5))
    parity = parity_forward(strikes, difference, np.full(strikes.shape, 0.1), spot=SPOT, years=YEARS)
    assert sorted(strikes[parity.rows]) == list(range(5_975, 6_050, 5))


def test_narrow_quotes_weigh_more():
    """Three narrow quotes outvote eight wide ones that say something else."""
    strikes, difference = differences(6_000, np.arange(5_975, 6_030, 5))
    spread = np.full(strikes.shape, 4.0)
    difference += 3 * discount(np.array(YEARS))
    spread[4:7], difference[4:7] = 0.1, difference[4:7] - 3 * discount(np.array(YEARS))
    found = stated(strikes, difference, spread, spot=SPOT, years=YEARS)
    assert found == pytest.approx(6_000)


def test_an_even_split_is_met_half_way():
    """Two halves of the same weight give what lies between them."""
    difference = np.array([1.0, 1.0, 3.0, 3.0])
    found = stated(np.full(4, 6_000.0), difference, np.full(4, 0.1), spot=SPOT, years=YEARS, rate=0)
    assert found == pytest.approx(6_002)


@pytest.mark.parametrize("strikes", [[], [6_000], [6_000, 6_005], [5_000, 5_005, 5_010, 5_015]])
def test_too_few_strikes_state_none(strikes):
    """Three strikes within 5 % of spot are needed."""
    strikes, difference = differences(6_000, strikes)
    assert parity_forward(strikes, difference, np.full(strikes.shape, 0.1), spot=SPOT, years=YEARS) is None


@pytest.mark.parametrize("shift", [-6_100, -700, 700, np.nan])
def test_an_absurd_forward_is_refused(shift):
    """Quotes that state a forward below 0, or more than 6 % from spot with a week to go, state none."""
    strikes, difference = differences(6_000, np.arange(5_900, 6_105, 5))
    assert (
        parity_forward(strikes, difference + shift, np.full(strikes.shape, 0.1), spot=SPOT, years=YEARS)
        is None
    )


def test_a_long_way_leaves_room_for_dividends():
    """What is absurd for a week is a yield of a few per cent over two years."""
    assert not is_plausible(5_500, SPOT, YEARS)
    assert is_plausible(5_500, SPOT, 2.0)
    assert not is_plausible(5_500, 0.0, 2.0)


def test_the_difference_is_grown_to_settlement():
    """A year out, a difference of 100 today is one of 100 e^r at settlement."""
    strikes = np.array([5_995.0, 6_000.0, 6_005.0])
    found = stated(strikes, 6_005.0 - strikes, np.full(3, 0.1), spot=SPOT, years=1.0)
    assert found == pytest.approx(6_000 + 5 * np.exp(RATE))
