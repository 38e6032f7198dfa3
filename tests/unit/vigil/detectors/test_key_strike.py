"""Key strikes: approached, touched, broken, held."""

import pytest
from msgspec.structs import replace
from pydantic import ValidationError

from marketswarm.vigil.detectors.key_strike import DETECTOR, Thresholds
from tests.support.vigil_drive import SESSION, STEP_MS, answers, drive, marks_at, moments, ticks_of

STRIKE, RULES = 6_000.0, Thresholds()
MINUTE = 6
# An expected move of 40 points: approached within 10, left beyond 14, touched within 3, pierced beyond by 2, away from 4 on.
MARKS = replace(marks_at(STRIKE), move_open=40.0, key_strikes={"call_wall": STRIKE})
PUT_WALL = replace(MARKS, key_strikes={"put_wall": STRIKE})
NO_WALL = replace(MARKS, key_strikes={})


def told(offsets, marks=MARKS, start_ms=SESSION.open_ms + STEP_MS):
    """Keys and directions of the phases that are told at once, for spots so far from the strike."""
    ticks = ticks_of([STRIKE + one for one in offsets], start_ms=start_ms)
    seen = drive(DETECTOR, ticks, marks, thresholds=RULES)
    return [(one.sighting.key, one.sighting.direction) for one in seen if one.sighting.is_pulse]


def last(offsets, marks=MARKS):
    """Memory after, and key → what is sighted at, the last of some spots."""
    ticks = ticks_of([STRIKE + one for one in offsets])
    *_, (_, memory, said) = answers(DETECTOR, moments(ticks, marks, thresholds=RULES))
    return memory, said if said is None else {one.key: one for one in said}


def test_it_is_approached_within_one_band_and_left_beyond_another():
    """0.25 expected moves to begin, 0.35 to end; in between nothing changes."""
    assert last([-20])[1] == {}
    assert last([-11])[1] == {}
    near = last([-20, -9])[1]["call_wall:6000"]
    assert near.magnitude >= near.enter
    assert near.title == "Spot nears the call wall at 6,000"
    between = last([-20, -9, -12])[1]["call_wall:6000"]
    assert between.leave <= between.magnitude < between.enter
    beyond = last([-20, -9, -15])[1]["call_wall:6000"]
    assert beyond.magnitude < beyond.leave
    assert last([-20, -9, -15])[0].watched == ()
    assert near.dwell == 3


@pytest.mark.parametrize(("marks", "side", "direction"), [(MARKS, -1, "up"), (PUT_WALL, 1, "down")])
def test_five_basis_points_are_a_touch(marks, side, direction):
    """Told once, as a test from the side that spot came from."""
    [name] = marks.key_strikes
    assert told([side * 20, side * 3.1], marks) == []
    assert told([side * 20, side * 2.9, side * 2.9, side * 1], marks) == [(f"{name}:6000:touched", direction)]


def test_a_leap_across_is_a_touch():
    """Two spots on either side, neither within five basis points."""
    assert told([-20, -9, 8]) == [("call_wall:6000:touched", "up")]


def leaps(way, gap_ms=STEP_MS, before=MARKS, after=NO_WALL):
    """Keys and directions of the phases, where the strikes are others from the leap on."""
    memory, keys = DETECTOR.memory(), []
    from_afar, beyond = way[0], way[1:]
    ticks = ticks_of([STRIKE + from_afar] * 3)
    ticks += ticks_of([STRIKE + one for one in beyond], start_ms=ticks[-1].ts + gap_ms)
    for n in range(len(ticks)):
        *_, moment = moments(ticks[: n + 1], before if n < 3 else after, thresholds=RULES)
        memory, said = DETECTOR.watch(memory, moment)
        keys += [(one.key, one.direction) for one in said or () if one.is_pulse]
    return memory, keys


@pytest.mark.parametrize(("marks", "side", "direction"), [(MARKS, -1, "up"), (PUT_WALL, 1, "down")])
def test_a_strike_that_spot_leaps_over_from_afar_is_tested_and_broken(marks, side, direction):
    """Neither tick is near it and beyond it is no wall: it is tested under the name it had, and broken ten minutes later."""
    [name] = marks.key_strikes
    memory, told_of = leaps([side * 20, *[-side * 20] * (10 * MINUTE)], before=marks)
    assert told_of == [(f"{name}:6000:touched", direction)]
    assert memory.watched[0].strike == STRIKE
    _, told_of = leaps([side * 20, *[-side * 20] * (10 * MINUTE + 2)], before=marks)
    assert told_of == [(f"{name}:6000:touched", direction), (f"{name}:6000:broken", direction)]


def test_a_leap_over_a_gap_is_a_test_too():
    """However long no tick came: spot was below it and is above it."""
    assert leaps([-20, 20], gap_ms=90 * 60_000)[1] == [("call_wall:6000:touched", "up")]


