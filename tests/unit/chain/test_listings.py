"""Which chains a load is about."""

from datetime import timedelta

import pytest

from marketswarm.chain.listings import ChainListings
from marketswarm.errors import NoExpiration
from marketswarm.model.chain import ChainId
from tests.support.builders import DAY, SPX
from tests.support.fakes import FakeMarket

DAYS = [DAY + timedelta(days=step) for step in range(5)]


@pytest.fixture
def market():
    """A provider that lists five days."""
    made = FakeMarket()
    made.days = list(DAYS)
    return made


@pytest.fixture
def listings(market):
    """Of two expirations, of which four are streamed."""
    held = [ChainId("SPX", day) for day in DAYS[:4]]
    return ChainListings(market, expirations=2, held_chains=lambda _symbol: held)


def days_of(found):
    """Their days, counted from the first."""
    return [(listing.chain.expiration - DAY).days for listing in found]


def test_the_next_ones_are_as_many_as_are_held(listings):
    """Two from each day on, one where there is no more."""
    assert days_of(listings.next("SPX", DAY)) == [0, 1]
    assert days_of(listings.next("SPX", DAYS[4])) == [4]


def test_who_has_settled_is_passed_over(listings, market):
    """The next two that trade, however far away."""
    market.roots = {DAYS[0]: (), DAYS[2]: ()}

    assert days_of(listings.next("SPX", DAY)) == [1, 3]


@pytest.mark.parametrize("roots", [{}, {DAYS[4]: ()}])
def test_nothing_from_a_day_on_is_an_error(listings, market, roots):
    """Neither listed nor trading: the error names symbol and day."""
    market.roots = roots
    first = DAYS[4] + timedelta(days=not roots)
    with pytest.raises(NoExpiration, match=f"no option of SPX for {first} or later"):
        listings.next("SPX", first)


def test_one_chain_is_listed_or_an_error(listings, market):
    """A day that somebody named must trade."""
    assert listings.of(SPX).strikes == market.strikes
    market.roots = {DAY: ()}
    with pytest.raises(NoExpiration, match="no option of SPX for 2026-11-23"):
        listings.of(SPX)


def test_chains_ahead_of_the_roll_are_those_behind_the_last_one(listings, market):
    """What is streamed beyond what is held anyway."""
    assert days_of(listings.ahead(ChainId("SPX", DAYS[1]))) == [2, 3]
    market.roots = {DAYS[2]: ()}
    assert days_of(listings.ahead(ChainId("SPX", DAYS[1]))) == [3]
