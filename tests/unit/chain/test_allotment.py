"""What the budget gives, from what is stored."""

from datetime import date

import pytest

from marketswarm.chain.allotment import StoredAllotment, Unlimited
from marketswarm.chain.budget import Claim, Shares
from marketswarm.chain.stored import Window
from marketswarm.chain.strikes import StrikeBook
from marketswarm.model.chain import ChainId
from tests.support.builders import SPX, contract, ladder, ticker

TUESDAY = ChainId("SPX", date(2026, 11, 24))


@pytest.fixture
def held():
    """Symbol → chains that are held."""
    return {"SPX": [SPX], "SPY": []}


@pytest.fixture
def make_allotment(store, held):
    """A budget of 100 contracts for two symbols of ±20 strikes."""

    def make(capacity=100, expirations=1, connections=1, workers=1):
        return StoredAllotment(
            store,
            StrikeBook(store),
            symbols=["SPX", "SPY"],
            expirations=expirations,
            held_chains=held.__getitem__,
            connections=connections,
            workers=lambda: workers,
            a_connection=capacity,
            each_side=20,
            margin=3,
        )

    return make


def window(n=4, asked=20):
    """A window that was asked for more than it got."""
    return Window(6800, 6800, 6780, 6820, each_side=n, asked=asked, moved_ms=1)


def test_what_is_not_loaded_yet_claims_as_the_settings_say(make_allotment):
    """Two chains of two contracts a strike share 100 contracts: ±12."""
    assert make_allotment().shares() == Shares(level=12, margin=0)
    assert make_allotment(capacity=1000).shares() == Shares(level=20, margin=3)


def test_several_expirations_claim_each_for_itself(make_allotment, commit):
    """Four chains, one of them stored: ±5 each."""
    commit(ladder(), window=window())

    assert make_allotment(expirations=2).shares() == Shares(level=5, margin=0)


def test_stored_chains_claim_what_they_hold(make_allotment, commit):
    """A second root at each strike doubles the claim of its chain."""
    both = ladder() + [
        contract(row.strike, row.type, ticker=ticker(row.strike, row.type, "SPX")) for row in ladder()
    ]
    commit(both, window=window())

    assert make_allotment().shares().level == 7


def test_a_chain_that_is_about_to_move_speaks_for_itself(make_allotment, commit):
    """What is stored of it does not count beside its new claim."""
    commit(ladder(), window=window())
    small = Claim(3, further_below=0, further_above=0)

    assert make_allotment().shares(SPX, small).level == 20


def test_chains_that_are_loaded_together_are_asked_alike(make_allotment, commit, held):
    """The first of two that are asked for ±20 does not take what the second will ask for."""
    held["SPX"].append(TUESDAY)
    commit(ladder(), window=window(asked=4))
    commit(ladder(), chain=TUESDAY, in_force=False, window=window(asked=4))
    allotment = make_allotment(capacity=150, expirations=2)
    shares = [allotment.shares(SPX, Claim(20), alike=alike).each_side(20) for alike in (False, True)]

    assert shares == [10, 8]


def test_a_chain_ahead_of_the_roll_takes_the_place_of_the_one_that_ends(make_allotment, commit, held):
    """Loaded ahead or already held, it claims what the symbol has, and not twice as much."""
    commit(ladder(), window=window())
    assert make_allotment().shares(TUESDAY, Claim(20)).level == 12

    commit(ladder(), chain=TUESDAY, in_force=False, window=window())
    held["SPX"].append(TUESDAY)

    assert make_allotment().shares().level == 12


def test_room_is_what_held_chains_leave(make_allotment, commit, held):
    """Every held chain that is stored counts, whatever it was granted."""
    assert make_allotment().room() == 100
    commit(ladder())
    held["SPX"].append(TUESDAY)

    assert make_allotment().room() == 82
    assert make_allotment(capacity=10).room() == -8


def test_each_worker_carries_its_own_share(make_allotment, commit):
    """Two symbols of ±20 on two connections: one worker carries both of any widths, of two each has one connection."""
    commit(ladder())
    wide = Claim(40)
    shares = [
        make_allotment(connections=2, workers=workers).shares(SPX, wide).each_side(40) for workers in (1, 2)
    ]

    assert shares == [29, 24]
    assert [make_allotment(connections=2, workers=workers).room() for workers in (1, 2)] == [182, 82]


def test_as_long_as_nobody_streams_there_may_be_as_many_workers_as_can_be(make_allotment):
    """A load before any worker has a connection takes no more than will fit whoever comes."""
    unknown, two = (make_allotment(connections=2, workers=workers) for workers in (0, 2))

    assert unknown.shares(SPX, Claim(40)) == two.shares(SPX, Claim(40))
    assert (unknown.knows_workers(), two.knows_workers()) == (False, True)


def test_holdings_are_the_stored_ones(make_allotment, commit, held):
    """A chain that is named and not stored is no holding."""
    held["SPX"].append(TUESDAY)
    commit(ladder())

    (holding,) = make_allotment().holdings()
    assert (holding.meta.chain, len(holding.strikes.counts)) == (SPX, 9)


def test_without_a_bound_all_is_granted():
    """Nothing is refused, and there is always room."""
    assert Unlimited(margin=2).shares() == Shares(1_000_000, 2)
    assert Unlimited().room() > 0
