"""The smile of a chain."""

from dataclasses import replace

import numpy as np
import pytest

from marketswarm.vigil.levels.move import move_of
from marketswarm.vigil.levels.smile import outside_of, smile_of
from tests.support.smiling_chain import SmilingChain, everything, only


def smile(columns, usable=None):
    """With the move of all rows."""
    found = move_of(columns, everything(columns))
    assert not isinstance(found, str)
    return smile_of(columns, everything(columns) if usable is None else usable, found)


def bent(level=0.2, skew=-0.02, curvature=0.004):
    """A chain on a parabola."""
    return SmilingChain(smile=lambda x: level + skew * x + curvature * x * x)


def test_a_flat_smile_is_flat():
    """Level is the volatility; skew, curvature, risk reversal and butterfly are 0, tails are 1."""
    found = smile(SmilingChain().columns())
    assert (found.level, found.skew, found.curvature, found.error) == pytest.approx((0.2, 0, 0, 0), abs=1e-9)
    assert (found.risk_reversal, found.butterfly) == pytest.approx((0, 0), abs=1e-6)
    assert (found.left_tail, found.right_tail) == pytest.approx((1, 1), abs=1e-5)
    assert found.is_good


def test_a_parabola_is_found_again():
    """Its figures are those that the chain was made of, within what the interpolation at the money leaves."""
    found = smile(bent().columns())
    assert (found.level, found.skew, found.curvature) == pytest.approx((0.2, -0.02, 0.004), abs=2e-5)
    assert found.error < 1e-5
    assert found.points == pytest.approx(4 * 71.2 / 5, abs=1)


def test_a_skew_is_seen_in_wings_and_tails():
    """Puts dearer than calls: a risk reversal below 0, a left tail above 1 and a right one below it."""
    found = smile(bent(curvature=0.001).columns())
    assert found.risk_reversal == pytest.approx(-0.02 * 2 * 0.674, rel=0.03)
    assert found.left_tail > 1.5
    assert found.right_tail < 0.7


def test_a_curvature_is_seen_in_the_butterfly():
    """Both wings above the money by curvature times the square of 0.674 sigmas."""
    found = smile(bent(skew=0.0).columns())
    assert found.butterfly == pytest.approx(0.004 * 0.674**2, rel=0.05)
    assert found.risk_reversal == pytest.approx(0, abs=2e-4)


def test_noise_is_told_as_the_error():
    """Noise of 0.3 volatility points on each quote leaves the fit good, and figures near the true ones."""
    columns = bent().columns()
    noisy = replace(columns, iv=columns.iv + np.random.default_rng(11).normal(0, 0.003, columns.size))
    found = smile(noisy)
    assert found.error == pytest.approx(0.003, rel=0.3)
    assert (found.level, found.skew, found.curvature) == pytest.approx((0.2, -0.02, 0.004), abs=0.0015)
    assert found.is_good


def test_a_bad_fit_is_there_and_says_so():
    """An error of more than one volatility point: figures, but not to be used."""
    columns = bent().columns()
    wild = replace(columns, iv=columns.iv + np.random.default_rng(11).normal(0, 0.02, columns.size))
    assert not smile(wild).is_good


@pytest.mark.parametrize("level", [0.10, 0.16, 0.40])
def test_a_smile_that_rises_as_a_whole_stays_as_good(level):
    """What a parabola cannot follow grows with the level: a fit of a quiet day is not refused in a panic."""
    chain = SmilingChain(
        volatility=level, smile=lambda x: level * (1 - 0.3 * x + 0.05 * np.abs(x) ** 3), years=0.1 / 365
    )
    found = smile(chain.columns())
    assert found.is_good
    assert found.error / found.level == pytest.approx(0.018, abs=0.01)


def test_missing_quotes_change_nothing():
    """Two thirds of the quotes without a bid: the rest tells the same parabola."""
    columns = bent().columns()
    kept = (np.arange(columns.size) // 2 % 3 == 0) | (np.abs(columns.strike - 6_803) < 10)
    found = smile(columns, everything(columns) & kept)
    assert (found.level, found.skew, found.curvature) == pytest.approx((0.2, -0.02, 0.004), abs=2e-5)


def test_without_a_move_there_is_no_measure():
    """The smile is measured in its sigmas."""
    columns = SmilingChain().columns()
    assert smile_of(columns, everything(columns), None) == "no-move"


def strikes_within(low, high, step=1):
    """Rows of a flat chain between two moneynesses, each so many strikes."""
    columns = SmilingChain().columns()
    x = np.log(columns.strike / 6_803) / SmilingChain().deviation
    return columns, (x > low) & (x < high) & (columns.strike % (5 * step) == 0)


@pytest.mark.parametrize(
    ("low", "high", "step"),
    [(-2, 2, 10), (-0.15, 2, 1), (-2, 0.12, 1), (-5, -2, 1)],
    ids=["six strikes", "two below", "two above", "wings only"],
)
def test_too_few_quotes_give_none(low, high, step):
    """Seven within two sigmas are needed, three of them on each side."""
    columns, usable = strikes_within(low, high, step)
    assert smile(columns, usable) == "too-few-quotes"


def test_nothing_is_extended_beyond_the_quotes():
    """Quotes within a sigma give a fit and wings, and no tails; within half a sigma no wings either."""
    found = smile(*strikes_within(-1, 1))
    assert found.left_tail is found.right_tail is None
    assert found.risk_reversal == pytest.approx(0, abs=1e-6)
    found = smile(*strikes_within(-0.5, 0.5))
    assert found.risk_reversal is found.butterfly is None


def test_only_the_side_out_of_the_money_is_asked():
    """Calls at and above the forward, puts below it; a quote without a bid has no say, nor has another root."""
    columns = SmilingChain(roots=("SPX", "SPXW")).columns()
    columns = only(columns, (columns.root == 1) | (columns.strike > 6_700))
    found = move_of(columns, everything(columns))
    quotes = outside_of(columns, everything(columns), found)
    assert quotes.x.size == 101
    assert (np.diff(quotes.x) > 0).all()
    in_the_money = columns.is_call == (columns.strike < 6_803)
    spoilt = replace(columns, iv=np.where(in_the_money | (columns.root == 0), 3.0, columns.iv))
    assert smile_of(spoilt, everything(columns), found).level == pytest.approx(0.2)
