"""One symbol in the stream, step by step; how the steps join is in test_stream.py."""

from marketswarm.chain.stored import Universe
from marketswarm.chain.streamed import StreamedSymbol
from marketswarm.clock import ManualClock
from marketswarm.ports import FeedStatus
from tests.support.builders import SPX

BEGIN = 1000


def universe(loaded_ms, epoch=7, state="loading"):
    """What is stored of the chain."""
    return Universe(SPX, epoch, 1, state, loaded_ms, {})


def symbol(**more):
    """A symbol that was just taken."""
    return StreamedSymbol("SPX", 3, BEGIN, **more)


def test_an_old_load_is_not_ours():
    """Before the load of the start, what is stored is left alone."""
    mine = symbol()
    mine.see([universe(BEGIN - 1)], BEGIN)

    assert (mine.chains, mine.wants_load) == ({}, "startup")


def test_the_load_of_the_start_is_ours_and_its_seam_is_open():
    """The chain is streamed; what changed before the subscription is still to be fetched."""
    mine = symbol()
    mine.see([universe(BEGIN)], BEGIN)

    assert (list(mine.chains), mine.wants_load, mine.seam_closed) == ([SPX], None, False)


def test_a_confirmed_subscription_asks_for_the_seam_once():
    """One load, whatever is confirmed again meanwhile."""
    mine = symbol()
    mine.see([universe(BEGIN)], BEGIN)
    mine.confirm(BEGIN + 5)
    mine.confirm(BEGIN + 9)

    assert (mine.wants_load, mine.wants_load_after_ms) == ("audit", BEGIN + 5)


def test_only_a_load_from_after_the_confirmation_closes_the_seam():
    """A load that was in flight before does not."""
    mine = symbol()
    mine.see([universe(BEGIN)], BEGIN)
    mine.confirm(BEGIN + 5)

    mine.see([universe(BEGIN + 4)], BEGIN + 6)
    assert mine.seam_closed is False

    mine.see([universe(BEGIN + 5)], BEGIN + 7)
    assert (mine.seam_closed, mine.wants_load) == (True, None)


def test_an_interruption_opens_the_seam_again():
    """What was repaired before the interruption is repaired no longer."""
    mine = symbol(ever_live=True)
    mine.see([universe(BEGIN)], BEGIN)
    mine.confirm(BEGIN + 5)
    mine.see([universe(BEGIN + 5)], BEGIN + 6)
    mine.interrupt(was_connected=True)
    mine.confirm(BEGIN + 20)

    assert (mine.gaps, mine.seam_closed, mine.wants_load) == (1, False, "gap")


def test_attempts_to_connect_are_not_gaps():
    """Only the loss of a connection that stood counts."""
    mine = symbol()
    mine.interrupt(was_connected=False)

    assert (mine.gaps, mine.wants_load) == (0, "startup")


def test_a_chain_that_vanished_is_asked_for():
    """Nothing stored any more: a load is wanted."""
    mine = symbol(wants_load=None, ever_live=True)
    mine.see([], BEGIN)

    assert mine.wants_load == "gap"


def test_the_report_is_plain_and_counts_what_came_since():
    """Rate, lag, gaps and the feed's state, as they are shown."""
    clock, mine = ManualClock(BEGIN), symbol()
    clock.advance(1)
    report = mine.report(clock, "live", 500, FeedStatus("streaming", confirmed=808))

    assert (report["state"], report["updates_per_s"], report["subscribed"]) == ("live", 100.0, 808)
    assert mine.report(clock, "live", 500, FeedStatus("streaming"))["updates_per_s"] == 100.0
