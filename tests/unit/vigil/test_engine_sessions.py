"""Evaluations over days: sessions that begin and end, chains that follow each other, and poor data."""

from dataclasses import replace
from datetime import date

import pytest

from marketswarm.model.chain import ChainId
from marketswarm.vigil.engine import evaluate
from marketswarm.vigil.sighting import Sighting, Tick
from tests.support.vigil_engine import QUALITY, REGIME, engine, news, sees, spy
from tests.support.vigil_pictures import (
    CHAIN,
    CLOSE_MS,
    DAY_MS,
    OPEN_MS,
    SLOT_MS,
    gamma,
    move,
    picture,
    quality,
    ticks_of,
)

# -- sessions and chains -----------------------------------------------------------


def test_a_new_session():
    """A new day begins its own open, high, low and expected move; the ticks before it are kept."""
    after = OPEN_MS + 120_000
    ticks = [
        Tick(OPEN_MS, 6700),
        Tick(OPEN_MS + SLOT_MS, 6800),
        Tick(after - SLOT_MS, 6900),
        Tick(after, 6900),
    ]
    first = evaluate(None, news(ticks, picture(ts=after)), engine())
    assert (first.marks.open, first.marks.high, first.marks.move_open) == (6800, 6900, 22.2)
    second = evaluate(
        first.state,
        news([Tick(OPEN_MS + DAY_MS, 6900), Tick(OPEN_MS + DAY_MS + SLOT_MS, 6850)]),
        engine(),
    )
    assert (second.marks.open, second.marks.low, second.marks.move_open) == (6850, 6850, None)
    assert second.marks.flip == 6790
    assert (second.state.day, len(second.state.ticks)) == ("2026-11-24", 6)


def test_always_open():
    """Without a calendar the session begins at the first tick that is seen of its day."""
    watcher, moments = spy()
    start = OPEN_MS + 3_600_000
    judge = engine(watcher, is_always_open=True)
    first = evaluate(None, news(ticks_of([1, 2], start), picture(move=move(straddle=30.0))), judge)
    assert first.marks.move_open is None
    later = [Tick(start + 60_000, 3.0)]
    second = evaluate(first.state, news(later, picture()), judge)
    assert {one.session.open_ms for one in moments} == {start}
    assert second.marks.move_open == 22.2


def test_another_chain():
    """When another chain comes into force nothing that was known of the old one holds."""
    first = evaluate(None, news(ticks_of([6700, 6800]), picture()), engine())
    assert first.marks.key_strikes
    next_chain = ChainId("SPX", date(2026, 11, 24))
    second = evaluate(first.state, news([Tick(CLOSE_MS, 6800)], chain=next_chain), engine())
    assert (second.marks.key_strikes, second.marks.flip, second.marks.open) == ({}, None, 6800)
    assert second.state.expiration == next_chain.expiration


def test_a_backlog_that_spans_a_roll():
    """Ticks of before the close are judged under the chain of then, with what was known of it; those after it under the next one."""
    watcher, moments = spy()
    judge, next_chain = engine(watcher), ChainId("SPX", date(2026, 11, 24))
    first = evaluate(None, news([Tick(CLOSE_MS - 60_000, 6800)], picture(ts=CLOSE_MS - 60_000)), judge)
    waiting = [Tick(CLOSE_MS + n * SLOT_MS, 6800) for n in range(-3, 3)]
    late = picture(chain=next_chain, ts=CLOSE_MS + 2 * SLOT_MS)
    second = evaluate(first.state, news(waiting, late, chain=next_chain), judge)
    assert [one.chain for one in moments[1:]] == [CHAIN] * 3 + [next_chain] * 3
    assert [bool(one.marks.key_strikes) for one in moments[1:]] == [True] * 3 + [False] * 2 + [True]
    assert second.state.expiration == next_chain.expiration
    assert second.notes == ("ticks before the roll to 2026-11-24 were judged under 2026-11-23",)


def test_a_roll_before_the_close_is_seen_at_the_newest_tick():
    """Where the old chain left the session earlier, the chain that was read last decides at its own tick."""
    watcher, moments = spy()
    judge, next_chain = engine(watcher), ChainId("SPX", date(2026, 11, 24))
    first = evaluate(None, news(ticks_of([6800]), picture()), judge)
    waiting = ticks_of([6801, 6802], OPEN_MS + SLOT_MS)
    evaluate(first.state, news(waiting, picture(chain=next_chain), chain=next_chain), judge)
    assert [one.chain for one in moments] == [CHAIN, CHAIN, next_chain]


