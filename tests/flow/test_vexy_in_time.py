"""Vexy as time passes: budgets and digests, bad data, what comes too late, and the phases of a session."""

from datetime import datetime

import pytest

from marketswarm.clock import ManualClock
from marketswarm.maths.calendar import NEW_YORK
from tests.support.vexy_rig import VexyRig, example, fact


def moment(text):
    """A moment of New York, in ms."""
    return int(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).timestamp()) * 1000


@pytest.fixture
def at(redis):
    """A rig whose clock stands at a moment of New York, with a tick and its levels."""

    def at(text, **more):
        rig = VexyRig(redis, ManualClock(moment(text)), **more)
        rig.tick()
        return rig

    return at


@pytest.fixture
def rig(at):
    """In the middle of a session."""
    return at("2026-11-23T10:00:00")


def kinds(rig):
    """The kinds of all messages."""
    return [one.kind for one in rig.messages()]


# -- budget -------------------------------------------------------------------


def test_the_same_again_waits_for_its_cooldown(rig):
    """Within three minutes a notice is counted, not told; then it is."""
    for _ in range(3):
        rig.tell("drift", severity=50)
        rig.speak()
        rig.pass_time(90)

    assert kinds(rig) == ["event", "event"]
    assert rig.state()["counts"]["kept_back"] == 1


def test_what_is_beyond_the_budget_becomes_a_digest(rig):
    """Six in a minute; of nine the three that are worth least are counted, and told ten minutes later in one sentence."""
    for number in range(9):
        rig.tell("drift", key=f"{number}", severity=41 + number)
    rig.speak()
    assert len(rig.messages()) == 6
    assert {one.severity for one in rig.messages()} == {44, 45, 46, 47, 48, 49}

    rig.pass_time(590, speaks=True)
    assert len(rig.messages()) == 6
    rig.pass_time(10, speaks=True)
    digest = rig.messages()[-1]
    assert digest.kind == "digest"
    assert "3" in {one.text for one in digest.facts} or "3 drifts" in digest.texts["initiated"]
    rig.pass_time(700, speaks=True)
    assert kinds(rig).count("digest") == 1


def test_what_is_critical_is_always_told(rig):
    """However much was said."""
    for number in range(12):
        rig.tell("spot_jump", key=f"{number}", severity=90)
    rig.speak()

    assert len(rig.messages()) == 12


def test_ends_of_what_was_told_are_always_told(rig):
    """They take a message away rather than add one."""
    begun = [rig.tell("pin_risk", key=f"{number}", severity=50) for number in range(6)]
    rig.speak()
    for event in begun:
        rig.end(event, evidence=dict(event.evidence) | {"lasted": fact(10, "seconds")})
    rig.speak()

    assert len(rig.messages()) == 12
    assert [one.supersedes for one in rig.messages()[6:]] == [one.id for one in rig.messages()[:6]]


def test_another_symbol_has_a_budget_of_its_own(rig):
    """A flood of one silences no other."""
    for number in range(9):
        rig.tell("drift", key=f"{number}", severity=50)
    rig.tell("wall_moved", symbol="SPY")
    rig.speak()

    assert rig.messages()[-1].symbols == ("SPY",)


def test_marks_change_although_nothing_is_told(rig):
    """A wall that moved without a message stands where it is now; the next message brings it along."""
    for number in range(6):
        rig.tell("drift", key=f"{number}", severity=90)
    rig.speak()
    rig.tell("wall_moved", severity=50)
    rig.speak()

    assert len(rig.messages()) == 6
    assert rig.marks()["SPX/ladder/wall/call"]["target"]["strike"] == 6890
    rig.tell("spot_jump", severity=90)
    rig.speak()
    assert "SPX/ladder/wall/call" in {one.id for one in rig.messages()[-1].annotations}


def test_marks_go_when_their_time_is_up(rig):
    """A pulse is gone after a minute, and nobody says so."""
    rig.tell("key_strike")
    rig.speak()
    assert len(rig.marks()) == 2
    rig.pass_time(60, speaks=True)

    assert rig.marks() == {}
    assert len(rig.messages()) == 1


# -- bad data -------------------------------------------------------------------


