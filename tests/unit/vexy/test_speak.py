"""One time that Vexy speaks: what it reports. Races and deaths are in tests/flow."""

import json

import pytest
from structlog.testing import capture_logs

from marketswarm.vexy import speak
from marketswarm.vexy.speak import SpeechReport
from tests.support.vexy_rig import VexyRig


@pytest.fixture
def rig(redis, clock) -> VexyRig:
    """A server with a tick."""
    made = VexyRig(redis, clock)
    made.tick()
    return made


def test_a_report_is_plain_json(rig):
    """Whatever happened."""
    rig.tell("regime")
    rig.put("poison")
    for report in (rig.speak(), rig.phases(), rig.speak(), SpeechReport(overtaken=5)):
        assert json.loads(json.dumps(report.as_json())) == report.as_json()


def test_all_that_waits_is_heard_in_one_call(rig):
    """However many parts that takes; the report is of all of them."""
    for number in range(250):
        rig.tell("drift", key=f"{number}", severity=50)
    report = rig.speak()

    assert report.heard == 250
    assert report.counts["heard"] == 250
    assert len(report.messages) == 6
    assert rig.group() == (rig.newest(), 0)


def test_poison_is_logged_with_its_reason(rig):
    """One line an entry."""
    entry = rig.put("poison")
    with capture_logs() as lines:
        rig.speak()
    assert [(line["entry"], line["log_level"]) for line in lines] == [(entry, "warning")]
    assert lines[0]["why"]


def test_whoever_is_always_overtaken_gives_up_for_now(rig, redis, monkeypatch):
    """Somebody else does the work; what is left waits for the next call."""
    monkeypatch.setattr(speak, "_ATTEMPTS", 2)
    rig.tell("regime")
    commit = rig.speaker._store.commit

    def beaten(outcome):
        redis.set("vexy:state", f"of another {redis.incr('turn')}")
        return commit(outcome)

    rig.speaker._store.commit = beaten
    assert rig.speak().overtaken == 2
    assert rig.messages() == []


def test_a_phase_hears_first(rig):
    """What is new is told before the phase speaks."""
    rig.clock.advance(5 * 3_600)
    rig.tick()
    event = rig.tell("regime")
    rig.phases()

    assert rig.messages()[0].refs == (event.id,)
    assert [one.kind for one in rig.messages()][:2] == ["event", "epoch"]


def test_events_of_one_tick_are_waited_for(rig, redis):
    """SPY's evaluation of the same tick is through a moment later: both are told in one sentence."""
    rig.clock.advance(10)
    rig.publish("SPX", 6800)
    rig.tell("regime", symbol="SPX")
    looked = rig.speaker._store.judged

    def late(symbols):
        before = looked(symbols)
        if redis.xlen("vigil:events") == 1:
            rig.tell("regime", symbol="SPY")
            rig.publish("SPY", 600)
        return before

    rig.speaker._store.judged = late
    rig.speak()

    assert [one.symbols for one in rig.messages()] == [("SPX", "SPY")]


def test_nobody_waits_long_for_an_evaluation(rig):
    """A tenth of a second at most, and not for a symbol that was not judged before either."""
    rig.clock.advance(10)
    rig.publish("SPX", 6800)
    rig.tell("regime", symbol="SPX")
    began = rig.clock.now_ms()
    rig.speak()
    assert len(rig.messages()) == 1
    assert rig.clock.now_ms() - began == 100

    rig.clock.advance(60)
    rig.publish("SPX", 6800)
    rig.tell("drift", symbol="SPX")
    began = rig.clock.now_ms()
    rig.speak()
    assert rig.clock.now_ms() == began
