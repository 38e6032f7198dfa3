"""What holds of every detector that lives on spot, whatever it is given."""

import math
from collections import Counter

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from marketswarm.vigil.detectors import burst, drift, expected_move, flip, jump, key_strike, pin
from marketswarm.vigil.sighting import Marks, Tick
from tests.support.vigil_drive import OPEN_MS, STEP_MS, answers, marks_at, moments, ticks_of

FILES = (burst, drift, expected_move, flip, jump, key_strike, pin)
by_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.DETECTOR.name)

spots = st.one_of(
    st.floats(5_900, 6_100),
    st.sampled_from([6_000.0, 5_999.99, 0.0, -1.0, math.nan, math.inf, 1e300, 5e-324]),
)
numbers = st.none() | st.floats(allow_nan=True, allow_infinity=True) | st.floats(1, 100)
any_marks = st.builds(
    Marks,
    as_of=st.integers(0, 2 * OPEN_MS),
    move_open=numbers,
    volatility=numbers,
    years=numbers,
    flip=numbers | st.floats(5_990, 6_010),
    regime=numbers,
    key_strikes=st.dictionaries(
        st.sampled_from(["call_wall", "put_wall", "heaviest", "max_pain", "other"]),
        st.floats() | st.sampled_from([5_990.0, 6_000.0, 6_005.0]),
        max_size=5,
    ),
    open=numbers,
    high=numbers,
    low=numbers,
)
series = st.lists(st.tuples(st.sampled_from([0, 1, 1, 1, 1, 2, 3, 30, 400]), spots), min_size=1, max_size=60)


def ticks(steps, start_ms=OPEN_MS - 3 * STEP_MS):
    """Spots with so many slots between them."""
    made, ts = [], start_ms
    for slots, spot in steps:
        ts += slots * STEP_MS
        made.append(Tick(ts, spot))
    return made


def check(moment, sightings):
    """What the machine and the stream rely on."""
    said = Counter((one.type, one.key, one.direction) for one in sightings or ())
    assert all(count == 1 for count in said.values())
    for one in sightings or ():
        assert math.isfinite(one.magnitude)
        assert one.leave <= one.enter
        assert one.dwell >= 1
        assert len(one.title) <= 60
        assert len(one.ending) <= 60
        times = {moment.tick.ts, moment.marks.as_of or moment.tick.ts}
        assert all(fact.as_of in times for fact in one.evidence.values())


@by_file
@settings(max_examples=120, deadline=None)
@given(steps=series, marks=any_marks)
def test_no_series_raises(file, steps, marks):
    """Spots that are no prices, gaps, slots that stand still, absent and absurd marks: nothing raises, all is finite."""
    for moment, _, sightings in answers(
        file.DETECTOR, moments(ticks(steps), marks, thresholds=file.Thresholds())
    ):
        check(moment, sightings)


@by_file
@settings(max_examples=30, deadline=None)
@given(
    moves=st.lists(st.floats(-12, 12), min_size=20, max_size=120),
    warm=st.sampled_from([0, 95, 200]),
    strike=st.sampled_from([5_995.0, 6_000.0, 6_010.0]),
)
def test_a_market_in_order_is_judged(file, moves, warm, strike):
    """On whole series with all marks every sighting can be told, and the memory survives being stored."""
    marks = replace(marks_at(6_000.0), flip=6_000.0, key_strikes={"call_wall": strike})
    path, spot = [], 6_000.0
    for move in [*(0.4 * (-1) ** n for n in range(warm)), *moves]:
        spot += move
        path.append(spot)
    for moment, memory, sightings in answers(
        file.DETECTOR, moments(ticks_of(path), marks, thresholds=file.Thresholds())
    ):
        check(moment, sightings)
        stored = msgspec.json.encode(memory)
        assert msgspec.json.decode(stored, type=file.DETECTOR.memory) == memory
        assert len(stored) < 4_000


@by_file
def test_a_detector_says_what_it_is(file):
    """Its name is its file's, every threshold has a description and a default, and only the pin needs a chain."""
    assert file.DETECTOR.name == file.__name__.rpartition(".")[2]
    assert file.DETECTOR.method
    assert file.DETECTOR.needs_chain == (file is pin)
    fields = file.Thresholds.model_fields.values()
    assert all(field.description and not field.is_required() and field.metadata for field in fields)


@by_file
def test_the_same_series_gives_the_same(file):
    """A detector is a pure function: twice the same series, twice the same words."""
    marks = replace(marks_at(6_000.0), flip=6_001.0, key_strikes={"put_wall": 5_995.0})
    path = ticks_of([6_000 + 8 * math.sin(n / 9) + (n % 7) / 3 for n in range(300)])
    runs = [
        [said for *_, said in answers(file.DETECTOR, moments(path, marks, thresholds=file.Thresholds()))]
        for _ in range(2)
    ]
    assert runs[0] == runs[1]
