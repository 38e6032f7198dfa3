"""One evaluation: what is judged, with what, in which order; and that nothing but the input decides."""

import math
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from marketswarm.model.chain import ChainId
from marketswarm.vigil.engine import Engine, News, evaluate
from marketswarm.vigil.machine import MOST_TRACKS
from marketswarm.vigil.sighting import Detector, Sighting, Tick
from marketswarm.vigil.state import MOST_TICKS, VigilState, decode, encode
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
    session_of,
    ticks_of,
)


class Nothing(Struct, frozen=True):
    """A detector that remembers nothing."""


class Anchor(Struct, frozen=True):
    """Spot at the last drift."""

    spot: float | None = None
    seen: int = 0


def detector(name, watch, memory=Nothing, *, needs_chain=False, version=1):
    """One of these tests."""
    return Detector(name, version, f"{name} by hand", memory, watch, needs_chain)


def watch_drift(memory, moment):
    """A pulse for each ten points from the anchor."""
    anchor = moment.tick.spot if memory.spot is None else memory.spot
    change = moment.tick.spot - anchor
    if abs(change) < 10:
        return Anchor(anchor, memory.seen + 1), ()
    seen = Sighting(
        "drift",
        abs(change),
        10.0,
        10.0,
        f"Drift of {change:.1f} points",
        direction="up" if change > 0 else "down",
        is_pulse=True,
        cooldown_s=60,
        evidence={"change": moment.fact(change, "points"), "seen": moment.fact(memory.seen, "ticks")},
    )
    return Anchor(moment.tick.spot, memory.seen + 1), (seen,)


def watch_pace(memory, moment):
    """How far spot went in the last minute."""
    if not moment.before:
        return memory, None
    pace = abs(moment.tick.spot - moment.before[-min(6, len(moment.before))].spot)
    return memory, (
        Sighting("volatility_burst", pace, 8.0, 4.0, "Fast", dwell=2, cooldown_s=30, direction="up"),
    )


def watch_regime(memory, moment):
    """The sign of the regime of the picture."""
    if moment.picture.gamma is None:
        return memory, None
    regime = moment.picture.gamma.regime
    key = "positive" if regime > 0 else "negative"
    return memory, (
        Sighting("regime", abs(regime), 0.1, 0.05, f"Regime {key}", key=key, dwell=2, cooldown_s=0),
    )


def watch_quality(memory, moment):
    """Whether the picture is degraded."""
    if moment.quality is None:
        return memory, None
    return memory, (
        Sighting("data_quality", float(bool(moment.quality.degraded)), 1.0, 1.0, "Poor", cooldown_s=0),
    )


DRIFT = detector("drift", watch_drift, Anchor)
PACE = detector("pace", watch_pace)
REGIME = detector("regime", watch_regime, needs_chain=True)
QUALITY = detector("quality", watch_quality)
ALL = (DRIFT, PACE, REGIME, QUALITY)


def engine(*detectors, **more):
    """An engine of these detectors."""
    return Engine(detectors or ALL, {one.name: None for one in detectors or ALL}, **more)


def news(ticks, seen=None, **changes):
    """What is new of SPX."""
    sound = {
        "symbol": "SPX",
        "ticks": tuple(ticks),
        "chain": CHAIN,
        "chain_state": "live" if seen else "",
        "picture": seen,
        "session_of": session_of,
    }
    return News(**{**sound, **changes})


def spy(needs_chain=False):
    """A detector that keeps the moments it is asked with."""
    moments = []

    def watch(memory, moment):
        moments.append(moment)
        return memory, ()

    return detector("spy", watch, needs_chain=needs_chain), moments


def sees(name, *sightings, needs_chain=False):
    """A detector that says the same at every moment."""
    return detector(name, lambda memory, _moment: (memory, sightings), needs_chain=needs_chain)


def texts(events):
    """The events as they are written."""
    return [event.model_dump_json() for event in events]


