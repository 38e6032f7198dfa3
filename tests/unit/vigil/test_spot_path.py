"""The session's path and the measures that detectors hold it against."""

import math
from dataclasses import replace

import numpy as np
import pytest
from msgspec.structs import replace as with_changes

from marketswarm.vigil.sighting import Tick
from marketswarm.vigil.spot_path import (
    day_factor,
    implied_pace,
    in_session,
    is_price,
    move_measure,
    named,
    session_path,
    shown,
)
from tests.support.vigil_drive import OPEN_MS, SESSION, STEP_MS, marks_at, moments, pace_of, ticks_of


def last(ticks, marks=None, session=SESSION):
    """The moment of the last of some ticks."""
    *_, moment = moments(ticks, marks or marks_at(6_000), thresholds=None, session=session)
    return moment


def test_the_path_begins_behind_the_slot_of_the_open():
    """What was before the session, and the slot of the open itself, are no part of it."""
    path = session_path(last(ticks_of([5_900, 5_950, 6_000, 6_001], start_ms=OPEN_MS - STEP_MS)))
    assert path.spots.tolist() == [6_000, 6_001]
    assert path.returns == pytest.approx([math.log(6_001 / 6_000)])


def test_what_is_no_price_is_left_out():
    """Zero, negative, infinite and unknown spots leave a gap of their slot."""
    path = session_path(last(ticks_of([6_000, 0, 6_001, -1, math.nan, math.inf, 6_002])))
    assert path.spots.tolist() == [6_000, 6_001, 6_002]
    assert path.returns[0] == pytest.approx(math.log(6_001 / 6_000) / math.sqrt(2))
    assert np.isnan(path.returns[1])


@pytest.mark.parametrize("spot", [0.0, -1.0, math.nan, math.inf, 1e300])
def test_there_is_no_path_to_what_is_no_price(spot):
    """A present spot that is no price has no path and no measure."""
    moment = last(ticks_of([6_000, spot]))
    assert not is_price(spot)
    assert session_path(moment) is None
    assert move_measure(moment) is None


def test_detectors_of_one_moment_share_its_path():
    """It is made once, whatever the thresholds, and nobody can write into it; another moment has its own."""
    moment = last(ticks_of([6_000, 6_001, 6_002]))
    path = session_path(moment)
    assert session_path(replace(moment, thresholds="other")) is path
    assert not any(column.flags.writeable for column in (path.times, path.spots, path.returns))
    later = replace(moment, tick=Tick(moment.tick.ts, 6_003.0))
    assert session_path(later).spots.tolist() == [6_000, 6_001, 6_003]


def test_outside_the_session_there_is_no_path():
    """Before the open, in its slot, and on a closed day."""
    assert session_path(last([Tick(OPEN_MS, 6_000)])) is None
    assert session_path(last(ticks_of([6_000]), session=replace(SESSION, is_open=False))) is None
    assert in_session(last(ticks_of([6_000])))


@pytest.mark.parametrize("move", [None, 0.0, -5.0, math.nan, math.inf, 0.01])
def test_a_move_that_measures_nothing_is_none(move):
    """An expected move that is absent, no number, or next to nothing is no measure."""
    assert move_measure(last(ticks_of([6_000]), with_changes(marks_at(6_000), move_open=move))) is None


def test_the_implied_pace_follows_the_day():
    """It is the pace of a session of that volatility, times the factor of the time."""
    moment = last(ticks_of([6_000]))
    factor = day_factor(moment, moment.tick.ts)
    assert factor > 1.5
    assert implied_pace(moment) == pytest.approx(pace_of(0.16) * factor)


@pytest.mark.parametrize(
    "changes", [{"volatility": None}, {"years": None}, {"years": -1.0}, {"volatility": math.nan}]
)
def test_without_options_there_is_no_implied_pace(changes):
    """No volatility, no time: no pace."""
    assert implied_pace(last(ticks_of([6_000]), with_changes(marks_at(6_000), **changes))) is None


@pytest.mark.parametrize(
    ("strike", "key", "title"),
    [(4_500.0, "4500", "4,500"), (166.5, "166.5", "166.5"), (1_234_567.25, "1234567.25", "1,234,567.25")],
)
def test_a_strike_is_written_plainly(strike, key, title):
    """Keys carry no thousands and no trailing zero, titles set thousands apart."""
    assert named(strike) == key
    assert shown(strike) == title
