"""The conflator: latest wins, the last value is never lost, and what cannot be used is counted."""

from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketswarm.chain.conflate import FUTURE_ALLOWED_MS
from marketswarm.chain.patches import changes_of, quote_patch
from marketswarm.model.chain import ChainId
from marketswarm.model.update import QuoteUpdate
from tests.support.builders import SPX, bar, contract, quote, ticker, trade
from tests.support.conflating import NOW, conflator, taken

CALL, OTHER = ticker(6800), ticker(6805)


def test_only_the_latest_quote_of_a_contract_is_flushed():
    """Three quotes make one change."""
    made = conflator()
    made.add([quote(ts=1, bid=1.0), quote(ts=2, bid=1.1), quote(ts=3, bid=1.2)], 0.0, NOW)

    (change,) = taken(made)
    assert (change.ticker, change.section, change.ts) == (CALL, "quote", 3)
    assert change.patch.startswith('"bid":1.2,')


def test_sections_wait_independently():
    """A quote and a trade of the same contract are two changes, and only what is new waits again."""
    made = conflator()
    made.add([quote(ts=5), trade(ts=6)], 0.0, NOW)
    assert {change.section for change in taken(made)} == {"quote", "trade"}

    made.add([quote(ts=7)], 0.0, NOW)
    assert [change.section for change in taken(made)] == ["quote"]


def test_sequence_decides_within_a_millisecond():
    """Of two quotes of one millisecond the one with the higher sequence stays, in whichever order they come."""
    made = conflator()
    made.add([quote(ts=5, seq=9, bid=1.9), quote(ts=5, seq=8, bid=1.8)], 0.0, NOW)

    assert taken(made)[0].patch.startswith('"bid":1.9,')
    assert made.take_refused()[0] == {"late": 1}


def test_a_late_event_cannot_undo_what_was_flushed():
    """Knowledge of the newest event outlives the flush."""
    made = conflator()
    made.add([quote(ts=9)], 0.0, NOW)
    taken(made)

    made.add([quote(ts=8)], 0.0, NOW)

    assert taken(made) == []


def test_a_contract_that_is_not_held_is_counted_with_a_sample():
    """Nothing is invented: an unlisted ticker waits nowhere."""
    made = conflator(6800)
    made.add([quote(OTHER)], 0.0, NOW)

    counts, samples = made.take_refused()
    assert counts == {"unlisted": 1}
    assert samples["unlisted"].ticker == OTHER
    assert made.take_refused() == ({}, {})


def test_impossible_values_are_refused():
    """A negative price, a negative size and a time in the future do not get in."""
    made = conflator()
    made.add(
        [quote(bid=-0.1), trade(size=-1), trade(price=-2.0), quote(ts=NOW + FUTURE_ALLOWED_MS + 1)], 0.0, NOW
    )

    assert made.take_refused()[0] == {"negative": 3, "future": 1}
    assert taken(made) == []


def test_what_did_not_reach_the_store_waits_again():
    """A failed flush loses nothing, and a newer value replaces what failed."""
    made = conflator()
    made.add([quote(ts=5), quote(OTHER, ts=5)], 0.0, NOW)
    for waiting in made.take():
        made.back(waiting.contracts)
    made.add([quote(ts=6, bid=1.9)], 0.0, NOW)

    assert sorted(change.ts for change in taken(made)) == [5, 6]


def test_what_was_on_its_way_and_failed_waits_again():
    """Each section that was sent waits again, with the value that came meanwhile, and at once."""
    made = conflator()
    made.add([quote(ts=5), trade(ts=5)], 0.0, NOW)
    (waiting,) = made.take()
    sent = made.flushed(waiting.contracts)
    made.add([quote(ts=6)], 0.1, NOW)
    made.undo(sent)

    assert [(change.section, change.ts) for change in taken(made, 0.1, 0.2)] == [("quote", 6), ("trade", 5)]


