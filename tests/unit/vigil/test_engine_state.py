"""What an evaluation leaves to the next: a state that is small, and begun anew where it cannot be used."""

from marketswarm.vigil.engine import evaluate
from marketswarm.vigil.machine import MOST_TRACKS
from marketswarm.vigil.sighting import Tick
from marketswarm.vigil.state import MOST_TICKS, VigilState, decode, encode, set_back
from tests.support.vigil_engine import ALL, DRIFT, PACE, QUALITY, engine, news, seen, sees, spy
from tests.support.vigil_pictures import OPEN_MS, SLOT_MS, picture, ticks_of


def crowd(detectors):
    """Detectors that mention more things than there can be tracks of each."""
    return tuple(
        sees(
            f"detector_{n}", *(seen(key=f"{6800 + m}.5", direction="up", ending="x" * 60) for m in range(40))
        )
        for n in range(detectors)
    )


def test_the_state_stays_small():
    """After a whole day with a hundred tracks, written and read again, it is far below 64 kB."""
    judge, state = engine(*ALL, *crowd(3)), None
    for n in range(0, 2_340, 20):
        ticks = ticks_of([6800.12 + n % 7] * 20, OPEN_MS + n * SLOT_MS)
        text = encode(evaluate(state, news(ticks, picture()), judge).state)
        assert len(text) < 32 * 1024
        state = decode(text, "SPX")
    assert len(state.ticks) == MOST_TICKS
    assert len(state.tracks) >= 3 * MOST_TRACKS


def test_the_state_is_bounded():
    """With as many tracks as twelve detectors can have it is still below 64 kB."""
    done = evaluate(None, news(ticks_of([6800.12] * 400)), engine(*crowd(12)))
    assert len(done.state.tracks) == 12 * MOST_TRACKS
    assert len(encode(done.state)) < 64 * 1024


def test_what_lasts_ends_though_the_clock_was_set_back():
    """Whoever heard that it began hears its end, and of no time below none; all else of the state is begun anew."""
    ahead = OPEN_MS + 600_000
    begun = evaluate(None, news([Tick(ahead, 6800.0)], picture(ts=ahead)), engine(sees("spy", seen())))
    (enter,) = begun.events
    state = decode(encode(set_back(begun.state, OPEN_MS)), "SPX")

    quiet, _ = spy()
    done = evaluate(state, news(ticks_of([6800.0] * 3, OPEN_MS + SLOT_MS)), engine(quiet))

    (end,) = done.events
    assert (end.state, end.episode) == ("exit", enter.episode)
    assert 0 <= end.evidence["lasted"].value <= 30
    assert done.notes[0] == f"state of {ahead}, which is to come: begun anew"


def test_an_hour_of_returns():
    """Over a day in steps of ten seconds a detector always has the ticks of a whole hour: 360 of them."""
    watcher, moments = spy()
    evaluate(None, news(ticks_of([6800] * 500)), engine(watcher))
    assert [len(one.before) for one in moments] == [*range(360), *[360] * 140]


def test_a_state_that_begins_anew_says_so_once():
    """No state, one of another symbol and one that could not be read are begun, and the notes say why."""
    first = evaluate(None, news(ticks_of([1])), engine())
    assert first.notes == ("no state: begun",)
    foreign = evaluate(VigilState("SPY", slot=OPEN_MS * 2), news(ticks_of([1])), engine())
    assert foreign.notes == ("state of SPY, not SPX: begun anew",)
    damaged = evaluate(decode(b"?", "SPX"), news(ticks_of([1])), engine())
    assert damaged.notes == ("state cannot be read: begun anew",)
    assert encode(first.state) == encode(foreign.state) == encode(damaged.state)


def test_a_detector_that_has_changed():
    """The memory of another version is begun anew, that of a detector that is gone is forgotten, and the notes say so."""
    first = evaluate(None, news(ticks_of([6800, 6815])), engine(DRIFT, PACE))
    newer = engine(DRIFT._replace(version=2), QUALITY)
    second = evaluate(first.state, news([Tick(OPEN_MS + 2 * SLOT_MS, 6820)]), newer)
    assert second.notes == (
        "pace is no detector any more: forgotten",
        "memory of drift is of version 1, not 2: begun anew",
    )
    assert list(second.state.memories) == ["drift", "quality"]
    third = evaluate(second.state, news([Tick(OPEN_MS + 3 * SLOT_MS, 6820)]), newer)
    assert third.notes == ()
