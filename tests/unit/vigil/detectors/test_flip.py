"""Flip crossings: spot on the side of the gamma flip that is not the session's own."""

import pytest
from msgspec.structs import replace

from marketswarm.vigil.detectors.flip import DETECTOR, Thresholds
from tests.support.vigil_drive import (
    SESSION,
    STEP_MS,
    answers,
    beginnings,
    drive,
    marks_at,
    moments,
    ticks_of,
)

FLIP, RULES = 6_000.0, Thresholds()
MARKS = replace(  # a threshold is two points
    marks_at(FLIP), move_open=40.0, flip=FLIP, regime=-0.12, crossings=(FLIP,), sign_below=-1
)


def found(spots, marks=MARKS):
    """What is at or over its threshold."""
    return drive(DETECTOR, ticks_of(spots), marks, thresholds=RULES)


@pytest.mark.parametrize(("home", "away", "direction"), [(10, -3, "down"), (-10, 3, "up")])
def test_a_crossing_is_told_with_its_way(home, away, direction):
    """Beyond by 0.05 expected moves for a minute, on the side where the session did not begin."""
    [crossing] = beginnings(found([FLIP + home] * 5 + [FLIP + away] * 8))
    assert crossing.sighting.direction == direction
    assert crossing.ts == SESSION.open_ms + 11 * STEP_MS
    assert crossing.sighting.evidence["flip"].value == FLIP
    assert crossing.sighting.evidence["regime"].value == -0.12


def test_a_day_that_begins_on_one_side_crosses_nothing():
    """The first side on which spot stands clearly is the session's own."""
    assert found([FLIP + 0.5, FLIP - 1, FLIP - 5, FLIP - 50]) == []


def test_within_the_band_nothing_begins_and_nothing_ends():
    """A point to either side is below `enter`, and above `leave` once it has begun."""
    *_, (_, _, said) = answers(DETECTOR, moments(ticks_of([FLIP + 5, FLIP - 1]), MARKS, thresholds=RULES))
    assert said[0].leave <= said[0].magnitude < said[0].enter
    *_, (_, _, said) = answers(
        DETECTOR, moments(ticks_of([FLIP + 5, FLIP - 5, FLIP + 1]), MARKS, thresholds=RULES)
    )
    assert said[0].leave <= said[0].magnitude < said[0].enter


def test_it_ends_when_spot_is_clearly_back():
    """Back across by as much, it is below `leave`, and no other crossing is told of the way back."""
    *_, (_, _, said) = answers(
        DETECTOR, moments(ticks_of([FLIP + 5, FLIP - 5, FLIP + 3]), MARKS, thresholds=RULES)
    )
    [back] = said
    assert back.magnitude < back.leave
    assert back.ending == "Spot is back in positive gamma"


POCKET = replace(MARKS, crossings=(FLIP - 100, FLIP + 100), sign_below=-1)


def test_another_flip_that_is_nearer_now_is_no_crossing():
    """Between two flips the gamma is positive all the way, whichever of them is the nearest."""
    assert found([FLIP + away for away in range(-40, 45, 5)], POCKET) == []


@pytest.mark.parametrize(
    ("path", "direction", "flip"),
    [((0, 50, 103), "up", FLIP + 100), ((0, -50, -103), "down", FLIP - 100)],
)
def test_either_flip_is_crossed_by_its_own_way(path, direction, flip):
    """Out of a pocket of positive gamma spot may go on both sides; the evidence names the flip that it crossed."""
    [crossing] = beginnings(found([FLIP + path[0]] * 5 + [FLIP + path[1]] * 5 + [FLIP + path[2]] * 8, POCKET))
    assert (crossing.sighting.direction, crossing.sighting.evidence["flip"].value) == (direction, flip)


def test_a_crossing_ends_with_the_flip():
    """Where the profile has no flip any more, and the session's own sign everywhere, nothing is crossed; else it lasts."""
    [moment] = moments(ticks_of([FLIP + 5]), MARKS, thresholds=RULES)
    home = DETECTOR.memory(day=moment.session.day, home=1)
    for sign, said in ((1, ()), (-1, None)):
        marks = replace(MARKS, crossings=(), sign_below=sign)
        [now] = moments(ticks_of([FLIP + 5]), marks, thresholds=RULES)
        assert DETECTOR.watch(home, now)[1] == said


def test_far_beyond_is_no_stronger_crossing():
    """Its magnitude stays at twice the threshold."""
    assert found([FLIP + 5, FLIP - 500])[0].sighting.magnitude == pytest.approx(2 * RULES.beyond)


@pytest.mark.parametrize("changes", [{"crossings": ()}, {"move_open": None}, {"sign_below": 0}])
def test_without_a_flip_or_a_measure_nothing_is_judged(changes):
    """An unknown flip ends nothing."""
    marks = replace(MARKS, **changes)
    said = [
        said
        for *_, said in answers(DETECTOR, moments(ticks_of([FLIP + 5, FLIP - 5]), marks, thresholds=RULES))
    ]
    assert said == [None, None]


def test_a_new_day_has_a_side_of_its_own():
    """Yesterday's side is forgotten."""
    [moment] = moments(ticks_of([FLIP - 5]), MARKS, thresholds=RULES)
    memory, said = DETECTOR.watch(DETECTOR.memory(day="2026-11-20", home=1), moment)
    assert (memory.home, said) == (-1, ())


def test_outside_the_session_nothing_lasts():
    """A crossing ends with its session."""
    [moment] = moments(ticks_of([FLIP - 5], start_ms=SESSION.open_ms - STEP_MS), MARKS, thresholds=RULES)
    assert DETECTOR.watch(DETECTOR.memory(), moment)[1] == ()
