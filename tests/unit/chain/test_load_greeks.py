"""Rows of a load with local greeks, beside what is stored."""

import pytest

from marketswarm.chain.load_greeks import LoadGreeks
from marketswarm.model.contract import Greeks
from tests.support.builders import SPX
from tests.support.priced_chain import CLOSE_MS, PricedChain

SPOT = 6_800.0


@pytest.fixture
def market(clock):
    """A market at the clock's time."""
    return PricedChain(now_ms=clock.now_ms())


@pytest.fixture
def provider(market):
    """What the provider says."""
    return Greeks(iv=0.1, delta=0.4, source="provider", ts=market.now_ms)


@pytest.fixture
def load_greeks(store, clock):
    """What values rows."""
    return LoadGreeks(store, clock, settles_ms=lambda _chain, _root: CLOSE_MS)


def bare(rows):
    """Rows of a plan without quotes."""
    return [row.model_copy(update={"quote": None}) for row in rows]


def sources(rows):
    """Which sources, and whether absent."""
    return {(row.greeks.source, row.greeks.absent) for row in rows}


def test_a_first_load_is_local(load_greeks, market, provider):
    """Nothing is stored yet, and nothing needs to be."""
    rows = load_greeks.whole(SPX, market.contracts(greeks=provider), SPOT)
    assert sources(rows) == {("local", None)}


def test_a_chain_without_quotes_keeps_the_providers(load_greeks, market, provider, commit):
    """On the first load, and on every other one, as long as nothing can be valued."""
    rows = bare(market.contracts(greeks=provider))
    assert load_greeks.whole(SPX, rows, SPOT) == rows
    commit(rows)
    assert load_greeks.whole(SPX, rows, SPOT) == rows


def test_a_local_chain_never_goes_back_to_the_providers(load_greeks, market, provider, commit):
    """A load without quotes on a chain with local greeks leaves reasons."""
    commit(load_greeks.whole(SPX, market.contracts(), SPOT))
    rows = load_greeks.whole(SPX, bare(market.contracts(greeks=provider)), SPOT)
    assert sources(rows) == {("local", "no-quote")}


def test_new_strikes_share_the_forward_of_the_stored_ones(load_greeks, market, commit):
    """Strikes far from spot cannot state a forward; beside the stored chain they are valued with its own."""
    commit(load_greeks.whole(SPX, market.contracts(), SPOT))
    far = PricedChain(now_ms=market.now_ms, strikes=(6_905, 6_910), volatility=0.27)
    rows = load_greeks.part(SPX, far.contracts(), SPOT)
    assert [row.ticker for row in rows] == [row.ticker for row in far.contracts()]
    assert [row.greeks.iv for row in rows] == pytest.approx([0.27] * 4, abs=1e-7)


def test_new_strikes_that_can_be_valued_make_the_whole_chain_local(load_greeks, market, provider, commit):
    """A chain that kept the provider's greeks is staged whole when a part brings quotes: no two sources side by side."""
    stored = bare(market.contracts(greeks=provider))
    commit(stored)
    far = PricedChain(now_ms=market.now_ms, strikes=(6_905, 6_910, 6_915))
    rows = load_greeks.part(SPX, far.contracts(), SPOT)
    assert len(rows) == len(stored) + 6
    assert {source for source, _ in sources(rows)} == {"local"}


def test_new_strikes_beside_a_chain_that_cannot_be_valued(load_greeks, market, provider, commit):
    """Neither can they: what the provider says stays, and only the new ones are staged."""
    commit(bare(market.contracts(greeks=provider)))
    far = bare(PricedChain(strikes=(6_905, 6_910)).contracts(greeks=provider))
    assert load_greeks.part(SPX, far, SPOT) == far
