"""One evaluation: what is judged, with what, in which order; and that nothing but the input decides."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketswarm.vigil.engine import evaluate
from marketswarm.vigil.sighting import Tick
from marketswarm.vigil.state import VigilState, decode, encode
from tests.support.vigil_engine import engine, news, run, spy
from tests.support.vigil_pictures import OPEN_MS, SLOT_MS, gamma, picture, quality, ticks_of

# -- the same input ----------------------------------------------------------------


@st.composite
def days(draw):
    """Ticks with holes, and at some of them a picture."""
    ticks, ts, spot = [], OPEN_MS, 6800.0
    for steps, change in draw(
        st.lists(st.tuples(st.sampled_from([1, 1, 1, 1, 3, 40]), st.floats(-12, 12)), min_size=1, max_size=60)
    ):
        ts, spot = ts + steps * SLOT_MS, spot + change
        ticks.append(Tick(ts, spot))
    seen = {}
    for tick in ticks:
        if draw(st.booleans()):
            regime = draw(st.sampled_from([-0.4, -0.02, 0.07, 0.3]))
            poor = draw(st.sampled_from(["", "", "low-coverage"]))
            seen[tick.ts] = picture(ts=tick.ts, gamma=gamma(regime=regime), quality=quality(degraded=poor))
    return ticks, seen


def split(ticks, seen, may_cut):
    """News by news, each ending at a tick with a picture, or where it may be cut."""
    batches, batch = [], []
    for n, tick in enumerate(ticks):
        batch.append(tick)
        if tick.ts in seen or may_cut(n) or n == len(ticks) - 1:
            batches.append(news(batch, seen.get(tick.ts)))
            batch = []
    return batches


@settings(max_examples=60)
@given(days(), st.sets(st.integers(0, 59)))
def test_the_same_input_gives_the_same_bytes(day, cuts):
    """However ticks are split into evaluations, whichever worker does them: the same events and the same state, byte for byte."""
    ticks, seen = day
    one_by_one = run(split(ticks, seen, lambda _n: True))
    assert run(split(ticks, seen, lambda _n: True), is_kept=False) == one_by_one
    assert run(split(ticks, seen, lambda n: n in cuts)) == one_by_one
    assert run(split(ticks, seen, lambda _n: False)) == one_by_one


@settings(max_examples=40)
@given(days())
def test_ids_are_unique_and_stable(day):
    """No two events share an id, and an id needs nothing but what the event itself says."""
    ticks, seen = day
    said, _ = run(split(ticks, seen, lambda _n: True))
    again, _ = run(split(ticks, seen, lambda _n: False))
    assert len({text.partition(",")[0] for text in said}) == len(said)
    assert said == again


def test_an_evaluation_that_is_done_again():
    """Ticks that come a second time change no event and nothing but the count of late ones."""
    batch = news(ticks_of([6800, 6815, 6800]), picture(ts=OPEN_MS + 2 * SLOT_MS))
    first = evaluate(None, batch, engine())
    again = evaluate(first.state, batch, engine())
    assert (again.events, again.picture) == ((), None)
    assert again.state.late == 3
    assert again.notes == ("ticks at or before a judged slot, ignored: 3",)
    assert encode(again.state).replace(b'"late":3', b'"late":0') == encode(first.state)


# -- ticks -------------------------------------------------------------------------


def test_each_tick_is_judged_in_its_order():
    """Of a backlog every tick is judged with those before it, and the picture at the last."""
    spot, moments = spy()
    chain, pictured = spy(needs_chain=True)
    evaluate(None, news(ticks_of([1, 2, 3]), picture()), engine(spot, chain._replace(name="chain")))
    assert [(one.tick.spot, [tick.spot for tick in one.before]) for one in moments] == [
        (1.0, []),
        (2.0, [1.0]),
        (3.0, [1.0, 2.0]),
    ]
    assert [one.picture is not None for one in moments] == [False, False, True]
    assert [one.tick.spot for one in pictured] == [3.0]
    assert [one.chain_state for one in moments] == ["", "", "live"]


def test_a_clock_that_steps_back():
    """A tick that is older than the last one is ignored, and a picture that came with it."""
    watcher, moments = spy()
    ticks = (
        Tick(OPEN_MS + SLOT_MS, 1.0),
        Tick(OPEN_MS, 2.0),
        Tick(OPEN_MS + 2 * SLOT_MS, 3.0),
        Tick(OPEN_MS, 4.0),
    )
    done = evaluate(None, news(ticks, picture()), engine(watcher))
    assert [one.tick.spot for one in moments] == [1.0, 3.0]
    assert (done.state.late, done.picture, moments[-1].picture) == (2, None, None)


def test_a_hole_is_a_hole():
    """Nothing is put between two ticks, and what is more than an hour old is not shown."""
    watcher, moments = spy()
    ticks = (Tick(OPEN_MS, 1.0), Tick(OPEN_MS + 3_600_000, 2.0), Tick(OPEN_MS + 3_610_000, 3.0))
    evaluate(None, news(ticks), engine(watcher))
    assert [[tick.spot for tick in one.before] for one in moments] == [[], [1.0], [2.0]]


@pytest.mark.parametrize("spot", [math.nan, math.inf, 0.0, -1.0])
def test_a_spot_that_is_no_price(spot):
    """Such a tick is passed over, with a note; the next is judged."""
    watcher, moments = spy()
    done = evaluate(None, news(ticks_of([1, spot, 3])), engine(watcher))
    assert [one.tick.spot for one in moments] == [1.0, 3.0]
    assert any("ignored" in note for note in done.notes)
    assert decode(encode(done.state), "SPX") == done.state


def test_no_news():
    """Without a new tick nothing is judged."""
    done = evaluate(VigilState("SPX"), news(()), engine())
    assert (done.events, done.picture, done.notes) == ((), None, ())
    assert done.state == VigilState("SPX")


def test_lagged():
    """That ticks were lost is said."""
    done = evaluate(VigilState("SPX"), replace(news(ticks_of([1])), lagged=True), engine())
    assert done.notes == ("ticks were lost before they could be read",)