@pytest.mark.parametrize("update", [quote(ts=5), trade(ts=5), bar(ts=5)], ids=["quote", "trade", "bar"])
def test_a_section_that_failed_waits_again(update):
    """Also when nothing comes of it any more."""
    made = conflator()
    made.add([update], 0.0, NOW)
    (waiting,) = made.take()
    made.undo(made.flushed(waiting.contracts))

    assert [change.ts for change in taken(made)] == [5]


def test_what_came_while_another_was_on_its_way_is_not_taken_for_sent():
    """It waits for the next flush, however the one before ends."""
    made = conflator()
    made.add([quote(ts=5)], 0.0, NOW)
    (waiting,) = made.take()
    made.flushed(waiting.contracts)
    made.add([quote(ts=6)], 0.1, NOW)

    assert [change.ts for change in taken(made)] == [6]


def test_a_dropped_contract_does_not_wait():
    """What is no longer held is not flushed, nor given back."""
    made = conflator()
    made.add([quote(OTHER)], 0.0, NOW)
    waiting = made.take()
    made.hold({SPX: {CALL: contract(6800).canonical_json().encode()}})
    for chain in waiting:
        made.back(chain.contracts)

    assert made.waiting == 0


def test_a_contract_that_is_dropped_while_it_waits_waits_no_more():
    """The next flush does not know it."""
    made = conflator()
    made.add([quote(), quote(OTHER)], 0.0, NOW)
    made.hold({SPX: {CALL: contract(6800).canonical_json().encode()}})

    assert [change.ticker for change in taken(made)] == [CALL]


def test_a_chain_is_one_chain_however_often_it_is_read():
    """Contracts that stayed and contracts that came are taken as one chain."""
    made = conflator(6800)
    again = ChainId(SPX.symbol, SPX.expiration)
    made.hold({again: {name: contract().canonical_json().encode() for name in (CALL, OTHER)}})
    made.add([quote(), quote(OTHER)], 0.0, NOW)

    assert [len(waiting.contracts) for waiting in made.take()] == [2]


def test_knowledge_survives_a_new_set_of_contracts():
    """After strikes were added, the contracts that stay know what they knew, and what waited still waits."""
    made = conflator(6800)
    made.add([quote(ts=9)], 0.0, NOW)
    made.hold({SPX: {name: contract().canonical_json().encode() for name in (CALL, OTHER)}})

    assert len(taken(made)) == 1
    made.add([quote(ts=8)], 0.0, NOW)
    assert made.take_refused()[0] == {"late": 1}


def sizes(ts, size, **more):
    """A quote of which only a size is another one."""
    made = quote(ts=ts, **more)
    made.bid_size = size
    return made


def test_other_sizes_at_the_same_prices_wait_longer():
    """They stay until they have waited so long, and the newest of them is what is taken then."""
    made = conflator()
    made.add([quote(ts=1)], 0.0, NOW)
    taken(made)
    made.add([sizes(2, 77)], 1.0, NOW)
    made.add([sizes(3, 88)], 1.1, NOW)

    assert taken(made, 1.15, 0.2) == []
    assert made.waiting == 1
    (change,) = taken(made, 1.21, 0.2)
    assert '"bid_size":88' in change.patch


@pytest.mark.parametrize(
    "update",
    [quote(ts=3, bid=1.8), quote(ts=3, ask=1.8), trade(ts=3), bar(ts=3)],
    ids=["bid", "ask", "trade", "bar"],
)
def test_everything_else_does_not_wait(update):
    """Another price, a trade and a bar are taken with the next flush, and the waiting sizes with them."""
    made = conflator()
    made.add([quote(ts=1)], 0.0, NOW)
    taken(made)
    made.add([sizes(2, 77), update], 1.0, NOW)

    assert {change.ts for change in taken(made, 1.0, 0.2)} >= {3}
    assert made.waiting == 0


