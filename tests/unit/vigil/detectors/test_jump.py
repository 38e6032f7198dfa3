"""Jumps: sudden against the recent pace, and large enough to matter."""

import math
import random

import pytest
from msgspec.structs import replace

from marketswarm.vigil.detectors.jump import DETECTOR, Thresholds
from marketswarm.vigil.machine import Turn, advance
from tests.support.vigil_drive import SESSION, STEP_MS, answers, drive, marks_at, moments, pace_of, ticks_of

PRICE, RULES = 6_000.0, Thresholds()
CALM = 100  # steps that make it warm


def path(*moves, steps=CALM, pace=1e-4, seed=5):
    """A calm path, and then moves of so many basis points each."""
    chance, price = random.Random(seed), PRICE
    spots = []
    for move in [*(chance.gauss(0, pace) for _ in range(steps)), *(one / 1e4 for one in moves)]:
        price *= math.exp(move)
        spots.append(round(price, 2))
    return ticks_of(spots)


def found(series, marks=None, **rules):
    """What is sighted."""
    return drive(DETECTOR, series, marks or marks_at(PRICE), thresholds=Thresholds(**rules))


@pytest.mark.parametrize(("move", "direction"), [(-11.0, "down"), (11.0, "up")])
def test_a_sudden_move_is_a_jump(move, direction):
    """Eleven times the pace of ten seconds is told once, with its way and its numbers."""
    [jump] = found(path(move, 0, 0))
    assert jump.sighting.direction == direction
    assert jump.sighting.is_pulse
    assert jump.sighting.evidence["return"].value == pytest.approx(move, abs=0.05)
    assert jump.sighting.evidence["pace_source"].value == "realised"
    assert "11.0 bp in 10 s" in jump.sighting.title


def test_a_calm_path_has_none():
    """Nothing but chance makes no jump."""
    assert found(path(steps=2_000)) == []


def test_the_return_under_test_tells_no_pace():
    """The pace in evidence is that of the path before it."""
    [jump] = found(path(-60.0))
    assert jump.sighting.evidence["pace"].value == pytest.approx(1.0, rel=0.15)


@pytest.mark.parametrize(
    "rule", [{"statistic": 20}, {"robust": 50}, {"moves": 1}, {"ticks": 100, "tick": 10}]
)
def test_each_of_the_three_measures_can_refuse_it(rule):
    """Pace, robust z and size must all be passed."""
    assert found(path(-11.0), **rule) == []


def test_steps_of_the_price_are_no_jumps():
    """In a market that stands still, one tick and another is no jump, since half a tick is the least pace."""
    ticks = ticks_of([100.0] * CALM + [100.01, 100.02, 100.0])
    assert found(ticks, marks_at(100.0)) == []


def told(series):
    """Direction and basis points of what the machine tells, with the marks and thresholds as they are."""
    tracks, events = (), []
    for moment, _, said in answers(DETECTOR, moments(series, marks_at(PRICE), thresholds=RULES)):
        turn = Turn("SPX", None, SESSION.day, moment.tick.ts, DETECTOR, lambda _sighting: 1.0)
        tracks, new = advance(tracks, said, turn)
        events += [(one.direction, round(one.evidence["return"].value)) for one in new]
    return events


def test_a_crash_soon_after_a_jump_is_told():
    """Twice as large or more, it is told within the two minutes, whichever way, also where the first was critical already."""
    assert told(path(-8.0, 0, -300.0)) == [("down", -8), ("down", -300)]
    assert told(path(-40.0, 0, -300.0)) == [("down", -40), ("down", -300)]
    assert told(path(40.0, -300.0)) == [("up", 40), ("down", -300)]


def test_what_is_not_far_larger_is_part_of_the_same():
    """Neither the way back nor less than twice the last; a larger one that is told is what the next is held against."""
    assert told(path(-40.0, 40.0, -70.0, 70.0)) == [("down", -40)]
    assert told(path(-40.0, -90.0, -120.0, 150.0)) == [("down", -40), ("down", -90)]
    assert told(path(-40.0, -90.0, *[0.5] * 10, -95.0)) == [("down", -40), ("down", -90)]
    assert told(path(-40.0, -90.0, *[0.5] * 11, -95.0)) == [("down", -40), ("down", -90), ("down", -95)]


def test_after_a_jump_two_minutes_are_quiet():
    """None of that size is told within 120 s, in either direction; the next one is."""
    told = found(path(-30.0, 30.0, *[0.5] * 11, -40.0))
    assert [one.sighting.direction for one in told] == ["down", "down"]
    assert told[1].ts - told[0].ts == 13 * STEP_MS


def test_a_crash_in_the_first_minute_is_seen():
    """Before the session has a pace, a return is held against the ten seconds that options price."""
    [jump] = found(path(-40.0, steps=3))
    assert jump.sighting.evidence["pace_source"].value == "implied"
    assert "robust_z" not in jump.sighting.evidence
    assert found(path(-8.0, steps=3)) == []


def test_without_options_nothing_is_said_before_it_is_warm():
    """No pace at all: not judged."""
    marks = replace(marks_at(PRICE), volatility=None)
    said = [said for *_, said in answers(DETECTOR, moments(path(-40.0, steps=3), marks, thresholds=RULES))]
    assert said == [None] * 4
    assert len(found(path(-40.0), marks)) == 1


def test_without_an_expected_move_nothing_is_judged():
    """What matters is measured in expected moves: of the open, or while that is not fixed yet, that which remains."""
    unfixed = replace(marks_at(PRICE), move_open=None)
    assert len(found(path(-40.0, steps=3), unfixed)) == 1
    marks = replace(unfixed, move_left=None)
    assert {said for *_, said in answers(DETECTOR, moments(path(-40.0), marks, thresholds=RULES))} == {None}


def test_a_gap_is_not_tested():
    """A return over more than 25 s is not judged; one over a single missed slot is, by the pace of 20 s."""
    ticks = path(0.0, -11.0)
    late = [one._replace(ts=one.ts + 2 * STEP_MS) if one is ticks[-1] else one for one in ticks]
    *_, (_, _, said) = answers(DETECTOR, moments(late, marks_at(PRICE), thresholds=RULES))
    assert said is None
    [jump] = found([*ticks[:-2], ticks[-1]])
    assert jump.sighting.evidence["interval"].value == 20
    assert jump.sighting.evidence["statistic"].value < found(ticks)[0].sighting.evidence["statistic"].value


def test_the_pace_of_the_options_is_what_the_first_minutes_are_held_against():
    """The threshold there is 4.7 times that pace, at the open's own speed."""
    basis_points = 4.7 * 1.65 * pace_of(0.16) * 1e4
    assert found(path(-0.9 * basis_points, steps=3)) == []
    assert len(found(path(-1.1 * basis_points, steps=3))) == 1
