"""When a sighting is told: bands, dwell, cooldown, escalation, pulses; and against a model that looks back at everything."""

from dataclasses import replace

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from marketswarm.model.event import Fact, importance_of
from marketswarm.vigil.machine import (
    MOST_TRACKS,
    Turn,
    advance,
    cooling,
    is_beginning,
    name_of,
    refuse,
    unheard,
)
from marketswarm.vigil.severity import severity_of
from marketswarm.vigil.sighting import Detector, Sighting

SLOT_MS = 10_000
DETECTOR = Detector("watcher", 3, "by hand", type(None), lambda memory, _moment: (memory, ()))


def sighting(magnitude, **changes):
    """Of something that begins at 1.0 and ends below 0.5, each for two ticks; it cools for 60 s."""
    sound = {
        "type": "regime",
        "enter": 1.0,
        "leave": 0.5,
        "title": "It is so",
        "dwell": 2,
        "cooldown_s": 60.0,
    }
    return Sighting(magnitude=magnitude, **{**sound, **changes})


def turn(n, context=1.0):
    """The n-th slot."""
    return Turn("SPX", None, "2026-11-23", n * SLOT_MS, DETECTOR, lambda _sighting: context)


def told(rows, tracks=(), first=1):
    """(slot, event) of everything that is told of magnitudes, one a slot; None is not mentioned, `...` no sight."""
    events = []
    for n, one in enumerate(rows, first):
        seen = (
            None
            if one is ...
            else ()
            if one is None
            else (one if isinstance(one, Sighting) else sighting(one),)
        )
        tracks, found = advance(tracks, seen, turn(n))
        events += [(n, event) for event in found]
    return events


def states(rows):
    """(slot, state) of everything that is told."""
    return [(n, event.state) for n, event in told(rows)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([1.0, 1.0], [(2, "enter")]),
        ([1.0, 0.9, 1.0], []),
        ([1.0, None, 1.0], []),
        ([1.0, ..., 1.0], [(3, "enter")]),
        ([1, 1, 0.6, 0.6, 0.6], [(2, "enter")]),
        ([1, 1, 0.4, 0.4], [(2, "enter"), (4, "exit")]),
        ([1, 1, 0.4, 0.6, 0.4], [(2, "enter")]),
        ([1, 1, None, 0.4], [(2, "enter"), (4, "exit")]),
        ([1, 1, None, ..., ..., None], [(2, "enter"), (6, "exit")]),
        ([float("nan")] * 3, []),
        ([1, 1, *[float("nan")] * 3], [(2, "enter")]),
        ([float("inf")] * 2, [(2, "enter")]),
        ([-5, 0, 5, 5], [(4, "enter")]),
    ],
)
def test_bands_and_dwell(rows, expected):
    """It begins after `dwell` ticks in a row at `enter`, ends after as many below `leave` or unmentioned; no sight changes nothing."""
    assert states(rows) == expected


def test_cooldown():
    """After its end it is told again only when it has cooled, then at once if it has been so for long enough."""
    assert states([1, 1, None, None, *[1] * 7]) == [(2, "enter"), (4, "exit"), (10, "enter")]


def test_a_higher_importance_does_not_wait_for_the_cooldown():
    """While it cools, a weight of a higher band than was told is told at once."""
    assert states([1, 1, None, None, 1, 1, 3]) == [(2, "enter"), (4, "exit"), (7, "enter")]


def test_told_again_only_at_a_higher_importance():
    """While it lasts, each higher band is told once, and no falling back; its end weighs as much as its worst moment."""
    events = told([1, 1, 1.1, 1.4, 1.0, 1.4, 5, 1, None, None])
    assert [(n, event.state, event.importance) for n, event in events] == [
        (2, "enter", "notice"),
        (4, "update", "warning"),
        (7, "update", "critical"),
        (10, "exit", "critical"),
    ]
    assert {event.episode for _, event in events} == {events[0][1].id}
    assert len({event.id for _, event in events}) == 4


def test_circumstances_alone_do_not_escalate_below_the_threshold():
    """A context that grows is told only while the magnitude is at `enter`."""
    tracks = advance((), (sighting(1.0, dwell=1),), turn(1))[0]
    assert not advance(tracks, (sighting(0.9, dwell=1),), turn(2, context=1.8))[1]
    assert advance(tracks, (sighting(1.0, dwell=1),), turn(2, context=1.8))[1]


def test_a_pulse_is_told_once():
    """A pulse has no end; its cooldown is the time in which no other is told, but one of a higher importance."""
    pulse = sighting(1.0, is_pulse=True, dwell=1)
    assert [n for n, _ in told([pulse] * 8)] == [1, 7]
    events = told([pulse, None, None, replace(pulse, magnitude=4.0), pulse, None, None, None, None, pulse])
    assert [(n, event.state, event.importance) for n, event in events] == [
        (1, "enter", "notice"),
        (4, "enter", "critical"),
        (10, "enter", "notice"),
    ]


