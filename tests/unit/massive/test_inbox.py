"""What the reader has brought and nobody has taken yet."""

import threading

import pytest

from marketswarm.massive.inbox import Ended, Frame, Heard, Inbox, InboxSize, Opened


def test_everything_in_order():
    """What was put is taken at once and in order."""
    inbox = Inbox(InboxSize())
    arrivals = [Opened(1), Frame(1, 0.5, b"[]"), Heard(1), Ended(1, 1000, "bye")]
    for arrival in arrivals:
        inbox.put(arrival)

    assert len(inbox) == 4
    assert inbox.take(0.0) == arrivals
    assert inbox.take(0.0) == []


@pytest.mark.parametrize(
    ("size", "frames"), [(InboxSize(frames=2), 2), (InboxSize(bytes=100), 1)], ids=["frames", "bytes"]
)
def test_full(size, frames):
    """It is full by count or by bytes, and no longer once it was taken."""
    inbox = Inbox(size)
    for _ in range(frames):
        assert inbox.room > 0
        inbox.put_frames(1, 0.0, [b"x" * 100])

    assert inbox.room == 0
    inbox.take(0.0)
    assert inbox.room > 0


def test_frames_that_arrived_together():
    """They are put in order, with one time; the room is what is left."""
    inbox = Inbox(InboxSize(frames=5))
    inbox.put_frames(2, 0.5, [b"1", b"2"])

    assert inbox.room == 3
    assert inbox.take(0.0) == [Frame(2, 0.5, b"1"), Frame(2, 0.5, b"2")]


def test_a_wait_ends_with_the_first_arrival():
    """Whoever waits is woken by an arrival."""
    inbox = Inbox(InboxSize())
    threading.Timer(0.02, inbox.put, [Heard(1)]).start()

    assert inbox.take(5.0) == [Heard(1)]


def test_a_wait_ends_by_itself():
    """A wait for nothing ends with its time-out."""
    assert Inbox(InboxSize()).take(0.01) == []


def test_one_helping_is_bounded_in_bytes():
    """Frames of many bytes make a smaller helping; one frame is taken whatever its size."""
    inbox = Inbox(InboxSize(helping_bytes=250))
    inbox.put_frames(1, 0.0, [b"x" * 100] * 4 + [b"y" * 900])

    assert [[len(frame.raw) for frame in inbox.take(0.0)] for _ in range(3)] == [[100] * 3, [100, 900], []]


def test_one_helping_is_bounded():
    """A flood is taken in helpings, in order, so that what was taken can be flushed in between."""
    inbox = Inbox(InboxSize(helping=3))
    for number in range(7):
        inbox.put(Heard(number))

    helpings = [inbox.take(0.0) for _ in range(4)]

    assert [[arrival.link for arrival in helping] for helping in helpings] == [[0, 1, 2], [3, 4, 5], [6], []]


def test_more_than_a_helping_is_ahead():
    """Who reads rests while more waits than is taken at once, and goes on when it has been taken."""
    inbox = Inbox(InboxSize(helping_bytes=100))
    inbox.put_frames(1, 0.0, [b"x" * 60, b"x" * 40])
    assert not inbox.is_ahead

    inbox.put_frames(1, 0.0, [b"x"])
    assert inbox.is_ahead

    inbox.take(0)
    assert not inbox.is_ahead
