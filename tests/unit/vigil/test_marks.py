"""What is kept of ticks and chains."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json

from marketswarm.vigil.marks import at_moment, of_new_chain, of_new_session, with_picture, with_tick
from marketswarm.vigil.picture import Crossing, Positioning
from marketswarm.vigil.sighting import Marks, Tick
from tests.support.vigil_pictures import CLOSE_MS, OPEN_MS, gamma, move, picture, session_of, wall

MINUTE_MS = 60_000
FULL = Marks(
    as_of=1,
    move_open=20.0,
    move_open_at=7,
    move_left=10.0,
    flip=6790.0,
    key_strikes={"heaviest": 6800.0},
    open=1.0,
    high=2.0,
    low=0.5,
)


def at(ts, spot=6800.0):
    """A tick and its session."""
    return Tick(ts, spot), session_of(ts)


def read(marks, ts, **changes):
    """The marks after a picture at a moment."""
    return with_picture(marks, picture(ts=ts, **changes), *at(ts))


def test_open_high_low():
    """The first spot behind the slot of the open is the session's; high and low are reached by two spots in a row."""
    marks = Marks()
    for n, spot in enumerate([6500.0, 6800.0, 6790.0, 6810.0, 6805.0, 6700.0, 6808.0]):
        marks = with_tick(marks, *at(OPEN_MS + n * 10_000, spot))
    assert (marks.open, marks.high, marks.low) == (6800.0, 6805.0, 6800.0)
    marks = with_tick(marks, *at(OPEN_MS + 80_000, 6812.0))
    assert (marks.high, marks.low) == (6808.0, 6800.0)


@pytest.mark.parametrize(
    ("crossings", "regime", "signs"),
    [
        (((6750.0, 2.0),), 0.3, (-1, 1, 1)),
        (((6750.0, 2.0), (6820.0, -1.0)), 0.3, (-1, 1, -1)),
        ((), -0.2, (-1, -1, -1)),
        ((), math.nan, (0, 0, 0)),
    ],
)
def test_the_sign_of_gamma_at_any_spot(crossings, regime, signs):
    """It turns at each crossing; without one it is that of the whole chain."""
    told = gamma(crossings=tuple(Crossing(*one) for one in crossings), regime=regime)
    marks = read(Marks(), OPEN_MS + MINUTE_MS, gamma=told)
    assert tuple(marks.gamma_sign(spot) for spot in (6700.0, 6800.0, 6900.0)) == signs


@pytest.mark.parametrize("ts", [OPEN_MS - 10_000, CLOSE_MS])
def test_a_closed_market_makes_no_mark(ts):
    """Spots outside the session count for none of them, and no straddle is fixed."""
    assert with_tick(Marks(), *at(ts)) == Marks()
    assert read(Marks(), ts).move_open is None


def test_the_move_is_fixed_once():
    """The first straddle from one minute after the open on is the session's; later ones move only what is left."""
    early = read(Marks(), OPEN_MS + MINUTE_MS - 1, move=move(straddle=30.0))
    assert (early.move_open, early.move_left) == (None, 30.0)
    without = read(early, OPEN_MS + MINUTE_MS, move=None)
    assert (without.move_open, without.move_left) == (None, None)
    fixed = read(without, OPEN_MS + 2 * MINUTE_MS, move=move(straddle=25.0))
    later = read(fixed, OPEN_MS + 3 * MINUTE_MS, move=move(straddle=20.0))
    assert (later.move_open, later.move_left) == (25.0, 20.0)
    assert (without.move_open_at, later.move_open_at) == (0, OPEN_MS + 2 * MINUTE_MS)


def test_a_straddle_of_nothing_fixes_nothing():
    """A straddle of 0 is no measure."""
    assert read(Marks(), OPEN_MS + MINUTE_MS, move=move(straddle=0.0)).move_open is None


def test_what_a_picture_leaves():
    """Flip, regime, move and key strikes are those of the picture."""
    marks = read(Marks(), OPEN_MS + MINUTE_MS)
    assert (marks.as_of, marks.flip, marks.regime) == (OPEN_MS + MINUTE_MS, 6790.0, 0.3)
    assert (marks.volatility, marks.sigma, marks.years) == (0.15, 27.8, 390 / 525_600)
    assert marks.key_strikes == {
        "call_wall": 6850.0,
        "put_wall": 6750.0,
        "heaviest": 6850.0,
        "max_pain": 6800.0,
    }


def test_weak_walls_are_no_key_strikes():
    """A wall with less than 15 % of its side stands out of nothing."""
    levels = gamma(call_wall=wall(6850.0, dominance=0.149), put_wall=wall(6750.0, dominance=0.15))
    assert read(Marks(), OPEN_MS, gamma=levels, positioning=None).key_strikes == {
        "put_wall": 6750.0,
        "heaviest": 6850.0,
    }


def test_what_a_picture_lacks_is_not_known():
    """Where a picture has no gamma and no positions, nothing older stands in for them."""
    marks = read(FULL, OPEN_MS, gamma=None, positioning=Positioning(None, None, None, None, None))
    assert (marks.flip, marks.regime, marks.key_strikes) == (None, None, {})


def test_a_new_session():
    """What the session makes begins anew; what was known of the chain stays."""
    assert of_new_session(FULL) == Marks(
        as_of=1, move_left=10.0, flip=6790.0, key_strikes={"heaviest": 6800.0}
    )


def test_a_new_chain():
    """Nothing of the old chain holds; the session goes on."""
    assert of_new_chain(FULL) == Marks(move_open=20.0, move_open_at=7, open=1.0, high=2.0, low=0.5)


@given(st.floats())
def test_marks_are_plain_numbers(value):
    """Whatever a picture brings, the marks are what comes back from JSON."""
    number = np.float64(value)
    levels = gamma(flip=number, regime=number, heaviest=number, call_wall=wall(number))
    marks = read(Marks(), OPEN_MS, gamma=levels, move=move(straddle=number, sigma=number, years=number))
    assert json.decode(json.encode(marks), type=Marks) == marks
    assert marks.flip == (value if math.isfinite(value) else None)


@pytest.mark.parametrize(("age_ms", "is_shown"), [(0, True), (300_000, True), (300_001, False)])
def test_a_chain_of_long_ago_is_not_shown(age_ms, is_shown):
    """A feed that stands for more than five minutes leaves no flip and no strikes to conclude from; the session's own stays."""
    marks = Marks(as_of=OPEN_MS, move_open=30.0, open=6800.0, flip=6790.0, key_strikes={"call_wall": 6850.0})
    seen = at_moment(marks, OPEN_MS + age_ms)
    assert (seen.flip is not None, bool(seen.key_strikes)) == (is_shown, is_shown)
    assert (seen.move_open, seen.open) == (30.0, 6800.0)
