"""Bursts: minutes that are faster than the session and the options let expect."""

import dataclasses
import math
import random

import pytest
from msgspec.structs import replace
from pydantic import ValidationError

from marketswarm.vigil.detectors.burst import DETECTOR, Memory, Thresholds
from tests.support.vigil_drive import (
    SESSION,
    STEP_MS,
    answers,
    beginnings,
    drive,
    marks_at,
    moments,
    pace_of,
    ticks_of,
)

PRICE, RULES = 6_000.0, Thresholds()
NO_OPTIONS = replace(marks_at(PRICE), volatility=None)
NOON_MS = SESSION.open_ms + 150 * 60_000


def path(*stretches, start_ms=NOON_MS, seed=5):
    """Stretches of steps at a pace each, from noon on, where the day is even."""
    chance, price, spots = random.Random(seed), PRICE, []
    for steps, pace in stretches:
        for _ in range(steps):
            price *= math.exp(chance.gauss(0, pace))
            spots.append(round(price, 2))
    return ticks_of(spots, start_ms=start_ms)


def with_marks(moment, marks):
    """The moment with other marks."""
    return dataclasses.replace(moment, marks=marks)


def found(ticks, marks=NO_OPTIONS, **rules):
    """What is at or over its threshold."""
    return drive(DETECTOR, ticks, marks, thresholds=Thresholds(**rules))


def test_minutes_at_three_times_the_pace_are_a_burst():
    """It begins within five minutes, and its magnitude is how many times as fast it is."""
    burst = found(path((300, 1e-4), (60, 3e-4)))
    assert burst
    assert NOON_MS + 300 * STEP_MS < burst[0].ts <= NOON_MS + 330 * STEP_MS
    assert burst[-1].sighting.magnitude == pytest.approx(3, rel=0.3)
    assert burst[0].sighting.dwell == 6


def test_a_steady_pace_is_none():
    """Nothing is told of a walk whose pace stays, nor of one that follows the U of the day."""
    assert beginnings(found(path((1_200, 1e-4)))) == []


def test_a_quarter_of_an_hour_at_less_is_one_too():
    """A pace of 1.8 times is none in five minutes, and one when it has lasted for fifteen; the title says how fast that was."""
    seen = [found(path((400, 1e-4), (110, 1.8e-4), seed=seed)) for seed in range(8)]
    longer = [one for day in seen for one in day if one.sighting.evidence["minutes"].value == 15]
    assert all(beginnings(day) for day in seen)
    assert longer
    assert longer[0].sighting.evidence["times"].value < RULES.enter <= longer[0].sighting.magnitude
    short = [found(path((400, 1e-4), (110, 1.8e-4), seed=seed), long_share=1.0) for seed in range(8)]
    assert not all(map(beginnings, short))


def test_the_longer_time_does_not_hold_it():
    """Ten minutes after it has calmed down the five minutes are below `leave`, and the fifteen say nothing."""
    ticks = path((400, 1e-4), (90, 3e-4), (60, 0.9e-4))
    *_, (_, _, said) = answers(DETECTOR, moments(ticks, NO_OPTIONS, thresholds=RULES))
    assert said[0].evidence["long_pace"].value > 1.5 * said[0].evidence["expected_pace"].value
    assert said[0].magnitude < RULES.leave
    assert said[0].evidence["minutes"].value == 5


def test_it_ends_below_another_band():
    """Calm again, it is below `leave`, which lies under `enter`."""
    ticks = path((300, 1e-4), (60, 3e-4), (60, 1e-4))
    *_, (_, _, said) = answers(DETECTOR, moments(ticks, NO_OPTIONS, thresholds=RULES))
    assert said[0].magnitude < said[0].leave < said[0].enter


def test_one_jump_is_no_burst():
    """A single return of a hundred times the pace does not begin one."""
    assert found(path((300, 1e-4), (1, 100e-4), (60, 1e-4))) == []


@pytest.mark.parametrize("points", [4.0, 8.0, 110.0, -110.0])
def test_one_bad_print_is_no_burst(points):
    """A tick that is far away and back with the next one begins none, nor do three of them, and minutes stay judged."""
    ticks = path((420, 1e-4))
    for at in (300, 308, 310):
        ticks[at] = ticks[at]._replace(spot=ticks[at].spot + points)
        assert found(ticks) == []
    *_, (_, _, said) = answers(DETECTOR, moments(ticks[:316], NO_OPTIONS, thresholds=RULES))
    assert said is not None