def test_what_an_end_says():
    """An end has the title of the end, also when it is not mentioned any more, and says how long it lasted."""
    began = sighting(1.0, ending="It is over", evidence={"g": Fact(value=1, unit="share", as_of=0)})
    for last in (None, replace(began, magnitude=0.0)):
        *_, (_, ended) = told([began, began, last, last])
        assert ended.title == "It is over"
        assert ended.evidence["lasted"] == Fact(value=20.0, unit="seconds", as_of=40_000)
        assert ("g" in ended.evidence) == (last is not None)
        assert (ended.method, ended.version, ended.ts) == ("by hand", 3, 40_000)


def test_key_and_direction_are_tracks_of_their_own():
    """What differs in type, key or direction is told apart, by key."""
    seen = tuple(sighting(1.0, dwell=1, key=key, direction=way) for key in "ba" for way in ("up", "down"))
    _, events = advance((), seen, turn(1))
    assert [(event.key, event.direction) for event in events] == [
        ("a", "down"),
        ("a", "up"),
        ("b", "down"),
        ("b", "up"),
    ]
    assert advance((), seen[::-1], turn(1))[1] == events


def test_idle_ones_are_not_kept():
    """What is over and has cooled leaves nothing behind."""
    tracks = ()
    for n, seen in enumerate([(sighting(1.0),), (sighting(1.0),), (), (), *[()] * 6], 1):
        tracks, _ = advance(tracks, seen, turn(n))
    assert tracks == ()


def test_tracks_are_bounded():
    """A detector that mentions ever new things has so many tracks and no more."""
    tracks = advance((), tuple(sighting(1.0, key=f"{n:03}") for n in range(500)), turn(1))[0]
    assert len(tracks) == MOST_TRACKS


def test_an_end_without_room_is_tried_again():
    """Where the end of an episode was not told, it is told with the next tick, if it still is one."""
    began = advance((), (sighting(1.0, dwell=1),), turn(1))[0]
    ended, events = advance(began, (), turn(2))
    again = refuse(began, ended, events)
    assert [event.state for event in advance(again, (), turn(3))[1]] == ["exit"]


def test_an_unheard_episode_is_tried_again_while_it_lasts():
    """Where the beginning was not told, it is with the next tick at which it is as large, and since when it lasts is kept."""
    begun, events = advance((), (sighting(1.0, dwell=1),), turn(1))
    quiet = refuse((), begun, events)
    assert unheard(quiet) == {name_of(events[0])}
    between, none = advance(quiet, (sighting(0.7, dwell=1),), turn(2))
    assert none == ()
    heard, (event,) = advance(between, (sighting(1.0, dwell=1),), turn(3))
    assert (event.state, event.id, unheard(heard)) == ("enter", event.episode, frozenset())
    _, (end,) = advance(heard, (), turn(4))
    assert (end.state, end.episode) == ("exit", event.id)
    assert end.evidence["lasted"].value == 30


def test_an_unheard_episode_ends_unheard():
    """Where the beginning was not told, its end is not."""
    begun, events = advance((), (sighting(1.0, dwell=1),), turn(1))
    assert advance(refuse((), begun, events), (), turn(2))[1] == ()


def test_what_cools_is_named():
    """A pulse cools from when it is told, what lasts from its end, each until its time is over."""
    pulse = sighting(1.0, key="p", is_pulse=True, dwell=1)
    lasting = sighting(1.0, key="l", dwell=1)
    tracks, _ = advance((), (pulse, lasting), turn(1))
    assert cooling(tracks, 2 * SLOT_MS) == {("p", "regime", "")}
    tracks, _ = advance(tracks, (), turn(2))
    assert cooling(tracks, 6 * SLOT_MS) == {("p", "regime", ""), ("l", "regime", "")}
    assert cooling(tracks, 7 * SLOT_MS) == {("l", "regime", "")}
    assert cooling(tracks, 8 * SLOT_MS) == frozenset()


def test_is_beginning():
    """What begins at this tick: large enough, long enough, not begun before and not cooling."""
    pending = advance((), (sighting(1.0),), turn(1))[0][0]
    active = advance((pending,), (sighting(1.0),), turn(2))[0][0]
    cooling = advance(advance((active,), (), turn(3))[0], (), turn(4))[0][0]
    assert is_beginning(pending, sighting(1.0), 20_000)
    assert is_beginning(None, sighting(1.0, dwell=1), 10_000)
    assert not is_beginning(pending, sighting(0.9), 20_000)
    assert not is_beginning(None, sighting(1.0), 10_000)
    assert not is_beginning(active, sighting(1.0), 30_000)
    assert not is_beginning(cooling, sighting(1.0, dwell=1), 50_000)


