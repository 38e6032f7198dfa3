"""The forward of each root and the move that is priced."""

import math
from dataclasses import replace

import numpy as np
import pytest

from marketswarm.vigil.levels.move import forwards_of, front_root, move_of, straddles_of
from tests.support.smiling_chain import DAY_MS, NOW_MS, SmilingChain, everything, only

CHAIN = SmilingChain()
WHOLE = CHAIN.columns()
RATE_OF_A_DAY = math.exp(0.04 / 365)


def move(columns):
    """Of all rows."""
    return move_of(columns, everything(columns))


def forwards(columns, **known):
    """Of all rows."""
    return forwards_of(columns, everything(columns), **known)


def test_a_flat_chain_gives_what_it_was_made_of():
    """Forward, volatility, and the straddle that is 0.79788 of a sigma, within 1e-3."""
    found = move(WHOLE)
    assert found.forward == pytest.approx(6_803, rel=1e-9)
    assert found.volatility == pytest.approx(0.2, rel=1e-6)
    assert found.sigma == pytest.approx(6_803 * 0.2 / math.sqrt(365), rel=1e-6)
    assert found.straddle / found.sigma == pytest.approx(0.79788, abs=1e-3)
    assert found.years == pytest.approx(1 / 365)


def test_time_is_counted_from_the_quotes():
    """Quotes of an hour ago were made for an hour more: volatility is theirs, and the move in points is what they priced."""
    later = replace(WHOLE, now_ms=NOW_MS + 3_600_000, years=WHOLE.years - 3_600_000 / DAY_MS / 365)
    assert move(later).volatility == pytest.approx(0.2, rel=1e-6)
    assert move(later).sigma == pytest.approx(move(WHOLE).sigma, rel=1e-9)


def test_a_missing_side_at_the_money_is_bridged():
    """Without the call at 6,805 the strikes beside it say the same of a flat chain."""
    bid = np.where((WHOLE.strike == 6_805) & WHOLE.is_call, 0.0, WHOLE.bid)
    assert move(replace(WHOLE, bid=bid)).volatility == pytest.approx(0.2, rel=1e-6)


def test_volatility_is_not_read_from_far_strikes():
    """Three strikes on each side are asked, whatever stands beyond them."""
    near = np.abs(WHOLE.strike - 6_803) < 20
    assert move(replace(WHOLE, bid=np.where(near, 0.0, WHOLE.bid))) == "no-straddle"


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        (only(WHOLE, WHOLE.strike < 0), "no-contracts"),
        (replace(WHOLE, years=np.full(WHOLE.size, np.nan)), "expired"),
        (replace(WHOLE, spot=math.nan), "no-spot"),
        (replace(WHOLE, spot=0.0), "no-spot"),
        (only(WHOLE, WHOLE.is_call), "too-few-strikes"),
        (replace(WHOLE, bid=WHOLE.ask, ask=WHOLE.bid), "too-few-strikes"),
        (replace(WHOLE, spot=9_000.0), "too-few-strikes"),
    ],
    ids=["empty", "expired", "spot NaN", "spot 0", "one side", "crossed", "spot far away"],
)
def test_why_there_is_none(columns, reason):
    """One word for each cause."""
    assert move(columns) == reason


def test_two_strikes_are_enough_for_a_move():
    """As in the last minutes of a day: parity takes three, so the forward is that which follows from spot."""
    two = only(WHOLE, np.isin(WHOLE.strike, (6_800, 6_805)))
    found = move(two)
    assert found.forward == pytest.approx(6_800 * RATE_OF_A_DAY)
    assert found.volatility == pytest.approx(0.2, rel=0.02)
    known = forwards(two, carry=np.array([6_803 / 6_800]))
    assert move_of(two, everything(two), known).volatility == pytest.approx(0.2, rel=1e-6)


def test_no_usable_row_is_a_reason_of_its_own():
    """As when all quotes are stale."""
    assert move_of(WHOLE, ~everything(WHOLE)) == "no-usable-quotes"


def with_forward_below_zero():
    """Calls for next to nothing, and puts dearer than the index: parity states a forward below 0."""
    bid = np.where(WHOLE.is_call, 0.05, WHOLE.strike + 9_000)
    return replace(WHOLE, bid=bid, ask=bid + 0.05)


def test_a_negative_forward_is_no_forward():
    """Nothing is priced on it; the ratio falls back on the carry that was last known, else on the rate."""
    assert move(with_forward_below_zero()) == "no-forward"
    fallen = forwards(with_forward_below_zero())
    assert fallen.ratio == pytest.approx([RATE_OF_A_DAY])
    assert not fallen.is_parity.any()
    assert forwards(with_forward_below_zero(), carry=np.array([1.0007])).ratio == pytest.approx([1.0007])


@pytest.mark.parametrize("carry", [np.nan, 0.0, -1.0])
def test_a_carry_that_is_none_is_not_used(carry):
    """The rate stands in for it."""
    assert forwards(with_forward_below_zero(), carry=np.array([carry])).ratio == pytest.approx(
        [RATE_OF_A_DAY]
    )


def test_an_absurd_carry_gives_no_forward():
    """Half as much again as spot is nobody's forward for tomorrow."""
    assert np.isnan(forwards(with_forward_below_zero(), carry=np.array([1.5])).ratio).all()


def test_quotes_state_the_forward_before_anything_else():
    """A carry that is known does not count while parity holds."""
    found = forwards(WHOLE, carry=np.array([1.01]))
    assert found.ratio * 6_800 == pytest.approx([6_803])
    assert found.is_parity.all()


def two_roots():
    """SPX of this morning, which is settled, beside SPXW; SPX has as many contracts."""
    both = SmilingChain(roots=("SPX", "SPXW")).columns()
    return replace(both, years=np.where(both.root == 0, np.nan, both.years))


def test_each_root_has_its_own():
    """One that has settled has none; the other is not disturbed."""
    found = forwards(two_roots())
    assert np.isnan(found.ratio[0])
    assert found.ratio[1] * 6_800 == pytest.approx(6_803)
    assert found.is_parity.tolist() == [False, True]


def test_the_front_root_has_most_contracts():
    """Of those that have not settled; None when all have, or there are none."""
    assert front_root(two_roots()) == 1
    both = SmilingChain(roots=("SPX", "SPXW")).columns()
    assert front_root(only(both, (both.root == 1) | (both.strike > 6_700))) == 1
    assert front_root(replace(WHOLE, years=np.full(WHOLE.size, np.nan))) is None
    assert front_root(only(WHOLE, WHOLE.strike < 0)) is None


def test_both_sides_of_a_strike_are_found():
    """Each strike with both sides, in order; a strike without one of them is left out."""
    rows = ~((WHOLE.strike == 6_600) & WHOLE.is_call) & ~((WHOLE.strike == 6_900) & ~WHOLE.is_call)
    columns = only(WHOLE, rows)
    strike, call, put = straddles_of(columns, everything(columns), 0)
    assert strike.tolist() == [one for one in CHAIN.strikes if one not in (6_600, 6_900)]
    assert columns.is_call[call].all()
    assert not columns.is_call[put].any()
    assert (columns.strike[call] == columns.strike[put]).all()


def test_no_forward_without_spot():
    """What has no spot has no ratio to it."""
    assert np.isnan(forwards(replace(WHOLE, spot=math.nan)).ratio).all()
