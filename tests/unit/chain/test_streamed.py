"""One symbol in the stream, step by step; how the steps join is in test_stream.py."""

from marketswarm.chain.streamed import WantedLoad
from marketswarm.clock import ManualClock
from marketswarm.ports import FeedStatus
from tests.support.builders import SPX
from tests.support.streamed_symbol import NEXT, begun, states, symbol, universe


def test_an_old_load_is_not_ours():
    """Before the load of the start has come, what is stored is left alone."""
    mine = symbol()
    mine.see([universe("somebody else's")])

    assert (mine.chains, list(mine.waiting)) == ({}, [SPX])
    assert (mine.wanted.id, mine.wanted.reason) == ("1", "startup")


def test_the_load_of_the_start_is_ours_and_its_seam_is_open():
    """The chain is streamed; what changed before the subscription stood is still to be fetched."""
    mine = symbol()
    mine.see([universe("1")])
    assert (mine.wanted, states(mine)) == (None, ["loading"])

    mine.confirm({"a", "b"})

    assert (mine.wanted.id, mine.wanted.reason, mine.wanted.closes) == ("2", "audit", {SPX})
    assert states(mine) == ["loading"]


def test_only_the_load_that_was_asked_for_closes_the_seam():
    """A load that was in flight before proves nothing; ours does."""
    mine = symbol()
    mine.see([universe("1")])
    mine.confirm({"a", "b"})

    mine.see([universe("", seq=6)])
    assert states(mine) == ["loading"]

    mine.see([universe("2", seq=7)])
    assert (states(mine), mine.wanted) == (["live"], None)


def test_a_failed_load_is_asked_for_soon_and_later_each_time():
    """What is told of another request, or was told before, changes nothing; nobody waits five seconds for a known failure."""
    mine = symbol()
    wanted, now_s, waits = mine.wanted, 0.0, []
    for n in range(12):
        wanted.ask(now_s)
        wanted.note_failure("somebody-else's 1", now_s)
        wanted.note_failure(f"1 {n}", now_s)
        wanted.note_failure(f"1 {n}", now_s)
        waits.append(wanted.due_s - now_s)
        now_s = wanted.due_s

    assert waits[:5] == [0.25, 0.5, 1.0, 2.0, 4.0]
    assert waits[-1] == 60.0


def test_asking_once_is_enough():
    """However often the subscription is confirmed, the request stays the same."""
    mine = symbol()
    mine.see([universe("1")])
    mine.confirm({"a", "b"})
    mine.confirm({"a", "b"})

    assert mine.wanted.id == "2"


def test_a_contract_without_an_acknowledgement_keeps_its_chain_from_being_live():
    """Part of the chain is not subscribed: neither live, nor fetched in vain."""
    mine = symbol()
    mine.see([universe("1")])
    mine.confirm({"a"})

    assert (states(mine), mine.wanted) == (["loading"], None)


def test_new_strikes_open_the_seam():
    """After a drift the chain is live again when the new contracts are subscribed and were fetched since."""
    mine = begun("ab")
    mine.see([universe("2", tickers="abc", epoch=8, seq=6)])
    assert states(mine) == ["loading"]
    assert mine.wanted is None

    mine.confirm({"a", "b", "c"})
    assert mine.wanted.reason == "audit"

    mine.see([universe(mine.wanted.id, tickers="abc", epoch=8, seq=7)])
    assert states(mine) == ["live"]


def test_dropped_strikes_leave_it_live():
    """Fewer contracts need no fetching."""
    mine = begun("ab")
    mine.see([universe("2", tickers="a", epoch=8, seq=6)])
    mine.confirm({"a"})

    assert states(mine) == ["live"]


def test_a_roll_serves_the_new_chain_before_it_is_live_and_leaves_the_old_one():
    """The new chain goes the whole way; the old one is left to be called closed."""
    mine = begun()
    mine.see([universe("", chain=NEXT, tickers="xy")])

    assert states(mine) == ["loading"]
    assert [left.universe.chain for left in mine.left] == [SPX]

    mine.confirm({"x", "y"})
    mine.see([universe(mine.wanted.id, chain=NEXT, tickers="xy")])
    assert states(mine) == ["live"]


def test_a_chain_that_vanished_and_came_back_goes_the_whole_way_again():
    """Nothing stored: a load is wanted, and what it brings is subscribed and fetched anew."""
    mine = begun()
    mine.see([])
    assert (mine.chains, mine.wanted.reason) == ({}, "startup")

    mine.see([universe(mine.wanted.id, epoch=9)])
    assert states(mine) == ["loading"]


def test_of_several_chains_each_begins_when_it_is_loaded():
    """A failed second chain holds back neither the first one nor the asking."""
    mine = symbol()
    mine.see([universe("1", of=2)])
    assert (list(mine.chains), mine.begun) == ([SPX], False)

    mine.confirm({"a", "b"})
    again = mine.wanted.id
    mine.see([universe(again, of=2, seq=6)])
    assert states(mine) == ["live"]
    assert mine.wanted.id == again

    mine.see([universe(again, of=2, seq=6), universe(again, chain=NEXT, tickers="xy", of=2)])
    assert (list(mine.chains), mine.wanted, mine.begun) == ([SPX, NEXT], None, True)


def test_every_chain_of_a_symbol_is_repaired():
    """A repair that brought one chain of two is not done."""
    mine = symbol()
    both = [universe("1", of=2), universe("1", chain=NEXT, tickers="xy", of=2)]
    mine.see(both)
    mine.confirm(set("abxy"))
    mine.see([universe("2", of=2, seq=6), both[1]])
    assert states(mine) == ["live", "loading"]

    mine.see([universe("2", of=2, seq=6), universe("2", chain=NEXT, tickers="xy", of=2, seq=6)])
    assert (states(mine), mine.wanted) == (["live", "live"], None)


def test_requests_are_repeated_ever_later():
    """Five seconds, ten, twenty, at most a minute."""
    wanted, waits = WantedLoad("1", "gap"), []
    for _ in range(6):
        wanted.ask(0.0)
        waits.append(wanted.due_s)

    assert waits == [5, 10, 20, 40, 60, 60]


def test_a_foreign_load_lets_ours_try_again_at_once():
    """Ours may have been joined to it."""
    mine = symbol()
    mine.wanted.ask(100.0)
    mine.see([universe("somebody else's")])
    mine.hurry()

    assert mine.wanted.due_s == float("-inf")


def test_a_part_of_our_own_answer_hurries_nothing():
    """The chain that is missing is asked for ever later, however often the other one comes."""
    mine = symbol()
    mine.wanted.ask(100.0)
    mine.wanted.ask(105.0)
    mine.see([universe("1", of=2)])
    mine.hurry()

    assert (mine.wanted.due_s, mine.wanted.tries) == (115.0, 2)


def test_the_report_is_plain_and_says_what_is_served():
    """Rate, gaps, the feed's state, and the epoch at which each chain is subscribed whole."""
    clock, mine = ManualClock(1000), begun()
    clock.advance(1)
    report = mine.report(clock, "live", 500, FeedStatus("streaming", confirmed=808))

    assert (report["state"], report["updates_per_s"], report["subscribed"]) == ("live", 100.0, 808)
    assert report["served_epochs"] == {"2026-11-23": 7}
    assert mine.report(clock, "live", 500, FeedStatus("streaming"))["updates_per_s"] == 100.0