def test_bad_data_is_said_once_and_then_there_is_silence(rig):
    """Why, once; nothing while it lasts; when it is over; and what happened meanwhile in a digest."""
    begun = rig.tell("data_quality")
    rig.speak()
    rig.tell("data_quality", state="update", severity=85, episode=begun.episode)
    for number in range(3):
        rig.tell("regime", key=f"{number}", severity=90)
    rig.speak()

    (notice,) = rig.messages()
    assert notice.kind == "system"
    assert {"SPX/feed/quality", "SPX/ladder/quality"} <= set(rig.marks())
    rig.pass_time(60)
    rig.end(begun)
    rig.speak()
    assert kinds(rig) == ["system", "system"]
    assert rig.messages()[1].supersedes == notice.id
    assert rig.marks("SPX").keys() & {"SPX/feed/quality", "SPX/ladder/quality"} == set()
    rig.pass_time(700, speaks=True)
    assert kinds(rig) == ["system", "system", "digest"]


def test_bad_data_of_one_symbol_silences_no_other(rig):
    """Each has its own."""
    rig.tell("data_quality")
    rig.tell("regime", symbol="SPY")
    rig.speak()

    assert [(one.kind, one.symbols) for one in rig.messages()] == [("system", ("SPX",)), ("event", ("SPY",))]


def test_a_lag_is_no_silence(rig):
    """Some ticks were judged late; the next ones are good."""
    rig.tell("data_quality", key="lag", evidence={"judged": fact(30, "ticks"), "skipped": fact(12, "ticks")})
    rig.tell("regime")
    rig.speak()

    assert len(rig.messages()) == 2


def test_levels_that_nobody_computes_are_said(rig):
    """No event tells that nobody judges: Vexy sees it herself, says it once, and says when it is over."""
    rig.speak()
    rig.pass_time(60, is_judged=False, speaks=True)
    assert rig.messages() == []
    rig.pass_time(60, is_judged=False, speaks=True)

    (first, other) = rig.messages()
    assert {first.kind, other.kind} == {"system"}
    assert {first.symbols, other.symbols} == {("SPX",), ("SPY",)}
    assert "SPX/feed/quality" in rig.marks()
    rig.tell("regime")
    rig.speak()
    assert len(rig.messages()) == 2

    rig.pass_time(120, speaks=True)
    again = [one for one in rig.messages()[2:] if one.symbols == ("SPX",) and one.kind == "system"]
    assert [one.supersedes for one in again] == [first.id if first.symbols == ("SPX",) else other.id]
    assert rig.marks() == {} or "SPX/feed/quality" not in rig.marks()


def test_a_silence_whose_end_was_lost_ends_by_itself(rig):
    """Levels are good for a minute: she speaks again."""
    rig.tell("data_quality")
    rig.speak()
    for _ in range(12):
        rig.clock.advance(10)
        rig.tick(degraded="low-coverage")
        rig.speak()
    assert len(rig.messages()) == 1
    rig.pass_time(60, speaks=True)
    assert len(rig.messages()) == 1
    rig.pass_time(20, speaks=True)
    assert kinds(rig) == ["system", "system"]


# -- what comes too late --------------------------------------------------------


def test_the_first_start_does_not_tell_of_the_past(rig):
    """What is older than five minutes is heard, counted and marked, said to be passed over, and told in a digest."""
    wall = {"to": fact(6850.0)}  # where the levels know it
    old = [
        rig.tell("regime", ts=rig.now - 3_600_000),
        rig.tell("wall_moved", ts=rig.now - 3_000_000, evidence=wall),
    ]
    new = rig.tell("drift", ts=rig.now - 290_000)
    report = rig.speak()

    assert report.counts["passed_over"] == 2
    assert any("not told one by one" in note for note in report.notes)
    assert rig.refs() == [new.id]
    assert sorted(kinds(rig)) == ["digest", "event", "system"]
    digest = next(one for one in rig.messages() if one.kind == "digest")
    assert set(digest.refs) == {event.id for event in old}
    assert "SPX/ladder/wall/call" in rig.marks()
    assert rig.speak().messages == ()


def test_an_hour_of_silence_is_caught_up_with(rig):
    """The same after a while in which nobody spoke: no flood."""
    rig.tell("regime")
    rig.speak()
    for _ in range(60):
        rig.pass_time(60)
        rig.tell("drift", severity=70)
    rig.speak()

    assert len([one for one in rig.messages() if one.kind == "event"]) <= 1 + 6
    assert kinds(rig).count("digest") == 1
    assert rig.group() == (rig.newest(), 0)


# -- phases -----------------------------------------------------------------------