def run(batches, judge=None, *, is_kept=True):
    """All events of batches one after the other, and the last state; the state is written and read in between, or not."""
    state, said = None, []
    for batch in batches:
        done = evaluate(state, batch, judge or engine())
        said += texts(done.events)
        state = decode(encode(done.state), "SPX") if is_kept else done.state
    return said, encode(state)


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


# -- sessions and chains -----------------------------------------------------------


def test_a_new_session():
    """A new day begins its own open, high, low and expected move; the ticks before it are kept."""
    after = OPEN_MS + 120_000
    first = evaluate(None, news([Tick(OPEN_MS, 6800), Tick(after, 6900)], picture(ts=after)), engine())
    assert (first.marks.open, first.marks.high, first.marks.move_open) == (6800, 6900, 22.2)
    second = evaluate(first.state, news([Tick(OPEN_MS + DAY_MS, 6850)]), engine())
    assert (second.marks.open, second.marks.low, second.marks.move_open) == (6850, 6850, None)
    assert second.marks.flip == 6790
    assert (second.state.day, len(second.state.ticks)) == ("2026-11-24", 3)


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
    first = evaluate(None, news(ticks_of([6800]), picture()), engine())
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


# -- order, weight, budget -----------------------------------------------------------


def seen(type="drift", magnitude=1.0, **changes):
    """What is told at once."""
    return Sighting(type, magnitude, 1.0, 0.5, "So it is", **changes)


def test_order():
    """Events of one tick stand in the registry's order, then by key."""
    judge = engine(sees("z", seen(key="b"), seen(key="a")), sees("a", seen("regime", key="c")))
    events = evaluate(None, news(ticks_of([6800])), judge).events
    assert [(event.type, event.key) for event in events] == [("drift", "a"), ("drift", "b"), ("regime", "c")]


def severity_at(ts=OPEN_MS, picture=None, *others, needs_chain=False, **changes):
    """Of a magnitude just at the threshold, by the first detector."""
    judge = engine(sees("one", seen(**changes), needs_chain=needs_chain), *others)
    return evaluate(None, news([Tick(ts, 6800)], picture), judge).events[0].severity


def test_circumstances():
    """The last hour, a negative regime, and thin coverage where the chain was judged change the weight."""
    assert severity_at() == 50
    assert severity_at(CLOSE_MS - 3_600_000) == 50
    assert severity_at(CLOSE_MS - 3_590_000) == 56
    assert severity_at(OPEN_MS, picture(gamma=gamma(regime=-0.2))) == 58
    thin = picture(quality=quality(coverage=0.85))
    assert severity_at(OPEN_MS, thin) == 50
    assert severity_at(OPEN_MS, thin, needs_chain=True) == 38


def test_agreement():
    """Another detector's beginning in the same direction weighs in, whichever of the two is asked first."""
    up, down = (
        sees("two", seen("spot_jump", direction="up")),
        sees("two", seen("spot_jump", direction="down")),
    )
    assert severity_at(OPEN_MS, None, up, direction="up") == 56
    assert severity_at(OPEN_MS, None, down, direction="up") == 50
    assert severity_at(OPEN_MS, None, sees("two", seen("spot_jump"))) == 50
    both = evaluate(None, news(ticks_of([6800])), engine(sees("one", seen(direction="up")), up)).events
    assert [event.severity for event in both] == [56, 56]


@pytest.mark.parametrize(("slots", "severity"), [(5, 56), (6, 50)])
def test_agreement_lasts_a_minute(slots, severity):
    """What another detector began less than 60 s ago still agrees."""

    def watch(memory, moment):
        is_late = moment.tick.ts >= OPEN_MS + slots * SLOT_MS
        return memory, (seen(direction="up"),) if is_late else ()

    judge = engine(detector("late", watch), sees("early", seen("spot_jump", direction="up")))
    events = evaluate(None, news(ticks_of([6800] * (slots + 1))), judge).events
    assert [event.severity for event in events if event.type == "drift"] == [severity]