def test_a_leap_is_over_what_was_a_key_strike_before_it():
    """Neither a strike that becomes one with the leap, nor one of another day, nor one that spot only came nearer to."""
    assert leaps([-20, 20], before=NO_WALL, after=MARKS)[1] == []
    assert leaps([-30, -15])[1] == []
    memory, _ = last([-20])
    [moment] = moments(ticks_of([STRIKE + 20]), NO_WALL, thresholds=RULES)
    assert DETECTOR.watch(replace(memory, day="2026-11-20"), moment)[1] == ()
    assert [one.key for one in DETECTOR.watch(memory, moment)[1] if one.is_pulse] == [
        "call_wall:6000:touched"
    ]


def test_a_leap_onto_a_strike_is_a_test():
    """Beyond nothing yet, and no wall any more by its definition."""
    assert leaps([-20, 0])[1] == [("call_wall:6000:touched", "up")]


def test_of_two_names_of_a_strike_that_was_leapt_over_the_first_is_told():
    """One strike is tested once, and one that stands near under another name goes on under the name that it had."""
    both = replace(MARKS, key_strikes={"max_pain": STRIKE, "call_wall": STRIKE})
    assert leaps([-20, 20], before=both)[1] == [("call_wall:6000:touched", "up")]
    assert leaps([-20, 8], after=PUT_WALL)[1] == [("call_wall:6000:touched", "up")]


def test_a_second_test_is_counted_and_told_an_hour_later():
    """A touch counts after spot was away by 0.1 expected moves, and is told again no sooner than an hour later."""
    memory, said = last([-20, -2, -3.5, -2])
    assert memory.watched[0].tests == 1
    memory, said = last([-20, -2, -5, -2])
    assert memory.watched[0].tests == 2
    assert said["call_wall:6000"].evidence["tests"].value == 2
    again = [-20, -2, *[-5] * (61 * MINUTE), -2]
    assert told(again) == [
        ("call_wall:6000:touched", "up"),
        ("call_wall:6000:held", "up"),
        ("call_wall:6000:touched", "up"),
    ]


@pytest.mark.parametrize(("marks", "side", "direction"), [(MARKS, -1, "up"), (PUT_WALL, 1, "down")])
def test_ten_minutes_beyond_are_a_break(marks, side, direction):
    """Touched, pierced, and beyond for ten minutes: broken, once, in that direction."""
    [name] = marks.key_strikes
    path = [side * 20, side * 2, *[-side * 3] * (10 * MINUTE - 1)]
    assert told(path, marks) == [(f"{name}:6000:touched", direction)]
    assert told([*path, -side * 3, -side * 3], marks)[-1] == (f"{name}:6000:broken", direction)
    assert len(told([*path, *[-side * 3] * 30], marks)) == 2


def test_piercing_alone_is_no_break():
    """Eight minutes beyond within ten are not enough; nor are ten that never were clearly beyond."""
    pierced = [-20, -2, *[3] * (8 * MINUTE), *[-1] * (2 * MINUTE), *[3] * (8 * MINUTE)]
    assert [key for key, _ in told(pierced)] == ["call_wall:6000:touched"]
    assert [key for key, _ in told([-20, -2, *[1.5] * (30 * MINUTE)])] == ["call_wall:6000:touched"]
    nine_of_ten = [-20, -2, 3, *([3] * 9 + [-1]) * 6, 3]
    assert [key for key, _ in told(nine_of_ten)][-1] == "call_wall:6000:broken"


def test_an_hour_without_a_break_is_a_hold():
    """It is told when an hour has passed since the touch, and spot is on the side it came from."""
    path = [-20, -2, *[-6] * (60 * MINUTE - 1)]
    assert [key for key, _ in told(path)] == ["call_wall:6000:touched"]
    assert told([*path, -6])[-1] == ("call_wall:6000:held", "up")
    assert told([*path, 1, 1])[-1] == ("call_wall:6000:touched", "up")


def test_far_away_a_test_runs_on():
    """A strike that was touched is followed to its hold, even when spot has left it."""
    away = [-20, -2, *[-30] * (60 * MINUTE)]
    assert [key for key, _ in told(away)] == ["call_wall:6000:touched", "call_wall:6000:held"]
    assert last(away)[0].watched == ()


def test_a_test_in_the_last_hour_is_cut_short():
    """At the close there is neither a hold nor anything that lasts."""
    path = [-20, -9, -2, *[-6] * (70 * MINUTE)]
    late_ms = SESSION.close_ms - 40 * 60_000
    ticks = ticks_of([STRIKE + one for one in path], start_ms=late_ms)
    inside = [one for one in ticks if one.ts < SESSION.close_ms]
    assert {one.sighting.key for one in drive(DETECTOR, inside, MARKS, thresholds=RULES)} == {
        "call_wall:6000",
        "call_wall:6000:touched",
    }


