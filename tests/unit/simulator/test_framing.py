"""Events as frames."""

import json

from marketswarm.simulator.framing import LARGEST_FRAME, Framing, frames

EVENTS = [f'{{"ev":"Q","q":{n}}}' for n in range(25)]


def test_all_events_in_order():
    """However they are divided, the frames are arrays that hold every event once, in order."""
    for most in (None, 1, 10, 25, 100):
        made = [event for frame in frames(EVENTS, most) for event in json.loads(frame)]
        assert [event["q"] for event in made] == list(range(25))


def test_frames_of_a_size():
    """No frame holds more than asked; only the last holds fewer."""
    assert [len(json.loads(frame)) for frame in frames(EVENTS, 10)] == [10, 10, 5]


def test_no_frame_is_larger_than_a_client_takes():
    """Frames are cut below the limit, whatever size is asked for."""
    heavy = ['"%s"' % ("x" * 9_998)] * 250
    for most in (None, 200):
        made = list(frames(heavy, most))
        assert max(map(len, made)) <= LARGEST_FRAME
        assert sum(len(json.loads(frame)) for frame in made) == 250


def test_the_same_events_are_framed_once():
    """Who is told the same texts gets the same frame objects; others get their own; nobody gets an empty frame."""
    framing = Framing(10)
    first, again = framing.frames(list(EVENTS)), framing.frames(list(EVENTS))
    assert all(a is b for a, b in zip(first, again, strict=True))
    other = framing.frames([EVENTS[0], "{}", *EVENTS[2:]])
    assert json.loads(other[0])[1] == {}
    assert list(framing.frames([])) == list(frames([])) == []
