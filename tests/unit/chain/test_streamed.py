"""One symbol in the stream, step by step; how the steps join is in test_stream.py."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from marketswarm.chain.polled import Poll
from marketswarm.chain.stored import Universe
from marketswarm.chain.streamed import Circumstances, StreamedSymbol, WantedLoad
from marketswarm.clock import ManualClock
from marketswarm.maths.pulse import SILENCE_S
from marketswarm.model.chain import ChainId
from marketswarm.ports import FeedStatus
from tests.support.builders import DAY, SPX

NEXT = ChainId("SPX", DAY + timedelta(days=1))
AT_WORK = Circumstances(in_session=True, now_s=0.0, heard_s=0.0)


def universe(request="1", *, chain=SPX, tickers="ab", epoch=7, seq=5, of=1, state="loading", doubt=""):
    """What is stored of a chain: one contract a letter."""
    return Universe(chain, epoch, seq, state, request, of, dict.fromkeys(tickers, b"{}"), doubt)


def symbol():
    """A symbol that was just taken; its requests are numbered from 1."""
    numbers = itertools.count(1)
    return StreamedSymbol("SPX", 3, lambda: str(next(numbers)))


def begun(tickers="ab"):
    """A symbol whose only chain is live."""
    mine = symbol()
    mine.see([universe("1", tickers=tickers)])
    mine.confirm(set(tickers))
    mine.see([universe("2", tickers=tickers)])
    assert states(mine) == ["live"]
    return mine


def states(mine, at=AT_WORK):
    """The states of its chains."""
    return [mine.state_of(chain, at) for chain in mine.chains.values()]


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


@pytest.mark.parametrize(("contracts", "silent_after_s"), [(200, 4.01), (20, 40.1), (1, 120.1)])
def test_a_chain_that_never_says_a_word_is_not_live_for_long(contracts, silent_after_s):
    """While others speak, many contracts are silent together for no longer than four seconds, few for longer."""
    mine = begun([f"c{n}" for n in range(contracts)])
    (chain,) = mine.chains.values()

    def state_at(now_s):
        return mine.state_of(chain, Circumstances(in_session=True, now_s=now_s, heard_s=now_s))

    assert (state_at(silent_after_s - 0.2), state_at(silent_after_s)) == ("live", "stale")


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


def at(now_s, *, heard_s=None, open_s=float("-inf")):
    """The market is open, and the feed as a whole speaks unless said otherwise."""
    return Circumstances(
        in_session=True, now_s=now_s, heard_s=now_s if heard_s is None else heard_s, open_s=open_s
    )


def heard(mine, *moments_s):
    """Something was flushed of the chain at these moments, a tenth of a second after it had come."""
    for moment_s in moments_s:
        mine.note_applied(SPX, [], [0.1], moment_s + 0.1)


def test_a_chain_whose_channels_fell_silent_is_stale_while_others_stream():
    """It spoke ten times a second for a minute; four seconds without a word are too much then, and end with the next one."""
    mine = begun()
    heard(mine, *(n / 10 for n in range(600)))
    chain = mine.chains[SPX]

    assert mine.state_of(chain, at(60 + SILENCE_S - 0.2)) == "live"
    assert mine.state_of(chain, at(60 + SILENCE_S)) == "stale"
    heard(mine, 65)
    assert mine.state_of(chain, at(65.2)) == "loading"


def test_after_a_silence_it_is_fetched_before_it_is_live():
    """Nobody knows what the silence has swallowed: no gap, but a look at the vendor."""
    mine = begun()
    chain = mine.chains[SPX]
    assert mine.state_of(chain, at(10, heard_s=5)) == "stale"
    assert mine.state_of(chain, at(11)) == "loading"

    mine.confirm({"a", "b"})
    assert (mine.wanted.reason, mine.wanted.closes, mine.gaps) == ("audit", {SPX}, 0)
    mine.see([universe(mine.wanted.id, seq=9)])
    assert mine.state_of(chain, at(12)) == "live"


def test_a_feed_of_many_pauses_is_not_fetched_at_each():
    """Once a minute at most."""
    mine = begun()
    chain = mine.chains[SPX]
    mine.state_of(chain, at(10, heard_s=5))
    mine.state_of(chain, at(11))
    mine.confirm({"a", "b"})
    mine.see([universe(mine.wanted.id, seq=9)])

    assert mine.state_of(chain, at(20, heard_s=15)) == "stale"
    assert mine.state_of(chain, at(21)) == "live"
    assert mine.state_of(chain, at(75, heard_s=70)) == "stale"
    assert mine.state_of(chain, at(76)) == "loading"


def test_a_night_is_no_silence_to_be_mended():
    """A market that was closed opens without a look at the vendor."""
    mine = begun()
    closed = Circumstances(in_session=False, now_s=50_000, heard_s=10)
    assert mine.state_of(mine.chains[SPX], closed) == "closed"
    assert mine.state_of(mine.chains[SPX], at(50_001, open_s=50_000)) == "live"


def test_a_chain_that_seldom_speaks_is_not_stale_in_between():
    """One word in ten seconds: half a minute of silence is nothing, five minutes are."""
    mine = begun()
    heard(mine, *range(0, 600, 10))
    chain = mine.chains[SPX]

    assert mine.state_of(chain, at(620)) == "live"
    assert mine.state_of(chain, at(900)) == "stale"


def test_a_chain_that_never_spoke_is_not_live_for_ever():
    """Nothing since it was first looked at, while the feed goes on: live for two minutes, then stale."""
    mine = begun()
    chain = mine.chains[SPX]

    assert mine.state_of(chain, at(120)) == "live"
    assert mine.state_of(chain, at(121)) == "stale"


def test_greeks_are_no_sign_of_life():
    """A flush that the feed had no part in tells nothing of the feed."""
    mine = begun()
    heard(mine, *(n / 10 for n in range(600)))
    mine.note_applied(SPX, [], [], 64)

    assert mine.state_of(mine.chains[SPX], at(64)) == "stale"


def test_the_silence_of_a_closed_market_does_not_count():
    """Right after the opening neither the feed's nor the chain's night is held against them."""
    mine = begun()
    heard(mine, *(n / 10 for n in range(600)))
    chain, opening = mine.chains[SPX], 60_000.0

    assert mine.state_of(chain, at(opening + 1, heard_s=60, open_s=opening)) == "live"
    assert mine.state_of(chain, at(opening + 4, heard_s=60, open_s=opening)) == "stale"
    assert mine.state_of(chain, at(opening + 4, open_s=opening)) == "stale"


def test_a_chain_that_lacks_what_it_should_hold_is_distrusted():
    """It is a gap at once, and fetched again."""
    mine = begun()
    mine.distrust(SPX)

    assert states(mine) == ["gap"]
    assert (mine.wanted.reason, mine.wanted.closes) == ("gap", {SPX})
    assert mine.gap_causes == {"contracts": 1}


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


def test_without_streamed_quotes_polls_are_the_pulse():
    """A feed of trades may be silent for long: live while polls come, stale when they stay out, whatever the feed does."""
    mine = begun()
    mine.quotes.see(Poll(polled_ms=1, quotes=2), 0.0)
    assert states(mine, at=replace(AT_WORK, now_s=15.0)) == ["live"]
    assert states(mine, at=replace(AT_WORK, now_s=25.0, heard_s=25.0)) == ["stale"]
    mine.quotes.see(None, 25.0)
    assert states(mine, at=replace(AT_WORK, now_s=25.0, heard_s=25.0)) != ["live"]