def test_a_wall_that_is_crossed_keeps_its_name():
    """Beyond it the chain has another call wall; the test of the old one goes on to its break."""
    before, after = MARKS, replace(MARKS, key_strikes={"call_wall": STRIKE + 25, "put_wall": STRIKE})
    memory, said = DETECTOR.memory(), ()
    keys = []
    for n, one in enumerate([-20, -2, *[3] * (11 * MINUTE)]):
        marks = before if one < 0 else after
        *_, moment = moments(ticks_of([STRIKE + 3] * n + [STRIKE + one]), marks, thresholds=RULES)
        memory, said = DETECTOR.watch(memory, moment)
        keys += [one.key for one in said]
    assert "call_wall:6000:broken" in keys
    assert not [key for key in keys if key.startswith("put_wall")]


def test_a_strike_with_two_names_is_told_by_the_first():
    """The call wall is often the heaviest strike, too."""
    both = replace(MARKS, key_strikes={"max_pain": STRIKE, "heaviest": STRIKE, "call_wall": STRIKE})
    assert set(last([-20, -5], both)[1]) == {"call_wall:6000"}


def test_a_broken_strike_is_tested_from_the_other_side():
    """Only after spot was away from it on its new side, and told only when the last touch is an hour ago."""
    broken = [-20, -2, *[5] * (11 * MINUTE)]
    memory, _ = last([*broken, 1])
    assert (memory.watched[0].side, memory.watched[0].tests) == ("above", 1)
    assert told([*broken, *[8] * (50 * MINUTE), 1])[-1] == ("call_wall:6000:touched", "down")


def test_few_spots_break_nothing():
    """A gap within the ten minutes leaves too few spots to say so."""
    ticks = ticks_of([STRIKE + one for one in [-20, -2, *[3] * (10 * MINUTE + 5)]])
    gappy = ticks[:10] + ticks[40:]
    seen = drive(DETECTOR, gappy, MARKS, thresholds=RULES)
    assert not [one for one in seen if one.sighting.key.endswith("broken")]


def test_first_seen_at_the_strike_its_name_tells_the_side():
    """Without a spot that was apart from it, a put wall is tested from above and all others from below."""
    assert told([0]) == [("call_wall:6000:touched", "up")]
    assert told([0], PUT_WALL) == [("put_wall:6000:touched", "down")]


def test_without_a_measure_nothing_is_judged():
    """No expected move, or no price: nothing is said, and the strikes that are followed stay."""
    memory, _ = last([-20, -5])
    [moment] = moments(ticks_of([STRIKE]), replace(MARKS, move_open=None), thresholds=RULES)
    assert DETECTOR.watch(memory, moment) == (memory, None)
    [moment] = moments(ticks_of([float("nan")]), MARKS, thresholds=RULES)
    assert DETECTOR.watch(memory, moment) == (memory, None)


def test_outside_the_session_nothing_lasts_and_a_new_day_begins_anew():
    """Tests end with their session: they are cut short."""
    memory, _ = last([-20, -2])
    [moment] = moments(ticks_of([STRIKE], start_ms=SESSION.open_ms - STEP_MS), MARKS, thresholds=RULES)
    assert DETECTOR.watch(memory, moment)[1] == ()
    [moment] = moments(ticks_of([STRIKE - 50]), MARKS, thresholds=RULES)
    assert DETECTOR.watch(replace(memory, day="2026-11-20"), moment)[0].watched == ()


def test_no_more_than_twelve_strikes_are_followed():
    """However many there are within reach."""
    many = replace(MARKS, key_strikes={f"level_{n}": STRIKE + n / 10 for n in range(40)})
    assert len(last([-5], many)[0].watched) == 12


def test_the_bands_lie_apart():
    """`leave` must be beyond `approach`."""
    with pytest.raises(ValidationError, match="it must be more than approach"):
        Thresholds(leave=0.2)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("put_wall", "Spot nears the put wall at 6,000"),
        ("heaviest", "Spot nears the heaviest strike at 6,000"),
        ("max_pain", "Spot nears max pain at 6,000"),
    ],
)
def test_each_kind_of_strike_is_called_by_its_name(name, title):
    """In words that one would say."""
    _, said = last([-20, -8], replace(MARKS, key_strikes={name: STRIKE}))
    assert said[f"{name}:6000"].title == title


def test_what_was_tested_is_not_told_to_be_near_afterwards():
    """A leap to the strike is a test; in that visit no approach begins, one that runs goes on, and the next visit is a new one."""
    tested = last([-20, -2, -6])[1]["call_wall:6000"]
    assert tested.leave <= tested.magnitude < tested.enter
    again = last([-20, -2, -15, -9])[1]["call_wall:6000"]
    assert again.magnitude >= again.enter
