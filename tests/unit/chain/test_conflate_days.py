"""The day's bar of a contract, as bars of seconds and snapshots make it."""

import pytest

from tests.support.builders import SPX, bar, contract, ticker
from tests.support.conflating import NOW, conflator, taken

CALL = ticker(6800)


def test_a_bar_widens_the_day_and_moves_its_close():
    """High and low widen, volume and vwap are the day's, change follows the previous close."""
    made = conflator(
        6800, day={"open": 3.0, "high": 3.5, "low": 1.3, "close": 1.7, "previous_close": 1.35, "ts": 900}
    )
    made.add([bar(close=1.8, high=3.6, low=1.4, ts=2000, volume=50)], 0.0, NOW)

    assert taken(made)[0].patch == (
        '"open":1.5,"high":3.6,"low":1.3,"close":1.8,"volume":50,"vwap":1.65,'
        '"previous_close":1.35,"change":0.45,"change_percent":33.333,"ts":2000'
    )


def test_a_late_bar_widens_the_range_only():
    """A corrected bar from before does not move close and volume back."""
    made = conflator(6800)
    made.add([bar(close=1.8, ts=3000, volume=90), bar(close=1.1, low=0.9, ts=2000, volume=80)], 0.0, NOW)

    patch = taken(made)[0].patch
    assert '"low":0.9,"close":1.8,"volume":90' in patch
    assert '"ts":3000' in patch


def test_a_newer_stored_day_is_what_bars_go_on_from():
    """After a repair the day's range is the snapshot's, not what was known before."""
    made = conflator(6800, day={"open": 3.0, "high": 3.5, "low": 1.3, "close": 1.7, "ts": 900})
    made.add([bar(ts=1000)], 0.0, NOW)
    taken(made)
    repaired = contract(6800, day={"open": 3.0, "high": 9.9, "low": 0.2, "close": 1.7, "ts": 1500})
    made.hold({SPX: {CALL: repaired.canonical_json().encode()}})

    made.add([bar(high=1.8, low=1.6, ts=2000)], 0.0, NOW)

    assert '"high":9.9,"low":0.2' in taken(made)[0].patch


def test_bars_that_are_newer_than_the_stored_day_are_kept():
    """A snapshot from before the last bar takes nothing back."""
    made = conflator(6800, day={"high": 3.5, "low": 1.3, "ts": 900})
    made.add([bar(high=4.0, ts=2000)], 0.0, NOW)
    made.hold(
        {SPX: {CALL: contract(6800, day={"high": 3.5, "low": 1.3, "ts": 1500}).canonical_json().encode()}}
    )

    assert '"high":4,' in taken(made)[0].patch


def test_a_late_bar_survives_a_look_at_the_store():
    """The range that late bars widened is kept beside a stored day of the same moment, flushed or not."""
    made = conflator(6800, day={"high": 1.8, "low": 1.3, "close": 1.7, "ts": 3000})
    stored = contract(6800, day={"high": 1.8, "low": 1.2, "close": 1.7, "ts": 3000}).canonical_json().encode()
    made.add([bar(high=9.9, low=1.5, ts=2000)], 0.0, NOW)
    made.hold({SPX: {CALL: stored}})

    assert '"high":9.9,"low":1.2,' in taken(made)[0].patch


def test_bars_that_came_before_any_snapshot_learn_the_close_before():
    """A contract's first bar is older than the load that knows the close of the day before, which is of midnight."""
    midnight, noon = 1_795_410_000_000, 1_795_453_200_000
    made = conflator(6800)
    made.add([bar(close=1.8, ts=noon)], 0.0, noon)
    loaded = contract(6800, day={"close": 1.7, "previous_close": 1.35, "ts": midnight})
    made.hold({SPX: {CALL: loaded.canonical_json().encode()}})
    made.add([bar(close=1.85, ts=noon + 1000)], 0.0, noon + 1000)

    assert '"previous_close":1.35,"change":0.5,' in taken(made)[0].patch


@pytest.mark.parametrize("was_sent", [False, True])
def test_what_follows_from_a_close_that_came_later_is_written(was_sent):
    """At once, not with the next bar: whether the bar was on its way before the close was known must not be seen in the end."""
    midnight, noon = 1_795_410_000_000, 1_795_453_200_000
    made = conflator(6800)
    made.add([bar(close=1.8, ts=noon)], 1.0, noon)
    if was_sent:
        taken(made)
    stored = {"close": 1.8, "ts": noon} if was_sent else {"close": 1.7, "ts": midnight}
    row = contract(6800, day={**stored, "previous_close": 1.35})
    made.hold({SPX: {CALL: row.canonical_json().encode()}})

    assert '"previous_close":1.35,"change":0.45,"change_percent":33.333,' in taken(made)[0].patch


def test_a_contract_of_which_nothing_came_is_not_written():
    """Its stored day is the vendor's own, whatever it lacks."""
    made = conflator(6800, day={"close": 1.8, "previous_close": 1.35, "ts": 900})
    assert taken(made) == []


def test_the_first_bar_of_another_day_begins_a_new_one():
    """Yesterday's range is gone, and its close is the previous close."""
    yesterday, today = 1_795_186_800_000, 1_795_446_000_000
    old = {"open": 3, "high": 9, "low": 1, "close": 4, "previous_close": 2, "volume": 500, "ts": yesterday}
    made = conflator(6800, day=old)
    made.add([bar(close=5.0, high=5.5, low=4.5, ts=today)], 0.0, today)

    patch = taken(made)[0].patch
    assert '"high":5.5,"low":4.5,"close":5,' in patch
    assert '"previous_close":4,"change":1,"change_percent":25,' in patch
