"""The expected move: breached from the open, and the range of the session."""

import pytest
from msgspec.structs import replace
from pydantic import ValidationError

from marketswarm.vigil.detectors.expected_move import DETECTOR, Memory, Thresholds
from tests.support.vigil_drive import SESSION, STEP_MS, answers, drive, marks_at, moments, ticks_of

PRICE, RULES = 6_000.0, Thresholds()
MARKS = replace(marks_at(PRICE), move_open=40.0)


def said_at_last(spots, marks=MARKS):
    """Key → sighting at the last of some spots."""
    *_, (_, _, said) = answers(DETECTOR, moments(ticks_of(spots), marks, thresholds=RULES))
    return said and {one.key: one for one in said}


@pytest.mark.parametrize(("points", "direction"), [(41, "up"), (-41, "down")])
def test_beyond_the_expected_move_is_a_breach(points, direction):
    """One expected move from the session's open, with its way."""
    [breach] = drive(DETECTOR, ticks_of([PRICE, PRICE + points]), MARKS, thresholds=RULES)
    assert (breach.sighting.key, breach.sighting.direction) == ("breach", direction)
    assert breach.sighting.magnitude == pytest.approx(41 / 40)
    assert breach.sighting.dwell == 3


def test_a_breach_ends_below_another_band():
    """Between 0.8 and 1 it neither begins nor ends."""
    assert RULES.leave <= said_at_last([PRICE, PRICE + 38])["breach"].magnitude < RULES.enter
    assert said_at_last([PRICE, PRICE + 41, PRICE + 31])["breach"].magnitude < RULES.leave


def test_a_wide_range_is_told_until_the_session_ends():
    """Two expected moves from low to high, wherever spot is by then."""
    wide = said_at_last([PRICE, PRICE - 39, PRICE + 42, PRICE])
    assert wide["range"].magnitude == pytest.approx(81 / 40)
    assert wide["range"].magnitude >= wide["range"].enter
    assert wide["breach"].magnitude == 0
    [moment] = moments(ticks_of([PRICE], start_ms=SESSION.open_ms - STEP_MS), MARKS, thresholds=RULES)
    assert DETECTOR.watch(Memory(), moment) == (Memory(), ())


def test_without_a_measure_nothing_is_judged():
    """No expected move of the open, or a spot that is no price: nothing ends for that."""
    assert said_at_last([PRICE], replace(MARKS, move_open=None)) is None
    assert said_at_last([PRICE, float("nan")]) is None


def test_a_gap_changes_nothing():
    """Way and range are of the session, not of its ticks."""
    ticks = ticks_of([PRICE, PRICE + 41])
    late = [ticks[0], ticks[1]._replace(ts=ticks[1].ts + 60 * STEP_MS)]
    assert len(drive(DETECTOR, late, MARKS, thresholds=RULES)) == 1


def test_the_bands_lie_apart():
    """`leave` must be below `enter`."""
    with pytest.raises(ValidationError, match="it must be less than enter"):
        Thresholds(enter=0.7)