def test_a_price_that_came_back_before_the_flush_has_not_changed():
    """What counts is the difference to what was flushed, not what happened in between."""
    made = conflator()
    made.add([quote(ts=1, bid=1.7)], 0.0, NOW)
    taken(made)
    made.add([quote(ts=2, bid=1.6), quote(ts=3, bid=1.7)], 1.0, NOW)

    assert taken(made, 1.0, 0.2) == []


def test_the_wait_counts_from_the_first_that_was_not_flushed():
    """A stream of sizes cannot put itself off for ever, a failed flush included."""
    made = conflator()
    made.add([quote(ts=1)], 0.0, NOW)
    taken(made)
    for step in range(4):
        made.add([sizes(2 + step, 10 + step)], 1.0 + step * 0.06, NOW)
    for waiting in made.take(1.21, 0.2):
        made.back(waiting.contracts)

    assert [change.ts for change in taken(made, 1.21, 0.2)] == [5]


def test_updates_are_counted_by_symbol():
    """Every usable update counts, conflated or not."""
    made = conflator()
    made.add([quote(ts=1), quote(ts=2), quote(OTHER)], 0.0, NOW)

    assert made.updates_by_symbol() == {"SPX": 3}


EVENTS = st.lists(
    st.tuples(
        st.sampled_from([CALL, OTHER]),
        st.integers(1, 30),
        st.integers(1, 3),
        st.sampled_from([1.0, 1.5]),
        st.integers(1, 3),
        st.sampled_from(["nothing", "send", "arrive", "fail"]),
    ),
    max_size=40,
)


class Way:
    """The way to the store: what is sent is there when it arrives, and waits again when it fails."""

    def __init__(self, made):
        self.made, self.patches, self.sent, self.there = made, {}, [], {}

    def send(self, now_s):
        if not self.sent:
            for chain in self.made.take(now_s, 0.2):
                changes = [change for latest in chain.contracts for change in changes_of(latest)]
                self.patches |= {change.ticker: change.patch for change in changes}
                self.sent += self.made.flushed(chain.contracts)

    def arrive(self, _now_s):
        self.there |= self.patches
        self.patches, self.sent = {}, []

    def fail(self, _now_s):
        self.made.undo(self.sent)
        self.patches, self.sent = {}, []

    def nothing(self, now_s):
        pass


@given(bursts=st.lists(EVENTS, max_size=3))
@settings(max_examples=1000, deadline=None)
def test_the_last_value_always_arrives(bursts):
    """Whatever the order, whatever is on its way when it comes: after 250 ms the newest quotes are there, sizes included."""
    made, newest, now_s = conflator(), {}, 0.0
    way = Way(made)
    for events in bursts:
        for name, ts, seq, bid, size, then in events:
            update = quote(name, ts=ts, seq=seq, bid=bid)
            update.bid_size = size
            if (ts, seq) >= newest.get(name, (0, 0))[:2]:
                newest[name] = (ts, seq, quote_patch(update))
            made.add([update], now_s, NOW)
            now_s += 0.01
            getattr(way, then)(now_s)
        way.arrive(now_s)
        now_s += 0.25
        way.send(now_s)
        way.arrive(now_s)

        assert way.there == {name: patch for name, (_, _, patch) in newest.items()}


class OfAnother(QuoteUpdate):
    """A quote by a maker who promises nothing."""


class Checked(QuoteUpdate):
    """A quote by a maker who lets no negative price pass."""

    is_checked: ClassVar[bool] = True


def test_only_the_makers_promise_saves_a_look():
    """Whatever came before it in the same frame."""
    made = conflator()
    frame = [Checked(CALL, NOW, 1.0, 1.2), OfAnother(CALL, NOW + 1, -1.0, 1.2), quote(ts=NOW + 2, bid=-1.0)]
    made.add(frame, 0.0, NOW + 2)
    assert made.take_refused()[0] == {"negative": 2}