def test_what_is_over_the_budget():
    """Six are told, the others stand in one digest a minute later; their ends are not told, those of the six are."""

    def watch(memory, moment):
        is_on = moment.tick.ts < OPEN_MS + 4 * SLOT_MS
        return memory, tuple(seen(key=str(n)) for n in range(9)) if is_on else ()

    batches = [news([tick]) for tick in ticks_of([6800] * 30)]
    said, _ = run(batches, engine(detector("nine", watch)))
    whole, _ = run([news(ticks_of([6800] * 30))], engine(detector("nine", watch)))
    assert said == whole
    events = evaluate(None, news(ticks_of([6800] * 30)), engine(detector("nine", watch))).events
    assert [event.type for event in events].count("digest") == 1
    began = [event.key for event in events if event.type == "drift" and event.state == "enter"]
    ended = [event.key for event in events if event.state == "exit"]
    assert began == ended == ["0", "1", "2", "3", "4", "5"]
    digest = next(event for event in events if event.type == "digest")
    assert (digest.evidence["drift"].value, digest.ts) == (3, OPEN_MS + 60_000)


def test_what_lasts_is_told_when_there_is_room():
    """Of nine that begin at once and go on, three stand in the digest, and are told a minute later, each once; so are all ends."""

    def watch(memory, moment):
        is_on = moment.tick.ts < OPEN_MS + 20 * SLOT_MS
        return memory, tuple(seen(key=str(n)) for n in range(9)) if is_on else ()

    events = evaluate(None, news(ticks_of([6800] * 40)), engine(detector("nine", watch))).events
    began = [event for event in events if event.type == "drift" and event.state == "enter"]
    told = [(event.key, event.ts - OPEN_MS) for event in began]
    assert told == [(str(n), 0) for n in range(6)] + [(str(n), 60_000) for n in range(6, 9)]
    assert sorted(event.key for event in events if event.state == "exit") == [str(n) for n in range(9)]
    counted = [event.evidence["drift"].value for event in events if event.type == "digest"]
    assert counted == [3]


# -- state -------------------------------------------------------------------------


def crowd(detectors):
    """Detectors that mention more things than there can be tracks of each."""
    return tuple(
        sees(
            f"detector_{n}", *(seen(key=f"{6800 + m}.5", direction="up", ending="x" * 60) for m in range(40))
        )
        for n in range(detectors)
    )


def test_the_state_stays_small():
    """After a whole day with a hundred tracks, written and read again, it is far below 64 kB."""
    judge, state = engine(*ALL, *crowd(3)), None
    for n in range(0, 2_340, 20):
        ticks = ticks_of([6800.12 + n % 7] * 20, OPEN_MS + n * SLOT_MS)
        text = encode(evaluate(state, news(ticks, picture()), judge).state)
        assert len(text) < 32 * 1024
        state = decode(text, "SPX")
    assert len(state.ticks) == MOST_TICKS
    assert len(state.tracks) >= 3 * MOST_TRACKS


def test_the_state_is_bounded():
    """With as many tracks as twelve detectors can have it is still below 64 kB."""
    done = evaluate(None, news(ticks_of([6800.12] * 400)), engine(*crowd(12)))
    assert len(done.state.tracks) == 12 * MOST_TRACKS
    assert len(encode(done.state)) < 64 * 1024


def test_an_hour_of_returns():
    """Over a day in steps of ten seconds a detector always has the ticks of a whole hour: 360 of them."""
    watcher, moments = spy()
    evaluate(None, news(ticks_of([6800] * 500)), engine(watcher))
    assert [len(one.before) for one in moments] == [*range(360), *[360] * 140]


def test_a_state_that_begins_anew_says_so_once():
    """No state, one of another symbol and one that could not be read are begun, and the notes say why."""
    first = evaluate(None, news(ticks_of([1])), engine())
    assert first.notes == ("no state: begun",)
    foreign = evaluate(VigilState("SPY", slot=OPEN_MS * 2), news(ticks_of([1])), engine())
    assert foreign.notes == ("state of SPY, not SPX: begun anew",)
    damaged = evaluate(decode(b"?", "SPX"), news(ticks_of([1])), engine())
    assert damaged.notes == ("state cannot be read: begun anew",)
    assert encode(first.state) == encode(foreign.state) == encode(damaged.state)


