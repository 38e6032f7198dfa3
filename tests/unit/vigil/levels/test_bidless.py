"""Contracts that nobody bids for."""

from dataclasses import replace

import numpy as np
import pytest

from marketswarm.maths.black76 import Terms, value
from marketswarm.vigil.levels.bidless import with_bidless
from marketswarm.vigil.levels.move import forwards_of
from marketswarm.vigil.levels.quality import quality_of
from tests.support.smiling_chain import SmilingChain, everything

FLAT = SmilingChain()
TICK = 0.05
GREEKS = ("iv", "delta", "gamma", "theta", "vega")


def without_bids(chain, strikes, ask=None):
    """Its columns as a load stores them where the side out of the money has no bid: figures on neither side."""
    columns = chain.columns()
    hit = strikes(columns.strike)
    outside = hit & (columns.is_call == (columns.strike >= chain.forward))
    gone = {name: np.where(hit, np.nan, getattr(columns, name)) for name in GREEKS}
    asked = columns.ask if ask is None else np.where(outside, ask, columns.ask)
    return replace(columns, bid=np.where(outside, 0.0, columns.bid), ask=asked, **gone), hit


def filled(columns, usable=None):
    """With the forwards that its quotes state."""
    known = everything(columns) if usable is None else usable
    return with_bidless(columns, known, forwards_of(columns, everything(columns)))


def wings(strike):
    """Further than 100 points from 6,800."""
    return np.abs(strike - 6_800) > 100


def test_wings_get_what_they_have_on_a_flat_smile():
    """The volatility of the last quoted strike beyond it, and so the very greeks that they would have; what was known stays."""
    columns, _ = without_bids(FLAT, wings)
    found, true = filled(columns), FLAT.columns()
    for name in GREEKS:
        assert getattr(found, name) == pytest.approx(getattr(true, name), rel=1e-6, abs=1e-12), name


def test_a_hole_is_bridged():
    """A strike between quoted ones gets what lies between theirs."""
    chain = SmilingChain(smile=lambda x: 0.2 - 0.02 * x)
    columns, hit = without_bids(chain, lambda strike: strike == 6_750)
    assert filled(columns).iv[hit] == pytest.approx(chain.columns().iv[hit], rel=1e-5)


def test_nothing_is_worth_more_than_is_asked_for_it():
    """Wings of a smile that falls, offered at a tick: the offer bounds the volatility."""
    columns, hit = without_bids(SmilingChain(volatility=0.3), wings, ask=TICK)
    found = filled(columns)
    outside = hit & (columns.is_call == (columns.strike >= FLAT.forward))
    rows = np.flatnonzero(outside)
    terms = Terms(
        np.full(rows.size, FLAT.forward), columns.strike[rows], columns.years[rows], columns.is_call[rows]
    )
    assert np.isfinite(found.iv[rows]).all()
    assert (value(terms, found.iv[rows]) <= TICK * (1 + 1e-6)).all()
    assert found.iv[rows].min() < 0.25


def test_both_sides_of_a_strike_are_one():
    """The same volatility and gamma for call and put."""
    found = filled(without_bids(FLAT, wings)[0])
    assert (found.iv[::2] == found.iv[1::2]).all()
    assert found.gamma[::2] == pytest.approx(found.gamma[1::2])


def test_it_is_what_coverage_needs():
    """A chain of today of which a quarter of the strikes have bids is covered whole, not by a quarter."""
    columns, _ = without_bids(FLAT, lambda strike: np.abs(strike - 6_800) > 65)
    assert quality_of(columns)[0].degraded == "low-coverage"
    quality, usable = quality_of(filled(columns))
    assert usable.all()
    assert quality.degraded == ""


@pytest.mark.parametrize("ask", [0.0, np.nan, -1.0])
def test_without_an_offer_nothing_is_known(ask):
    """Neither a bid nor an offer is no quote at all."""
    columns, hit = without_bids(FLAT, wings, ask=ask)
    assert (np.isnan(filled(columns).iv) == hit).all()


def test_other_causes_are_left_alone():
    """A bid without a volatility, such as one that is too wide, is not a contract that nobody bids for."""
    columns, hit = without_bids(FLAT, wings)
    columns = replace(columns, bid=np.where(hit, 0.01, columns.bid))
    assert np.isnan(filled(columns).iv[hit]).all()


def test_only_usable_quotes_lend():
    """Stale ones do not, and where none is left nothing is filled."""
    columns, _ = without_bids(FLAT, wings)
    assert filled(columns, ~everything(columns)) is columns


def test_a_root_without_a_forward_is_left_alone():
    """One that has settled, or has no spot."""
    columns, _ = without_bids(FLAT, wings)
    settled = replace(columns, years=np.full(columns.size, np.nan))
    assert filled(settled) is settled
    lost = replace(columns, spot=np.nan)
    assert filled(lost) is lost


def test_roots_do_not_lend_to_each_other():
    """A root whose every contract lacks a bid gets nothing from the one beside it."""
    chain = SmilingChain(roots=("SPX", "SPXW"))
    columns, _ = without_bids(chain, wings)
    first = columns.root == 0
    bare = replace(columns, bid=np.where(first, 0.0, columns.bid), iv=np.where(first, np.nan, columns.iv))
    found = filled(bare)
    assert np.isnan(found.iv[first]).all()
    assert np.isfinite(found.iv[~first]).all()
