"""How much of what waits is judged, and what is said of the rest."""

from marketswarm.vigil.backlog import MOST_JUDGED, backlog_of, lag_event, with_history
from marketswarm.vigil.inbox import Inbox, WaitingTick
from marketswarm.vigil.sighting import Tick
from marketswarm.vigil.state import MOST_TICKS, VigilState
from tests.support.vigil_pictures import session_of

SLOT = 1_795_446_000_000


def ticks(*steps):
    """Ticks, counted in slots; the heartbeat's count is one more than the step."""
    return tuple(WaitingTick(SLOT + 10_000 * step, 6800.0 + step, step + 1) for step in steps)


def inbox(*steps, seq=0):
    """An inbox of those ticks, after one that had that count."""
    return Inbox(None, ticks(*steps), {}, {}, seq)


def test_what_waits_is_judged():
    """Nothing is skipped or lost, and there is nothing to say."""
    found = backlog_of(inbox(3, 4, seq=3), SLOT + 20_000)

    assert found.ticks == ticks(3, 4)
    assert (found.skipped, found.lost, found.late, found.missed, found.note) == ((), 0, (), 0, "")
    assert lag_event(found, VigilState("SPX"), "2026-11-23") is None


def test_thirty_are_judged_and_older_ones_skipped():
    """The newest count."""
    found = backlog_of(inbox(*range(1, 43), seq=1), SLOT)

    assert len(found.ticks) == MOST_JUDGED
    assert found.skipped == ticks(*range(1, 13))
    assert found.note == "catching up: 12 slots skipped, 0 lost"


def test_a_hole_in_the_count_is_lost():
    """Slots that the heartbeat itself missed have no count, and are not lost."""
    missed_by_the_heartbeat = (WaitingTick(SLOT + 90_000, 6800.0, 2),)
    assert backlog_of(Inbox(None, missed_by_the_heartbeat, {}, {}, 1), SLOT).lost == 0
    assert backlog_of(inbox(5, seq=1), SLOT).lost == 4


def test_a_count_that_begins_anew_is_no_loss():
    """The heartbeat's own counts were flushed."""
    assert backlog_of(inbox(1, seq=900), SLOT).lost == 0


def test_late_ticks_are_not_judged():
    """They came behind one that was judged."""
    found = backlog_of(inbox(1, 2, 3, seq=3), SLOT + 20_000)

    assert (found.late, found.ticks) == (ticks(1, 2), ticks(3))


def test_the_first_evaluation_has_missed_nothing():
    """However much waits, and whatever count it has."""
    found = backlog_of(inbox(*range(100, 150)), 0)

    assert (found.missed, found.note, len(found.skipped)) == (0, "", 20)


def test_skipped_ticks_are_history():
    """They stand in the state before the first that is judged, and no tick of them comes again."""
    state = VigilState("SPX", slot=SLOT, ticks=(Tick(SLOT, 6800.0),))
    state = with_history("SPX", state, ticks(1, 2), session_of)

    assert state.ticks == (Tick(SLOT, 6800.0), Tick(SLOT + 10_000, 6801.0), Tick(SLOT + 20_000, 6802.0))
    assert state.slot == SLOT + 20_000


def test_history_has_a_bound_and_needs_no_state():
    """An hour of it; without anything skipped nothing is made up."""
    assert len(with_history("SPX", None, ticks(*range(500)), session_of).ticks) == MOST_TICKS
    assert with_history("SPX", None, (), session_of) is None


def test_skipped_ticks_count_for_the_range_of_their_session():
    """A peak that nobody judged in time is the day's high all the same; of another day it is none."""
    day = session_of(SLOT).day
    for known, high in ((day, 6809.0), ("2026-11-20", None)):
        state = with_history("SPX", VigilState("SPX", day=known), ticks(*range(1, 10), 10), session_of)
        assert state.marks.high == high


def test_the_event_says_how_many_and_is_the_same_each_time():
    """Its weight grows with the number: thirty are at the threshold."""
    found = backlog_of(inbox(*range(1, 61), seq=1), SLOT)
    event = lag_event(found, VigilState("SPX"), "2026-11-23")

    assert (event.type, event.key, event.state, event.severity) == ("data_quality", "lag", "enter", 50)
    assert event.ts == found.ticks[0].ts
    assert {name: fact.value for name, fact in event.evidence.items()} == {"skipped": 30, "lost": 0}
    assert lag_event(found, VigilState("SPX"), "2026-11-23") == event