def test_a_bad_print_within_a_burst_hides_nothing():
    """It begins as it would have without it."""
    ticks = path((300, 1e-4), (60, 3e-4))
    without = found(ticks)[0].ts
    ticks[310] = ticks[310]._replace(spot=ticks[310].spot + 110)
    assert abs(found(ticks)[0].ts - without) <= 2 * STEP_MS


def test_a_burst_is_no_part_of_the_pace_it_is_held_against():
    """While it lasts the session's pace stands still, and after an hour of it it is the session's."""
    whole = path((300, 1e-4), (540, 3e-4))
    memories = [memory for _, memory, _ in answers(DETECTOR, moments(whole, NO_OPTIONS, thresholds=RULES))]
    assert memories[500].since_ms > 0
    assert memories[500].variance == memories[600].variance
    assert memories[-1].variance > 1.5 * memories[600].variance


def test_options_tell_what_they_priced_when_the_session_began():
    """What they price after the burst began does not hide it."""
    wild = path((40, 6 * pace_of(0.16)), start_ms=SESSION.open_ms + STEP_MS)
    memory, said = Memory(), ()
    for n, moment in enumerate(moments(wild, marks_at(PRICE), thresholds=RULES)):
        dearer = replace(moment.marks, volatility=moment.marks.volatility * (1 if n < 3 else 5))
        memory, said = DETECTOR.watch(memory, with_marks(moment, dearer))
    assert said[0].magnitude > said[0].enter


def test_what_options_expect_is_no_burst():
    """Minutes at three times a sleepy session's pace are none where options price more than that."""
    ticks = path((300, 0.5e-4), (60, 1.5e-4))
    assert found(ticks)
    assert found(ticks, marks_at(PRICE, volatility=0.4)) == []


def test_a_session_without_a_pace_is_held_against_the_options():
    """In the first half hour options alone tell what to expect; without them nothing is judged."""
    wild = path((40, 6 * pace_of(0.16)), start_ms=SESSION.open_ms + STEP_MS)
    assert found(wild, marks_at(PRICE))
    assert {said for *_, said in answers(DETECTOR, moments(wild, NO_OPTIONS, thresholds=RULES))} == {None}


def test_a_gap_is_not_judged():
    """Too few steps of the last five minutes tell no pace."""
    ticks = path((320, 1e-4))
    said = [
        said
        for *_, said in answers(DETECTOR, moments(ticks[:280] + ticks[305:], NO_OPTIONS, thresholds=RULES))
    ]
    assert said[279] is not None
    assert said[281] is None
    assert said[-1] is None


def test_the_memory_counts_each_step_once():
    """Steps are counted when they are a quarter of an hour old, however often the hour is seen; a new day begins anew."""
    ticks = path((700, 1e-4))
    *_, (moment, memory, _) = answers(DETECTOR, moments(ticks, NO_OPTIONS, thresholds=RULES))
    assert memory.steps == 700 - 3 - 90
    assert math.sqrt(memory.variance / memory.steps) == pytest.approx(1e-4 / 0.72, rel=0.1)
    assert DETECTOR.watch(memory, moment)[0] == memory
    assert DETECTOR.watch(replace(memory, day="2026-11-20"), moment)[0].steps < memory.steps


def test_a_flat_market_is_none():
    """A market that stands still has no pace to be a multiple of, and raises nothing."""
    assert found(ticks_of([PRICE] * 400, start_ms=NOON_MS)) == []


def test_outside_the_session_nothing_lasts():
    """At a closed time nothing is sighted, so that what was on has ended."""
    [moment] = moments(ticks_of([PRICE], start_ms=SESSION.open_ms - STEP_MS), NO_OPTIONS, thresholds=RULES)
    assert DETECTOR.watch(Memory(), moment) == (Memory(), ())


def test_the_bands_lie_apart():
    """`leave` must be below `enter`, and the longer time no shorter than the other."""
    with pytest.raises(ValidationError, match="it must be less than enter"):
        Thresholds(leave=2.0)
    with pytest.raises(ValidationError, match="it must be at least minutes"):
        Thresholds(minutes=8, long_minutes=7)
