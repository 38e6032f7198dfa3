"""Which contract goes over which connection."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from marketswarm.massive.shards import allot
from tests.support.builders import ticker

SPY, SPX = (
    [name.replace("SPXW", root) for name in map(ticker, range(6000, 6010))] for root in ("SPY", "SPXW")
)


def test_one_connection_carries_what_its_budget_allows():
    """The earlier ones go first."""
    assert allot(SPX, {}, 1, 8) == dict.fromkeys(SPX[:8], 0)


def test_chains_are_kept_whole_and_spread():
    """Each chain goes where there is most room."""
    assert allot(SPX + SPY, {}, 2, 15) == dict.fromkeys(SPX, 0) | dict.fromkeys(SPY, 1)


def test_a_chain_that_fits_nowhere_is_split():
    """No contract is left out while any connection has room."""
    allotted = allot(SPX + SPY, {}, 2, 10 - 1)

    assert len(allotted) == 18
    assert Counter(allotted.values()) == {0: 9, 1: 9}


def test_new_strikes_join_their_chain():
    """A chain that grows stays together as long as there is room."""
    before = dict.fromkeys(SPX[:8], 1)

    assert allot(SPX, before, 2, 20) == dict.fromkeys(SPX, 1)


def test_a_second_connection_takes_what_had_no_room():
    """What was left out before is served as soon as there is another connection; nothing else moves."""
    before = allot(SPX + SPY, {}, 1, 12)

    after = allot(SPX + SPY, before, 2, 12)

    assert before.items() <= after.items()
    assert len(after) == 20


def test_what_was_on_a_connection_that_is_gone_moves():
    """The rest stays."""
    before = dict.fromkeys(SPX, 0) | dict.fromkeys(SPY, 1)

    assert allot(SPX + SPY, before, 1, 100) == dict.fromkeys(SPX + SPY, 0)


WANTED = st.lists(st.sampled_from(SPX + SPY), unique=True)


@given(st.lists(st.tuples(WANTED, st.integers(1, 3)), min_size=1, max_size=6), st.integers(1, 12))
def test_nothing_moves_needlessly_and_no_budget_is_broken(moments, budget):
    """Whatever is wanted in whatever order: no connection holds too many, room is used, and what can stay stays."""
    before: dict[str, int] = {}
    for wanted, connections in moments:
        after = allot(wanted, before, connections, budget)
        assert max(Counter(after.values()).values(), default=0) <= budget
        assert len(after) == min(len(wanted), connections * budget)
        assert all(after[name] == before[name] for name in wanted if before.get(name, 9) < connections)
        before = after