def test_a_detector_that_has_changed():
    """The memory of another version is begun anew, that of a detector that is gone is forgotten, and the notes say so."""
    first = evaluate(None, news(ticks_of([6800, 6815])), engine(DRIFT, PACE))
    newer = engine(DRIFT._replace(version=2), QUALITY)
    second = evaluate(first.state, news([Tick(OPEN_MS + 2 * SLOT_MS, 6820)]), newer)
    assert second.notes == (
        "pace is no detector any more: forgotten",
        "memory of drift is of version 1, not 2: begun anew",
    )
    assert list(second.state.memories) == ["drift", "quality"]
    third = evaluate(second.state, news([Tick(OPEN_MS + 3 * SLOT_MS, 6820)]), newer)
    assert third.notes == ()


def test_lagged():
    """That ticks were lost is said."""
    done = evaluate(VigilState("SPX"), replace(news(ticks_of([1])), lagged=True), engine())
    assert done.notes == ("ticks were lost before they could be read",)


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


# -- a detector that fails ---------------------------------------------------------


def fails(at, error=None, **changes):
    """A detector that raises, or sights what cannot be told, at some ticks, and counts those before."""

    def watch(memory, moment):
        if moment.tick.ts in at:
            if error is not None:
                raise error
            return Anchor(0.0, memory.seen + 1), (replace(seen(moment, memory), **changes),)
        return Anchor(0.0, memory.seen + 1), (seen(moment, memory),)

    def seen(moment, memory):
        return Sighting(
            "smile_break", 1.0, 1.0, 0.5, "Seen", evidence={"seen": moment.fact(memory.seen, "ticks")}
        )

    return detector("fails", watch, Anchor)


@pytest.mark.parametrize(
    ("error", "changes"),
    [
        (ValueError("no such strike"), {}),
        (RecursionError(), {}),
        (None, {"magnitude": None}),
        (None, {"type": "unknown", "key": "other"}),
        (None, {"dwell": math.nan}),
        (None, {"key": 7}),
    ],
)
def test_a_detector_that_fails_silences_no_other(error, changes):
    """It is left out of that tick and begins anew; the others tell the same, and what it told before goes on."""
    ticks = ticks_of([6800, 6815, 6830, 6800, 6815])
    alone = evaluate(None, news(ticks), engine(DRIFT))
    bad = fails({ticks[2].ts}, error, **changes)
    done = evaluate(None, news(ticks), engine(bad, DRIFT))

    others = [event for event in done.events if event.type == "drift"]
    assert texts(others) == texts(alone.events)
    assert [event.state for event in done.events if event.type == "smile_break"] == ["enter"]
    assert decode(encode(done.state), "SPX").failed == {"fails": 1}
    assert {(one.detector, one.ts) for one in done.failures} == {("fails", ticks[2].ts)}
    assert [note for note in done.notes if "fails failed at 1 tick, begun anew: " in note]
    assert b'"seen":2' in bytes(done.state.memories["fails"].content)


def test_a_detector_that_always_fails_is_counted():
    """Over evaluations, and however often it is asked."""
    ticks = ticks_of(range(6800, 6806))
    bad = fails({tick.ts for tick in ticks}, ValueError("never"))
    first = evaluate(None, news(ticks[:4]), engine(bad, DRIFT))
    second = evaluate(decode(encode(first.state), "SPX"), news(ticks[4:]), engine(bad, DRIFT))

    assert second.state.failed == {"fails": 6}
    assert len(second.failures) == 2


def test_a_memory_that_cannot_be_kept_is_a_failure():
    """Nothing of it is stored."""
    bad = detector("fails", lambda memory, _moment: (object(), ()))
    done = evaluate(None, news(ticks_of([6800])), engine(bad, DRIFT))

    assert done.state.failed == {"fails": 1}
    assert set(done.state.memories) == {"drift"}
