"""One evaluation: what it is given of the chain, and what it reports. Races and deaths are in tests/flow."""

import json

import pytest
from structlog.testing import capture_logs

from marketswarm.maths.calendar import us_options_calendar
from marketswarm.model.event import Event
from marketswarm.vigil.engine import Engine
from marketswarm.vigil.watch import EvaluationReport
from marketswarm.vigil_joint import VigilJoint
from tests.support.vigil_rig import COUNTING, SLOT, VigilRig, counting_engine, settings


@pytest.fixture
def rig(redis, store, clock, commit) -> VigilRig:
    """A server with a live chain."""
    made = VigilRig(redis, store, clock, commit)
    made.load()
    return made


def test_a_report_is_plain_json(rig):
    """Whatever happened."""
    rig.tick()

    for report in (rig.evaluate(), rig.evaluate(), EvaluationReport("SPX", overtaken=3)):
        assert json.loads(json.dumps(report.as_json())) == report.as_json()


def test_the_picture_is_of_the_newest_tick(rig):
    """Its spot, and its time: no clock is asked, so that the same input gives the same levels."""
    pictures = []
    picture_of = rig.watch._picture_of

    def watched(columns, is_open, carry):
        pictures.append((columns.now_ms, columns.spot, columns.size, is_open))
        return picture_of(columns, is_open, carry)

    rig.watch._picture_of = watched
    rig.tick(6799.0)
    rig.tick(6801.0)
    rig.clock.advance(40)
    rig.evaluate()

    assert pictures == [(SLOT + 10_000, 6801.0, 82, True)]


def test_nothing_is_computed_while_nothing_waits(rig):
    """Nor is the chain read."""
    rig.watch._picture_of = None
    rig.watch._store.chain_in_force = None

    assert rig.evaluate() == EvaluationReport("SPX")


def test_an_event_is_told_as_its_model_says(rig):
    """What stands in the stream is read back by it; unknown fields are left out, not null."""
    rig.tick()
    rig.evaluate()
    [(_, fields)] = rig.redis.xrange("vigil:events")

    assert Event.model_validate_json(fields[b"event"]).symbol == "SPX"
    assert b"null" not in fields[b"event"]


def leave(redis, *strikes):
    """Take all contracts but those of these strikes out of the stored chain."""
    stored = redis.hgetall("chain:SPX:2026-11-23")
    gone = [name for name, text in stored.items() if json.loads(text)["strike"] not in strikes]
    redis.hdel("chain:SPX:2026-11-23", *gone)


def test_a_chain_that_states_no_forward_keeps_its_carry(rig, redis):
    """Two strikes are too few for parity: the forward is as far from spot as when the quotes last stated one."""
    rig.tick(6800.0)
    rig.evaluate()
    leave(redis, 6800, 6805)
    rig.tick(6799.0)
    rig.evaluate()
    rig.tick(6798.0)
    rig.evaluate()

    assert rig.levels()["forward"]["value"] == pytest.approx(6798 * 6803 / 6800, rel=1e-9)


def test_a_carry_of_another_chain_is_not_taken(rig, redis):
    """What was never stated follows from the rate."""
    rig.tick(6800.0)
    rig.evaluate()
    redis.set("vigil:state:SPX", redis.get("vigil:state:SPX").replace(b"2026-11-23", b"2026-11-20"))
    leave(redis, 6800, 6805)
    rig.tick(6802.0)
    rig.evaluate()

    assert rig.levels()["forward"]["value"] == pytest.approx(6802, abs=1.0)


def test_open_interest_has_the_day_of_the_load(rig):
    """It is counted once a day, before the open."""
    rig.tick()
    rig.evaluate()

    assert rig.levels()["max_pain"]["open_interest_date"] == "2026-11-23"


def test_a_chain_that_is_not_live_is_published_with_its_state(rig, redis):
    """The levels are there; the state says what they are worth."""
    redis.hset("chainmeta:SPX:2026-11-23", "state", "stale")
    rig.tick()
    rig.evaluate()

    assert rig.levels()["quality"]["chain_state"] == "stale"


def test_contracts_of_anybody_are_no_obstacle(rig, redis):
    """What cannot be read is left out of the columns, and said so in the report and beside the levels."""
    redis.hset("chain:SPX:2026-11-23", mapping={"O:X": b"\xff", "O:Y": b"{}", "O:Z": b"[]"})
    rig.tick()

    report = rig.evaluate()
    assert (report.judged, report.notes[0]) == (1, "3 contracts could not be read")
    assert "value" in rig.levels()["net_gamma"]
    assert rig.levels()["quality"]["value"]["unreadable"] == 3
    assert rig.levels()["quality"]["note"] == "3 contracts could not be read"


def test_a_detector_that_fails_is_reported_and_logged(rig):
    """By its name, in the report, beside the levels, and in the log with the way to its error; ticks are judged."""

    def fail(memory, moment):
        raise ValueError("no such strike")

    engine = counting_engine()
    bad = COUNTING._replace(name="bad", watch=fail)
    rig.watch._engine = Engine((bad, *engine.detectors), {"bad": None, **engine.thresholds})
    rig.tick(steps=2)
    with capture_logs() as lines:
        report = rig.evaluate()

    assert (report.judged, report.failed) == (2, ("bad",))
    assert "bad failed at 2 ticks, begun anew: ValueError: no such strike" in report.notes[-1]
    assert "bad failed" in rig.levels()["quality"]["note"]
    assert len(rig.judged()) == 2
    [line] = lines
    assert (line["event"], line["log_level"], line["detector"], line["symbol"]) == (
        "failed",
        "error",
        "bad",
        "SPX",
    )
    assert isinstance(line["exc_info"], ValueError)


def test_levels_that_cannot_be_computed_stop_no_spots(rig):
    """A fault of ours in one of them: each level is absent because of it, and what looks at spots goes on."""

    def fail(columns, is_open, carry):
        raise IndexError("out of bounds")

    rig.watch._picture_of = fail
    rig.tick()
    report = rig.evaluate()

    assert (report.judged, report.failed) == (1, ("levels",))
    assert rig.levels()["net_gamma"]["absent"] == "failed"
    assert rig.levels()["spot"]["value"] == 6800.0
    assert len(rig.judged()) == 1


def test_delayed_quotes_are_judged_and_marked(rig, redis):
    """A quarter of an hour behind, the chain is as good as it can be; without the mark its feed would have stood still."""
    rig.clock.advance(890)
    rig.tick()
    rig.evaluate()
    assert rig.levels()["quality"]["degraded"] == "no-fresh-quotes"

    redis.hset("chainmeta:SPX:2026-11-23", "delayed", 1)
    rig.tick()
    rig.evaluate()
    quality = rig.levels()["quality"]
    assert "degraded" not in quality
    assert quality["delayed"] is True
    assert quality["value"]["quoted_ms"] == SLOT


def test_a_market_around_the_clock_is_realised_on_a_weekend(redis, clock, rig):
    """Its session is the day as it was seen, not the exchange's next one, which has not begun."""
    clock.advance(5 * 86_400)  # Saturday
    joint = VigilJoint(settings(MARKETSWARM_SESSION="always"), redis, clock, "test", us_options_calendar())
    for at in range(33):
        rig.tick(6_800.0 + at % 2)
    joint.watch.evaluate("SPX")
    for at in range(33):
        rig.tick(6_800.0 + at % 2)
    joint.watch.evaluate("SPX")

    realised = json.loads(redis.hget("vigil:levels:SPX", "realised"))
    assert realised["value"]["returns"] >= 30
