"""A detector that fails in an evaluation: it silences no other, and is counted."""

import math
from dataclasses import replace

import pytest

from marketswarm.vigil.engine import evaluate
from marketswarm.vigil.sighting import Sighting
from marketswarm.vigil.state import decode, encode
from tests.support.vigil_engine import DRIFT, Anchor, detector, engine, news, texts
from tests.support.vigil_pictures import ticks_of


def fails(at, error=None, **changes):
    """A detector that raises, or sights what cannot be told, at some ticks, and counts those before."""

    def watch(memory, moment):
        if moment.tick.ts in at:
            if error is not None:
                raise error
            return Anchor(0.0, memory.seen + 1), (replace(seen(moment, memory), **changes),)
        return Anchor(0.0, memory.seen + 1), (seen(moment, memory),)

    def seen(moment, memory):
        return Sighting(
            "smile_break", 1.0, 1.0, 0.5, "Seen", evidence={"seen": moment.fact(memory.seen, "ticks")}
        )

    return detector("fails", watch, Anchor)


@pytest.mark.parametrize(
    ("error", "changes"),
    [
        (ValueError("no such strike"), {}),
        (RecursionError(), {}),
        (None, {"magnitude": None}),
        (None, {"type": "unknown", "key": "other"}),
        (None, {"dwell": math.nan}),
        (None, {"key": 7}),
    ],
)
def test_a_detector_that_fails_silences_no_other(error, changes):
    """It is left out of that tick and begins anew; the others tell the same, and what it told before goes on."""
    ticks = ticks_of([6800, 6815, 6830, 6800, 6815])
    alone = evaluate(None, news(ticks), engine(DRIFT))
    bad = fails({ticks[2].ts}, error, **changes)
    done = evaluate(None, news(ticks), engine(bad, DRIFT))

    others = [event for event in done.events if event.type == "drift"]
    assert texts(others) == texts(alone.events)
    assert [event.state for event in done.events if event.type == "smile_break"] == ["enter"]
    assert decode(encode(done.state), "SPX").failed == {"fails": 1}
    assert {(one.detector, one.ts) for one in done.failures} == {("fails", ticks[2].ts)}
    assert [note for note in done.notes if "fails failed at 1 tick, begun anew: " in note]
    assert b'"seen":2' in bytes(done.state.memories["fails"].content)


def test_a_detector_that_always_fails_is_counted():
    """Over evaluations, and however often it is asked."""
    ticks = ticks_of(range(6800, 6806))
    bad = fails({tick.ts for tick in ticks}, ValueError("never"))
    first = evaluate(None, news(ticks[:4]), engine(bad, DRIFT))
    second = evaluate(decode(encode(first.state), "SPX"), news(ticks[4:]), engine(bad, DRIFT))

    assert second.state.failed == {"fails": 6}
    assert len(second.failures) == 2


def test_a_memory_that_cannot_be_kept_is_a_failure():
    """Nothing of it is stored."""
    bad = detector("fails", lambda memory, _moment: (object(), ()))
    done = evaluate(None, news(ticks_of([6800])), engine(bad, DRIFT))

    assert done.state.failed == {"fails": 1}
    assert set(done.state.memories) == {"drift"}