class Naive:
    """The same by looking back over everything that was seen of one thing since the last change of its phase."""

    def __init__(self, dwell, cooldown_s, *, is_pulse):
        self.dwell, self.cooldown_s, self.is_pulse = dwell, cooldown_s, is_pulse
        self.seen, self.is_active, self.band, self.cooled = [], False, 0, None

    def tell(self, magnitude, ts):
        """The state that is told, or None."""
        self.seen.append(magnitude)
        last = self.seen[-self.dwell :]
        band = (
            0
            if magnitude is None
            else ["info", "notice", "warning", "critical"].index(importance_of(severity_of(magnitude, 1.0)))
        )
        if self.is_active:
            if len(last) == self.dwell and all(one is None or one < 0.5 for one in last):
                return self.change("exit", ts)
            if magnitude is not None and magnitude >= 1 and band > self.band:
                self.band = band
                return "update"
            return None
        is_long_enough = len(last) == self.dwell and all(one is not None and one >= 1 for one in last)
        if is_long_enough and (self.cooled is None or ts >= self.cooled or band > self.band):
            self.band = band
            return self.change("enter", ts)
        return None

    def change(self, state, ts):
        self.seen = []
        self.is_active = state == "enter" and not self.is_pulse
        if not self.is_active:
            self.cooled = ts + self.cooldown_s * 1000
        return state


class MachineAgainstModel(RuleBasedStateMachine):
    """Four things of different nature, seen and not seen in any order, with holes in time."""

    KINDS = (("a", 1, 0.0, False), ("b", 3, 45.0, False), ("c", 1, 30.0, True), ("d", 2, 50.0, True))

    def __init__(self):
        super().__init__()
        self.tracks, self.ts, self.open_episodes = (), 0, {}
        self.models = {key: Naive(dwell, cools, is_pulse=pulse) for key, dwell, cools, pulse in self.KINDS}

    def sightings(self, magnitudes):
        for (key, dwell, cools, pulse), one in zip(self.KINDS, magnitudes, strict=True):
            if one is not None:
                yield sighting(one, key=key, dwell=dwell, cooldown_s=cools, is_pulse=pulse)

    @rule(
        magnitudes=st.tuples(*[st.sampled_from([None, 0.0, 0.49, 0.5, 0.99, 1.0, 1.4, 2.5])] * 4),
        slots=st.sampled_from([1, 1, 1, 1, 2, 7]),
        ticks=st.integers(1, 4),
    )
    def see(self, magnitudes, slots, ticks):
        """The same sight at some ticks, after a hole: machine and model tell the same."""
        for step in [slots, *[1] * (ticks - 1)]:
            self.ts += step * SLOT_MS
            self.tracks, events = advance(
                self.tracks, tuple(self.sightings(magnitudes)), turn(self.ts // SLOT_MS)
            )
            expected = {
                key: state
                for (key, *_), one in zip(self.KINDS, magnitudes, strict=True)
                if (state := self.models[key].tell(one, self.ts)) is not None
            }
            assert {event.key: event.state for event in events} == expected
            self.check_episodes(events)

    def check_episodes(self, events):
        """A change and an end name the beginning that was told last for that thing."""
        for event in events:
            if event.state == "enter":
                assert event.episode == event.id
                self.open_episodes[event.key] = event.id
            else:
                assert event.episode == self.open_episodes[event.key]

    @rule(slots=st.integers(1, 3))
    def see_nothing(self, slots):
        """No sight: nothing is told, nothing changes."""
        self.ts += slots * SLOT_MS
        assert advance(self.tracks, None, turn(self.ts // SLOT_MS)) == (self.tracks, ())

    @invariant()
    def tracks_are_in_order(self):
        """Tracks stay by key, one for each thing."""
        keys = [track.key for track in self.tracks]
        assert keys == sorted(set(keys))


TestMachineAgainstModel = MachineAgainstModel.TestCase
TestMachineAgainstModel.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def test_what_is_of_a_session_that_is_over_ends_with_it():
    """At once, and not for what it watched: nobody has seen spot leave anything."""
    tracks, _ = advance((), (sighting(1, dwell=1, ending="Spot has left"),), turn(1))
    tracks = tuple(track for track in tracks)
    later = replace(turn(100), day="2026-11-24", open_ms=90 * SLOT_MS)
    held = advance(tracks, (sighting(0.7, dwell=6),), later)
    assert held[1] == ()
    left, [ended] = advance(held[0], (), later)
    assert (ended.state, ended.title) == ("exit", "The session is over")
    assert (ended.episode, ended.evidence["lasted"].value) == (tracks[0].episode, 990.0)
    assert [track.phase for track in left] == ["cooling"]


def test_an_end_that_was_seen_is_told_as_what_it_is():
    """In a later session, too; and in the same session what is not mentioned has ended by itself."""
    tracks, _ = advance((), (sighting(1, dwell=1, ending="Spot has left"),), turn(1))
    later = replace(turn(100), day="2026-11-24", open_ms=90 * SLOT_MS)
    assert (
        advance(tracks, (sighting(0.1, dwell=1, ending="Spot has left"),), later)[1][0].title
        == "Spot has left"
    )
    assert advance(tracks, (), turn(2))[1][0].title == "Spot has left"
