"""How the contracts of the connections are shared among the chains."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketswarm.chain.budget import (
    FLOOR_EACH_SIDE,
    Claim,
    Room,
    Shares,
    claim_of,
    claim_of_held,
    share_out,
)

STRIKES = [float(strike) for strike in range(100, 200)]

sides = st.lists(st.integers(0, 4), max_size=12).map(tuple)
claims = st.builds(
    Claim,
    asked=st.integers(1, 80),
    middle=st.integers(1, 4),
    below=sides,
    above=sides,
    further_below=st.integers(0, 4),
    further_above=st.integers(0, 4),
)


def total(shares: Shares, among: list[Claim], extra: int = 0) -> int:
    """The contracts of all chains with what they get."""
    return sum(claim.contracts(shares.each_side(claim.asked) + extra) for claim in among)


def test_the_default_gets_all_it_asks_for_and_its_margin():
    """Four symbols of fifty strikes each side are 808 contracts; 12 strikes of margin on each side make it 1,000."""
    among = [Claim(50)] * 4
    shares = share_out([among], Room(1), 12)

    assert shares == Shares(level=50, margin=12)
    assert (total(shares, among), total(shares, among, shares.margin)) == (808, 1000)


def test_too_many_chains_get_the_same_each():
    """Eight symbols share 1,000 contracts: ±30 each, the remainder to nobody."""
    assert share_out([[Claim(50)]] * 8, Room(1), 12) == Shares(level=30, margin=0)


def test_who_asks_for_less_leaves_it_to_the_others():
    """Three chains of fifty leave 394 contracts for the one that asks for 500: ±98."""
    shares = share_out([[Claim(50)]] * 3 + [[Claim(500)]], Room(1), 12)

    assert [shares.each_side(asked) for asked in (50, 500)] == [50, 98]
    assert shares.margin == 0


def test_two_roots_cost_twice():
    """On a third Friday two indices hold four contracts a strike: all four chains shrink alike, to ±41."""
    two_roots = Claim(50, middle=4, further_below=4, further_above=4)

    assert share_out([[two_roots, two_roots], [Claim(50), Claim(50)]], Room(1), 12).level == 41


def test_a_listing_that_ends_costs_no_more_than_it_has():
    """Three strikes are six contracts, however many are asked for; the other chain gets the rest."""
    short = claim_of(50, 101, [100, 101, 102], {}, 2)

    assert short.contracts(50) == 6
    assert share_out([[short], [Claim(500)]], Room(1), 0).level == 248


@pytest.mark.parametrize(
    ("connections", "workers", "asked", "granted"),
    [
        (2, 1, [160, 160, 160], 160),  # one worker has both connections
        (2, 2, [160, 160, 160], 124),  # one of the two writes two symbols over one connection
        (2, 2, [90] * 5, 82),
        (2, 2, [500, 50], 249),
        (2, 2, [500, 50, 50, 50], 199),  # whichever symbol stands beside the wide one
        (3, 2, [500, 50], 449),  # one of the two can have two connections
        (4, 4, [100] * 4, 100),
        (2, 2, [50] * 4, 50),
    ],
)
def test_every_share_has_to_fit_on_its_workers_connections(connections, workers, asked, granted):
    """What many connections carry together helps little when each worker has its own."""
    shares = share_out([[Claim(n)] for n in asked], Room(connections, workers), 0)

    assert shares.each_side(max(asked)) == granted


def test_room_is_that_of_the_worker_that_may_have_least():
    """One more contract of whichever symbol fits as long as there is some, and not one more."""
    assert Room(2, 1).left([642, 642, 642]) == 74
    assert Room(2, 2).left([642, 642, 642]) == -284
    assert Room(2, 2).left([500, 500, 500]) == 0
    assert Room(2, 2).left([900, 0]) == 100
    assert Room(1, 1).left([]) == 1000


def test_below_the_floor_nothing_shrinks():
    """With a hundred chains each keeps ±5, and the stream says what it has no room for."""
    shares = share_out([[Claim(50)]] * 100, Room(1), 12)

    assert shares == Shares(FLOOR_EACH_SIDE, 0)
    assert shares.each_side(3) == 3


def test_a_claim_counts_what_is_known_at_each_strike():
    """Known strikes cost what they hold, unknown listed ones what is expected, unlisted ones nothing."""
    claim = claim_of(50, 150.2, STRIKES, {150.0: 4, 151.0: 1}, 2)

    assert [claim.contracts(n) for n in (0, 1, 2, 1000)] == [4, 7, 11, 201]


def test_a_stored_chain_claims_what_it_holds():
    """Beyond its window a strike is taken to cost the most that one costs; a side shorter than the window has ended."""
    counts = {100.0: 2, 101.0: 4, 102.0: 2}

    assert claim_of_held(50, 1, 101, counts).contracts(2) == 16
    assert claim_of_held(50, 2, 101, counts).contracts(2) == 8
    assert claim_of_held(50, 50, 101, {}) == Claim(50)


@given(st.lists(claims, min_size=1, max_size=8), st.integers(0, 3000), st.integers(0, 20))
def test_a_share_fits_and_is_the_largest_that_does(among, capacity, wanted):
    """Above the floor everything fits; one strike more, for windows or margins, would not."""
    shares = share_out([among], Room(1, a_connection=capacity), wanted)

    most = max(claim.asked for claim in among)
    if shares.level > FLOOR_EACH_SIDE:
        assert total(shares, among) <= capacity
    if shares.level < most:
        assert total(Shares(shares.level + 1, 0), among) > capacity
    if shares.margin > 0:
        assert total(shares, among, shares.margin) <= capacity
    if shares.margin < wanted:
        assert total(shares, among, shares.margin + 1) > capacity
