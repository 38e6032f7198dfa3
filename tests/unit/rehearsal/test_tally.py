"""What was told, counted."""

from msgspec import Struct

from marketswarm.model.event import Event
from marketswarm.rehearsal.tally import Row, tally
from marketswarm.vigil.sighting import Detector


class Nothing(Struct, frozen=True):
    """No memory."""


def detector(name):
    """One that is only named."""
    return Detector(name, 1, f"{name} by hand", Nothing, lambda memory, _moment: (memory, None))


DETECTORS = (detector("jump"), detector("drift"), detector("walls"))


def event(type="drift", detector="drift", state="enter", **fields):
    """An event of a detector."""
    usual = {
        "id": "1",
        "episode": "1",
        "type": type,
        "symbol": "SPX",
        "state": state,
        "severity": 50,
        "importance": "notice",
        "ts": 1000,
        "title": type,
        "method": f"{detector} by hand",
        "version": 1,
    }
    return Event(**usual | fields)


def test_events_are_counted_by_state():
    """What began, rose and was over; the highest severity, the first and the last moment."""
    told = [
        event(ts=2000),
        event(state="update", severity=81, ts=3000),
        event(state="exit", severity=30, ts=9000),
        event(symbol="SPY", ts=4000),
    ]
    assert [row.as_json() for row in tally(told, DETECTORS[1:2])] == [
        {
            "detector": "drift",
            "type": "drift",
            "begun": 2,
            "updates": 1,
            "ended": 1,
            "highest": 81,
            "first": 2000,
            "last": 9000,
            "symbols": {"SPX": 1, "SPY": 1},
        }
    ]


def test_rows_come_in_the_order_of_detectors_and_types():
    """One that told nothing says so; what no detector told comes last."""
    told = [event("digest", "nobody"), event("data_quality"), event("drift"), event("spot_jump", "jump")]
    rows = tally(told, DETECTORS)
    assert [(row.detector, row.type) for row in rows] == [
        ("jump", "spot_jump"),
        ("drift", "drift"),
        ("drift", "data_quality"),
        ("walls", None),
        ("", "digest"),
    ]
    assert rows[3].as_json() == {"detector": "walls", "begun": 0}
    assert "detector" not in rows[4].as_json()


def test_nothing_told():
    """A row for each detector all the same."""
    assert tally([], DETECTORS) == [Row("jump"), Row("drift"), Row("walls")]
