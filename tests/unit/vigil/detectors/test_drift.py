"""Drifts: how far spot is from where the last one left it."""

import pytest
from msgspec.structs import replace
from pydantic import ValidationError

from marketswarm.vigil.detectors.drift import DETECTOR, SIZES, Thresholds
from tests.support.vigil_drive import SESSION, STEP_MS, answers, drive, marks_at, moments, ticks_of

PRICE, RULES, EVERY = 6_000.0, Thresholds(), Thresholds(straightness=0, swiftness=0, calm_s=0)
MARKS = replace(marks_at(PRICE), move_open=40.0)
QUIET = [PRICE] * 90  # a quarter of an hour


def ramp(points, minutes, start=PRICE):
    """A straight way of so many points."""
    steps = 6 * minutes
    return [start + points * (n + 1) / steps for n in range(steps)]


def found(spots, rules=RULES, marks=MARKS):
    """Size and direction of what is sighted."""
    seen = drive(DETECTOR, ticks_of(spots), marks, thresholds=rules)
    return [(one.sighting.key, one.sighting.direction) for one in seen]


@pytest.mark.parametrize(
    ("points", "size"), [(6.1, "micro"), (10.1, "meso"), (20.1, "macro"), (40.1, "extreme")]
)
@pytest.mark.parametrize(("sign", "direction"), [(1, "up"), (-1, "down")])
def test_each_size_is_a_share_of_the_expected_move(points, size, sign, direction):
    """At once, a move of 0.15, 0.25, 0.5 or 1 expected moves is told by the largest size that it completes."""
    assert found([*QUIET, PRICE + sign * points]) == [(size, direction)]


def test_each_size_has_its_own_anchor():
    """Without the rules for small ones, a way of one expected move completes six, four, two and one of them."""
    spots = [PRICE + n * 0.2 for n in range(1, 202)]
    *_, (_, memory, _) = answers(DETECTOR, moments(ticks_of(spots), MARKS, thresholds=EVERY))
    keys = [key for key, _ in found(spots, EVERY)]
    assert set(keys) <= set(SIZES)
    assert keys.count("macro") + keys.count("extreme") == 2
    assert keys.count("micro") >= 4
    assert set(memory.anchors) == set(SIZES)
    assert memory.anchors["extreme"] == pytest.approx(PRICE + 0.2 + 40)


def test_the_anchor_moves_whether_it_was_told_or_not():
    """A slow small drift is not told, and the next one is measured from where it ended."""
    spots = [*QUIET, *ramp(6.5, 60)]
    assert found(spots) == []
    *_, (_, memory, _) = answers(DETECTOR, moments(ticks_of(spots), MARKS, thresholds=RULES))
    assert memory.anchors["micro"] > PRICE + 5.9


def test_large_drifts_are_told_however_slow():
    """Half an expected move is told even if it took the whole morning."""
    assert found(ramp(20.5, 150)) == [("macro", "up")]


def test_a_small_drift_must_be_straight():
    """Up and down in swift turns is volatility, not a drift."""
    zigzag = [
        PRICE + turn * 6.5 * (step + 1) / 12 for turn in (0.8, -0.8, 0.8, -0.8, 1) for step in range(12)
    ]
    assert found([*QUIET, *zigzag]) == []
    assert found([*QUIET, *ramp(6.5, 2)]) == [("micro", "up")]
    assert found([*QUIET, *zigzag], Thresholds(straightness=0)) == [("micro", "up")]


def test_a_small_drift_is_told_once_in_half_an_hour():
    """After one in a direction none as small or smaller is told in it, and after a large one no small one."""
    assert found([*QUIET, *ramp(6.5, 2), *ramp(6.5, 2, PRICE + 6.5)]) == [("micro", "up"), ("meso", "up")]
    assert found([*QUIET, *ramp(30.0, 4)])[-1] == ("macro", "up")
    falling = ramp(-6.5, 2, PRICE + 6.5)
    assert found([*QUIET, *ramp(6.5, 2), *[PRICE + 6.5] * 90, *falling])[-1] == ("micro", "down")


def test_before_ten_minutes_no_small_drift_is_told():
    """There is no way yet of which it could be said that it is straight."""
    assert found([PRICE, PRICE + 6.5]) == []
    assert found([PRICE, PRICE + 20.5]) == [("macro", "up")]


def test_magnitude_grows_with_the_root_of_the_size():
    """Four times a micro drift weighs twice as much."""
    [small] = drive(DETECTOR, ticks_of([*QUIET, PRICE + 6]), MARKS, thresholds=RULES)
    [large] = drive(DETECTOR, ticks_of([*QUIET, PRICE + 24]), MARKS, thresholds=RULES)
    assert small.sighting.magnitude == pytest.approx(1)
    assert large.sighting.magnitude == pytest.approx(2)
    assert large.sighting.evidence["moves"].value == pytest.approx(0.6)


def test_without_an_expected_move_nothing_is_judged():
    """Anchors are set all the same, so that the first move that is known measures from the open."""
    blind = replace(MARKS, move_open=None)
    all_said = list(answers(DETECTOR, moments(ticks_of([PRICE, PRICE + 50]), blind, thresholds=RULES)))
    assert [said for *_, said in all_said] == [None, None]
    assert all_said[-1][1].anchors["macro"] == PRICE


def test_a_new_day_begins_anew():
    """Yesterday's anchors are forgotten, and the night is no drift."""
    *_, (_, memory, _) = answers(DETECTOR, moments(ticks_of(QUIET), MARKS, thresholds=RULES))
    [moment] = moments(ticks_of([PRICE + 100]), MARKS, thresholds=RULES)
    assert DETECTOR.watch(replace(memory, day="2026-11-20"), moment)[1] == ()


def test_a_gap_is_a_drift_too():
    """Spot that comes back elsewhere after five minutes has drifted."""
    ticks = ticks_of([*QUIET, PRICE + 20.5])
    late = [*ticks[:-1], ticks[-1]._replace(ts=ticks[-1].ts + 30 * STEP_MS)]
    [seen] = drive(DETECTOR, late, MARKS, thresholds=RULES)
    assert seen.sighting.key == "macro"


def test_outside_the_session_nothing_is_sighted():
    """Before the open there is no drift, and no anchor."""
    [moment] = moments(ticks_of([PRICE], start_ms=SESSION.open_ms - STEP_MS), MARKS, thresholds=RULES)
    assert DETECTOR.watch(DETECTOR.memory(), moment) == (DETECTOR.memory(), ())


def test_the_sizes_ascend():
    """Each size is larger than the one before."""
    with pytest.raises(ValidationError, match="each must be larger than the one before"):
        Thresholds(micro=0.3)