def test_levels_that_failed_are_of_the_newest_tick():
    """Detectors are told so there, and at no other tick."""
    watcher, moments = spy()
    evaluate(None, replace(news(ticks_of([6800, 6801])), is_failed=True), engine(watcher))
    assert [one.is_failed for one in moments] == [False, True]


def test_the_carry_that_quotes_state():
    """Root by root, as it was stated last; also in a degraded picture, and without any it stays."""
    first = evaluate(None, news(ticks_of([6800]), picture(carry={"SPX": 1.001, "SPXW": 1.0004})), engine())
    poor = picture(carry={"SPXW": 1.0005}, quality=quality(degraded="no-greeks"))
    second = evaluate(first.state, news([Tick(OPEN_MS + SLOT_MS, 6800)], poor), engine())
    third = evaluate(second.state, news([Tick(OPEN_MS + 2 * SLOT_MS, 6800)], picture()), engine())
    assert second.state.carry == third.state.carry == {"SPX": 1.001, "SPXW": 1.0005}


def test_the_carry_of_another_chain():
    """None is known of a chain that comes into force, and none is taken from a chain that is not."""
    first = evaluate(None, news(ticks_of([6800]), picture(carry={"SPXW": 1.0004})), engine())
    next_chain = ChainId("SPX", date(2026, 11, 24))
    late = news([Tick(CLOSE_MS, 6800)], picture(carry={"SPXW": 1.0009}), chain=next_chain)
    assert first.state.carry == {"SPXW": 1.0004}
    assert evaluate(first.state, late, engine()).state.carry == {}


def test_a_picture_of_another_chain():
    """From a picture of a chain that is not in force nothing is concluded."""
    other = picture(chain=ChainId("SPX", date(2026, 11, 24)))
    assert evaluate(None, news(ticks_of([6800]), other), engine()).marks.flip is None


def test_what_was_judged_of_the_feed():
    """The state says up to where the chain's feed was judged."""
    first = evaluate(None, news(ticks_of([6800]), picture(), epoch=3, seq=70), engine())
    second = evaluate(first.state, news([Tick(OPEN_MS + SLOT_MS, 6800)], epoch=3, seq=90), engine())
    assert (second.state.epoch, second.state.seq) == (3, 70)


# -- quality -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("degraded", "chain_state", "is_used"),
    [
        ("", "live", True),
        ("", "", True),
        ("low-coverage", "live", False),
        ("", "stale", False),
        ("", "gap", False),
    ],
)
def test_from_poor_data_nothing_is_concluded(degraded, chain_state, is_used):
    """Of a degraded picture, or of a chain that is not live, detectors see the quality only, and marks stay."""
    watcher, moments = spy()
    seen = picture(quality=quality(degraded=degraded))
    done = evaluate(None, news(ticks_of([6800]), seen, chain_state=chain_state), engine(watcher))
    assert (moments[0].picture is not None, done.marks.flip is not None) == (is_used, is_used)
    assert (moments[0].quality, moments[0].chain_state) == (seen.quality, chain_state)
    assert done.picture is seen


def test_poor_data_ends_nothing():
    """What is active stays so while the chain cannot be judged, and a detector of quality tells that it cannot."""
    judge = engine(REGIME, QUALITY)
    state, said = None, []
    for n, poor in enumerate(["", "", "no-fresh-quotes", "no-fresh-quotes", "", ""]):
        seen = picture(quality=quality(degraded=poor), gamma=gamma(regime=0.3 if n < 4 else 0.0))
        done = evaluate(state, news([Tick(OPEN_MS + n * SLOT_MS, 6800)], seen), judge)
        state, said = done.state, said + [(n, event.type, event.state) for event in done.events]
    assert said == [
        (1, "regime", "enter"),
        (2, "data_quality", "enter"),
        (4, "data_quality", "exit"),
        (5, "regime", "exit"),
    ]


def test_nothing_of_the_chain_lasts_through_the_night():
    """At the close the chain cannot be judged any more: what was seen of it ends with the session, and not next morning."""
    before = ticks_of([6800, 6800], CLOSE_MS - 2 * SLOT_MS)
    after = ticks_of([6800, 6800], CLOSE_MS)
    shows = sees(
        "shows", Sighting("regime", 1.0, 1.0, 0.5, "Seen", dwell=1, ending="No more"), needs_chain=True
    )
    first = evaluate(None, news(before[:1], picture(ts=before[0].ts)), engine(shows))
    blind = evaluate(first.state, news(before[1:], None), engine(shows))
    night = evaluate(blind.state, news(after, picture(), chain_state="closed"), engine(shows))

    assert [event.state for event in first.events] == ["enter"]
    assert blind.events == ()
    [over] = night.events
    assert (over.state, over.ts, over.title) == ("exit", CLOSE_MS, "The session is over")
