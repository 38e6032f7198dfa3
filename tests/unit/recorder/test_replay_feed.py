"""A recording as a feed, in virtual time."""

import pytest

from marketswarm.clock import ManualClock
from marketswarm.ports import BadFrames, FeedFrame, FeedNotice
from marketswarm.recorder.entries import Ended, Opened
from marketswarm.recorder.replay_feed import ReplayFeed
from tests.support.recordings import BEGUN_US, exchange, frames


@pytest.fixture
def clock() -> ManualClock:
    """Shows the beginning of the recordings."""
    return ManualClock(BEGUN_US // 1000)


def feed(clock: ManualClock, *entries, others: list | None = None) -> ReplayFeed:
    """A feed of those entries whose frames are their own updates."""

    def decode(raw: bytes):
        return ([], BadFrames({"not-json": 1})) if raw == b"bad" else ([raw.decode()], None)

    return ReplayFeed(iter(entries), clock, decode, [].append if others is None else others.append)


def updates(items) -> list[str]:
    """Those of the frames."""
    return [update for item in items if isinstance(item, FeedFrame) for update in item.updates]


def test_waiting_moves_the_clock_to_the_next_frame_and_no_further(clock):
    """And by as much as was to be waited where none is due."""
    played = feed(clock, frames(100, b"a", b"b"), frames(130, b"c"))
    assert played.poll(0.04) == []
    assert clock.now_ms() == BEGUN_US // 1000 + 40
    assert updates(played.poll(1.0)) == ["a", "b"]
    assert clock.now_ms() == BEGUN_US // 1000 + 100
    assert played.poll(0) == []
    assert clock.now_ms() == BEGUN_US // 1000 + 100
    assert updates(played.poll(1.0)) == ["c"]
    assert played.is_over


def test_a_wait_below_a_millisecond_still_passes(clock):
    """Or whoever waits so would wait for ever."""
    played = feed(clock, frames(2, b"a"))
    assert updates(played.poll(0.0001) + played.poll(0.0001)) == ["a"]


def test_what_is_due_comes_at_once(clock):
    """When whoever polls was busy meanwhile."""
    played = feed(clock, frames(10, b"a"), frames(20, b"b"), frames(900, b"c"))
    clock.advance(0.5)
    assert updates(played.poll(0)) == ["a", "b"]
    assert clock.now_ms() == BEGUN_US // 1000 + 500


def test_connections_are_told_and_other_entries_given_on(clock):
    """In their order."""
    others: list = []
    answer = exchange(30, "/a", {})
    entries = [Opened(BEGUN_US, 1), answer, Ended(BEGUN_US + 40_000, 1, 1006, "dropped")]
    played = feed(clock, *entries, others=others)
    items = [item for _ in range(3) for item in played.poll(1.0)]
    assert items == [FeedNotice("up"), FeedNotice("lost", "dropped")]
    assert others == [answer]


def test_what_is_wanted_is_confirmed(clock):
    """The recorded connection held it; nobody is ever behind."""
    played = feed(clock, frames(1, b"a"))
    played.allow(3)
    played.want(["A", "B"])
    assert played.confirmed() == {"A", "B"}
    assert (played.status().state, played.status().confirmed) == ("streaming", 2)
    assert played.queued_frames() == 0
    played.end()
    played.stop()
    assert played.status().state == "closed"


def test_frames_that_cannot_be_used_are_counted(clock):
    """Since they were asked for last."""
    played = feed(clock, frames(1, b"bad", b"a"))
    assert updates(played.poll(1)) == ["a"]
    assert played.take_bad_frames() == BadFrames({"not-json": 1})
    assert played.take_bad_frames() == BadFrames({})
    assert (played.status().frames, played.status().updates) == (2, 1)
