"""Six events a minute, and the digest of the others."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from marketswarm.model.event import Event, importance_of
from marketswarm.vigil.budget import PER_MINUTE, Budget, digest_of, spend

SLOT_MS = 10_000


def event(n=0, type="drift", severity=50, state="enter"):
    """One event; what matters here are type, severity and state."""
    return Event(
        id=str(n),
        episode=str(n),
        type=type,
        symbol="SPX",
        state=state,
        severity=severity,
        importance=importance_of(severity),
        ts=0,
        title="One",
        method="by hand",
        version=1,
    )


def digest(budget, ts):
    """The digest at a tick."""
    return digest_of(budget, symbol="SPX", expiration=None, day="2026-11-23", ts=ts)


def test_six_are_told():
    """The first six of a minute are told in their order, the others are not."""
    events = tuple(event(n) for n in range(9))
    budget, told, refused = spend(Budget(), events, 0)
    assert (told, refused) == (events[:6], events[6:])
    assert budget.over == {"drift": 3}


def test_a_minute_later_there_is_room():
    """An event of a minute ago takes no place any more."""
    budget, _, _ = spend(Budget(), tuple(event(n) for n in range(6)), 0)
    assert spend(budget, (event(),), 59_999)[1] == ()
    assert spend(budget, (event(),), 60_000)[1] == (event(),)


def test_critical_ones_always_pass():
    """A critical event is told however many there were."""
    events = tuple(event(n, severity=80) for n in range(20))
    assert spend(Budget(), events, 0)[1] == events


def test_one_digest_counts_what_was_over():
    """A minute after the first that was not told, one event counts them by type and weighs as much as the worst."""
    events = (*(event(n) for n in range(6)), event(6, "regime", 70), event(7, "drift"), event(8, "regime"))
    budget, _, _ = spend(Budget(), events, 0)
    assert digest(budget, 59_999) == (budget, ())
    after, (told,) = digest(budget, 60_000)
    assert {name: fact.value for name, fact in told.evidence.items()} == {"drift": 1, "regime": 2}
    assert list(told.evidence) == ["drift", "regime"]
    assert (told.type, told.severity, told.importance) == ("digest", 70, "warning")
    assert told.id == told.episode
    assert digest(after, 120_000) == (after, ())


def test_an_end_that_finds_no_room_is_not_counted():
    """The digest counts beginnings and changes; an end is tried again."""
    events = (*(event(n) for n in range(6)), event(6, state="exit"))
    budget, _, refused = spend(Budget(), events, 0)
    assert refused == events[6:]
    assert budget.over == {}


def test_what_is_tried_again_is_counted_once():
    """A beginning that found no room before takes the room there is, and is in no digest twice."""
    crowd = tuple(event(n) for n in range(6))
    budget, _, refused = spend(Budget(), (*crowd, event(6)), 0)
    again, _, refused = spend(budget, (event(7),), 10_000, {"7"})
    assert refused == (event(7),)
    assert again == budget
    assert spend(again, (event(8),), 60_000, {"8"})[1] == (event(8),)


def test_ends_have_the_room_that_the_rest_of_a_tick_leaves():
    """An end is tried again, a beginning is lost; what is told stays in its order."""
    ends = tuple(event(n, state="exit") for n in range(6))
    begins = (event(6, "expiry_roll"), event(7))
    budget, told, refused = spend(Budget(), (*ends, *begins), 0)
    assert told == (*ends[:4], *begins)
    assert refused == ends[4:]
    assert budget.over == {}


@given(st.lists(st.lists(st.sampled_from([10, 50, 70, 90]), max_size=9), max_size=60))
def test_never_more_than_six_in_any_minute(slots):
    """In no minute are more than six events told beside critical ones, digests included, and every other is counted once."""
    budget, said, counted, refused = Budget(), [], 0, 0
    for n, severities in enumerate([*slots, *[[]] * 7]):
        ts = n * SLOT_MS
        budget, digests = digest(budget, ts)
        budget, told, left = spend(budget, tuple(event(severity=one) for one in severities), ts)
        said += [(ts, one) for one in (*digests, *told) if one.importance != "critical"]
        counted += sum(fact.value for one in digests for fact in one.evidence.values())
        refused += len(left)
    times = Counter(ts for ts, _ in said)
    assert all(sum(times[ts - back * SLOT_MS] for back in range(6)) <= PER_MINUTE for ts in times)
    assert counted == refused


def test_a_roll_and_bad_data_are_always_told():
    """They say what all other events are to be read by, so no crowd at a close hides them."""
    crowd = [event(n, "wall_moved") for n in range(10)]
    _, told, refused = spend(Budget(), (*crowd, event(10, "expiry_roll"), event(11, "data_quality")), 0)
    assert [one.type for one in told[-2:]] == ["expiry_roll", "data_quality"]
    assert {one.type for one in refused} == {"wall_moved"}
