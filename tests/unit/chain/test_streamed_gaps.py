"""What makes a gap of one symbol's chains, what is none, and which load repairs it."""

import pytest

from marketswarm.chain.streamed import Circumstances
from marketswarm.clock import ManualClock
from marketswarm.ports import FeedStatus
from tests.support.builders import SPX
from tests.support.streamed_symbol import begun, states, symbol, universe


def test_a_loss_before_the_first_live_moment_is_repaired_too():
    """Before the market opens a chain is fetched and closed; when its connection falls then, it is fetched once more."""
    closed = Circumstances(in_session=False, now_s=0.0, heard_s=0.0)
    mine = symbol()
    mine.see([universe("1")])
    mine.confirm({"a", "b"})
    mine.see([universe("2")])
    assert [mine.state_of(chain, closed) for chain in mine.chains.values()] == ["closed"]

    mine.interrupt()
    mine.confirm({"a", "b"})

    assert states(mine) == ["loading"]
    assert (mine.wanted.id, mine.wanted.closes) == ("3", {SPX})


def test_an_interruption_is_a_gap_until_it_is_repaired():
    """What was fetched before the interruption repairs nothing."""
    mine = begun()
    mine.interrupt()
    assert (states(mine), mine.gaps) == (["gap"], 1)

    mine.confirm({"a", "b"})
    assert (mine.wanted.reason, states(mine)) == ("gap", ["gap"])

    mine.see([universe(mine.wanted.id, seq=9)])
    assert states(mine) == ["live"]


def test_an_interruption_makes_a_request_that_is_under_way_worthless():
    """Its rows may be older than the interruption."""
    mine = symbol()
    mine.see([universe("1")])
    mine.confirm({"a", "b"})
    mine.interrupt()
    mine.confirm({"a", "b"})
    mine.see([universe("2", seq=6)])

    assert states(mine) == ["loading"]
    assert mine.wanted.id == "3"


def test_an_interruption_before_all_chains_have_come_makes_the_request_worthless_too():
    """The asking goes on for the chain that is missing, but the answer closes no seam from before the interruption."""
    mine = symbol()
    mine.see([universe("1", of=2)])
    mine.confirm({"a", "b"})
    under_way = mine.wanted.id
    mine.interrupt()

    mine.see([universe(under_way, of=2, seq=6)])

    assert mine.wanted.id == under_way
    assert mine.chains[SPX].seam == "new"


def test_attempts_to_connect_are_not_gaps():
    """Only the loss of a connection that served counts; the load of the start is still wanted."""
    mine = symbol()
    mine.interrupt()

    assert (mine.gaps, mine.wanted.reason) == (0, "startup")


@pytest.mark.parametrize("rewound", [universe("2", seq=4), universe("2", epoch=6, seq=9)])
def test_a_store_that_came_back_older_is_a_gap(rewound):
    """A seq or an epoch that fell means that updates were lost."""
    mine = begun()
    mine.see([rewound])

    assert states(mine) == ["gap"]
    assert mine.gap_causes == {"store": 1}


def test_a_doubt_of_an_audit_is_a_gap_until_it_is_repaired():
    """Once per doubt; the load that repairs it is one that was asked for since."""
    mine = begun()
    mine.see([universe("2", doubt="x", seq=6)])
    assert (states(mine), mine.gaps, mine.gap_causes) == (["gap"], 1, {"audit": 1})

    mine.confirm({"a", "b"})
    assert (mine.wanted.reason, mine.wanted.closes) == ("gap", {SPX})
    mine.see([universe("2", doubt="x", seq=7)])
    assert states(mine) == ["gap"]

    mine.see([universe(mine.wanted.id, doubt="x", seq=8)])
    assert (states(mine), mine.gaps) == (["live"], 1)


def test_a_load_that_was_asked_for_before_a_doubt_does_not_repair_it():
    """Its rows may be older than what was found; it is asked for anew."""
    mine = begun("ab")
    mine.see([universe("2", tickers="abc", epoch=8, seq=6)])
    mine.confirm({"a", "b", "c"})
    under_way = mine.wanted.id

    mine.see([universe("2", tickers="abc", epoch=8, seq=7, doubt="x")])
    mine.see([universe(under_way, tickers="abc", epoch=8, seq=8, doubt="x")])

    assert states(mine) == ["gap"]
    mine.confirm({"a", "b", "c"})
    assert mine.wanted.id != under_way


def test_a_doubt_from_before_is_not_ours():
    """A stream that begins on a chain that was doubted once has lost nothing."""
    mine = symbol()
    mine.see([universe("1", doubt="x")])

    assert (states(mine), mine.gaps) == (["loading"], 0)


def test_gaps_are_counted_by_what_caused_them():
    """Connection, right to write, and contracts that vanished; the report gives the sum and the parts."""
    mine = begun()
    mine.interrupt()
    mine.confirm({"a", "b"})
    mine.interrupt("writer")
    mine.distrust(SPX)
    told = mine.report(ManualClock(), "gap", 0, FeedStatus("streaming"))

    assert (told["gaps"], told["gap_causes"]) == (2, {"connection": 1, "writer": 1})


def test_a_chain_that_lacks_what_it_should_hold_is_distrusted():
    """It is a gap at once, and fetched again."""
    mine = begun()
    mine.distrust(SPX)

    assert states(mine) == ["gap"]
    assert (mine.wanted.reason, mine.wanted.closes) == ("gap", {SPX})
    assert mine.gap_causes == {"contracts": 1}