def day_of(rig, until, *, step=30):
    """Live until a moment of New York, looking at the phase now and then; what each phase said, by symbol."""
    while rig.clock.now_ms() < moment(until):
        rig.clock.advance(step)
        rig.tick(6800 + (rig.clock.now_ms() // 10_000 % 40))
        rig.phases()
    return [(one.epoch, one.symbols[0]) for one in rig.messages() if one.kind == "epoch"]


def test_each_phase_is_told_once_a_session(at):
    """A full day: every phase that has a message says it once for each symbol, in order."""
    rig = at("2026-11-23T07:59:00", symbols="SPX")
    told = [epoch for epoch, _ in day_of(rig, "2026-11-23T16:40:00")]

    assert len(told) == len(set(told))
    assert told == [
        one
        for one in (
            "premarket", "pre_open", "open", "opening_range", "morning", "lunch", "afternoon", "power_hour", "closing",
            "settlement", "postmarket",
        )
        if one in told
    ]  # fmt: skip
    assert {"premarket", "open", "opening_range", "power_hour", "settlement", "postmarket"} <= set(told)


def test_a_half_day_is_shorter(at):
    """Its last hour begins at noon, and nobody has lunch."""
    rig = at("2026-11-27T11:50:00", symbols="SPX")
    told = day_of(rig, "2026-11-27T13:20:00")

    assert ("power_hour", "SPX") in told
    assert ("lunch", "SPX") not in told
    power = next(one for one in rig.messages() if one.epoch == "power_hour" and one.kind == "epoch")
    assert power.ts == moment("2026-11-27T12:00:00")


def test_workers_that_race_tell_a_phase_once(at, redis, clock):
    """Asking again says nothing, whoever asks, also after a new start."""
    rig = at("2026-11-23T15:00:00")
    rig.phases()
    rig.phases()
    VexyRig(redis, rig.clock).phases()

    told = [one.symbols for one in rig.messages() if one.kind == "epoch"]
    assert sorted(told) == [("SPX",), ("SPY",)]


def test_a_phase_waits_for_good_data(at):
    """While levels are bad the report says why it waits; once they are good it is told, in the same phase."""
    rig = at("2026-11-23T15:00:00", symbols="SPX")
    rig.tick(degraded="low-coverage")
    assert [one.why for one in rig.phases().waiting] == ["low-coverage"]
    assert rig.messages() == []

    rig.pass_time(30)
    assert rig.phases().waiting == ()
    assert [one.epoch for one in rig.messages() if one.kind == "epoch"] == ["power_hour"]


def test_a_phase_that_was_missed_is_over(at):
    """At the next phase nobody tells of the last one."""
    rig = at("2026-11-23T14:59:00", symbols="SPX")
    rig.clock.advance(120)
    rig.tick()
    rig.phases()

    assert "afternoon" not in {one.epoch for one in rig.messages()}


def test_a_phase_speaks_of_what_is_judged(at):
    """Its first tick must be judged: before that its numbers are those of the phase before."""
    rig = at("2026-11-23T14:59:50", symbols="SPX")
    rig.clock.advance(10)
    assert [one.why for one in rig.phases().waiting] == ["not judged yet"]
    rig.tick()
    assert rig.phases().messages != ()


def test_before_the_open_of_a_market_that_never_closes(at):
    """On a weekend the brief for the session to come is told at once, and once."""
    rig = at("2026-11-21T12:00:00", symbols="SPX", session="always")
    rig.phases()
    rig.pass_time(3_600)
    rig.phases()

    assert [one.epoch for one in rig.messages() if one.kind == "epoch"] == ["premarket"]


def test_the_expected_move_is_drawn_once_it_is_fixed(at):
    """A band around the open, until the close."""
    rig = at("2026-11-23T09:30:00", symbols="SPX")
    rig.pass_time(900)
    rig.phases()
    band = rig.marks()["SPX/spot/expected_move/band"]

    assert (band["target"]["low"], band["target"]["high"]) == (6740, 6860)
    assert band["until_ts"] == moment("2026-11-23T16:00:00")


def test_a_replay_of_the_same_day_says_the_same(at, redis):
    """By the clock of the settings: bytes are equal, whatever the machine's clock is."""
    said = []
    for _ in range(2):
        redis.flushall()
        rig = at("2026-11-23T14:50:00", symbols="SPX")
        rig.put(example("flip_cross", ts=rig.now).model_dump_json(exclude_none=True))
        day_of(rig, "2026-11-23T15:05:00")
        said.append([fields[b"message"] for _, fields in redis.xrange("vexy:messages")])

    assert said[0]
    assert said[0] == said[1]
