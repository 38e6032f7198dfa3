"""What an evaluation tells of what was seen: its order, its weight, and what is over the budget."""

import pytest

from marketswarm.vigil.engine import evaluate
from marketswarm.vigil.sighting import Tick
from tests.support.vigil_engine import detector, engine, news, run, seen, sees
from tests.support.vigil_pictures import CLOSE_MS, OPEN_MS, SLOT_MS, gamma, picture, quality, ticks_of


def test_order():
    """Events of one tick stand in the registry's order, then by key."""
    judge = engine(sees("z", seen(key="b"), seen(key="a")), sees("a", seen("regime", key="c")))
    events = evaluate(None, news(ticks_of([6800])), judge).events
    assert [(event.type, event.key) for event in events] == [("drift", "a"), ("drift", "b"), ("regime", "c")]


def severity_at(ts=OPEN_MS, picture=None, *others, needs_chain=False, **changes):
    """Of a magnitude just at the threshold, by the first detector."""
    judge = engine(sees("one", seen(**changes), needs_chain=needs_chain), *others)
    return evaluate(None, news([Tick(ts, 6800)], picture), judge).events[0].severity


def test_circumstances():
    """The last hour, a negative regime, and thin coverage where the chain was judged change the weight."""
    assert severity_at() == 50
    assert severity_at(CLOSE_MS - 3_600_000) == 50
    assert severity_at(CLOSE_MS - 3_590_000) == 56
    assert severity_at(OPEN_MS, picture(gamma=gamma(regime=-0.2))) == 58
    thin = picture(quality=quality(coverage=0.85))
    assert severity_at(OPEN_MS, thin) == 50
    assert severity_at(OPEN_MS, thin, needs_chain=True) == 38


def test_agreement():
    """Another detector's beginning in the same direction weighs in, whichever of the two is asked first."""
    up, down = (
        sees("two", seen("spot_jump", direction="up")),
        sees("two", seen("spot_jump", direction="down")),
    )
    assert severity_at(OPEN_MS, None, up, direction="up") == 56
    assert severity_at(OPEN_MS, None, down, direction="up") == 50
    assert severity_at(OPEN_MS, None, sees("two", seen("spot_jump"))) == 50
    both = evaluate(None, news(ticks_of([6800])), engine(sees("one", seen(direction="up")), up)).events
    assert [event.severity for event in both] == [56, 56]


@pytest.mark.parametrize(("slots", "severity"), [(5, 56), (6, 50)])
def test_agreement_lasts_a_minute(slots, severity):
    """What another detector began less than 60 s ago still agrees."""

    def watch(memory, moment):
        is_late = moment.tick.ts >= OPEN_MS + slots * SLOT_MS
        return memory, (seen(direction="up"),) if is_late else ()

    judge = engine(detector("late", watch), sees("early", seen("spot_jump", direction="up")))
    events = evaluate(None, news(ticks_of([6800] * (slots + 1))), judge).events
    assert [event.severity for event in events if event.type == "drift"] == [severity]


def test_what_is_over_the_budget():
    """Six are told, the others stand in one digest a minute later; their ends are not told, those of the six are."""

    def watch(memory, moment):
        is_on = moment.tick.ts < OPEN_MS + 4 * SLOT_MS
        return memory, tuple(seen(key=str(n)) for n in range(9)) if is_on else ()

    batches = [news([tick]) for tick in ticks_of([6800] * 30)]
    said, _ = run(batches, engine(detector("nine", watch)))
    whole, _ = run([news(ticks_of([6800] * 30))], engine(detector("nine", watch)))
    assert said == whole
    events = evaluate(None, news(ticks_of([6800] * 30)), engine(detector("nine", watch))).events
    assert [event.type for event in events].count("digest") == 1
    began = [event.key for event in events if event.type == "drift" and event.state == "enter"]
    ended = [event.key for event in events if event.state == "exit"]
    assert began == ended == ["0", "1", "2", "3", "4", "5"]
    digest = next(event for event in events if event.type == "digest")
    assert (digest.evidence["drift"].value, digest.ts) == (3, OPEN_MS + 60_000)


def test_what_lasts_is_told_when_there_is_room():
    """Of nine that begin at once and go on, three stand in the digest, and are told a minute later, each once; so are all ends."""

    def watch(memory, moment):
        is_on = moment.tick.ts < OPEN_MS + 20 * SLOT_MS
        return memory, tuple(seen(key=str(n)) for n in range(9)) if is_on else ()

    events = evaluate(None, news(ticks_of([6800] * 40)), engine(detector("nine", watch))).events
    began = [event for event in events if event.type == "drift" and event.state == "enter"]
    told = [(event.key, event.ts - OPEN_MS) for event in began]
    assert told == [(str(n), 0) for n in range(6)] + [(str(n), 60_000) for n in range(6, 9)]
    assert sorted(event.key for event in events if event.state == "exit") == [str(n) for n in range(9)]
    counted = [event.evidence["drift"].value for event in events if event.type == "digest"]
    assert counted == [3]


def test_a_detector_knows_what_of_its_own_is_cooling():
    """From the tick after a pulse until its cooldown is over its name stands in the moment: for its own detector alone."""
    moments = {"one": [], "other": []}

    def watching(name, *sightings):
        def watch(memory, moment):
            moments[name].append(moment)
            return memory, sightings if len(moments[name]) == 1 else ()

        return detector(name, watch)

    pulse = seen(is_pulse=True, key="k", direction="up", cooldown_s=20)
    run([news(ticks_of([1, 2, 3]))], engine(watching("one", pulse), watching("other")))
    assert [one.is_cooling("drift", "k", "up") for one in moments["one"]] == [False, True, False]
    assert not any(one.is_cooling("drift", "k", "down") for one in moments["one"])
    assert not any(one.cooling for one in moments["other"])
