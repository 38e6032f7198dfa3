"""A script divides time where its phases begin."""

from datetime import date

from marketswarm.maths.calendar import us_options_calendar
from marketswarm.simulator.hours import Hours
from marketswarm.simulator.scenarios.catalogue import scenario_named
from marketswarm.simulator.scenarios.course import USUAL, Course, Phase
from marketswarm.simulator.scenarios.script import Script, script_of
from tests.support.simulated_market import new_york_ms

WILD, MILD = Course(variance=5.0), Course(variance=0.5)
SCRIPT = Script((Phase(at_s=10.0, course=WILD), Phase(at_s=20.0, course=MILD)), ())
HOURS = Hours(us_options_calendar(), "calendar")


def test_a_stretch_ends_where_a_phase_begins():
    """Each part of a span has one course, phases begin at their own moment, and no second is lost or doubled."""
    parts = list(SCRIPT.stretches(5.0, 20.0))
    assert [(part.seconds, part.course) for part in parts] == [(5.0, USUAL), (10.0, WILD), (5.0, MILD)]
    assert [part.begins for part in parts] == [*SCRIPT.phases, None]


def test_a_phase_begins_once():
    """A span that ends at a phase's moment begins it, the next one does not."""
    assert [part.begins for part in SCRIPT.stretches(0.0, 10.0)] == [SCRIPT.phases[0]]
    assert [part.begins for part in SCRIPT.stretches(10.0, 5.0)] == [None]
    assert list(SCRIPT.stretches(10.0, 0.0)) == []


def test_no_phases_is_the_usual():
    """Without phases every span is one usual stretch, and nothing holds from the beginning."""
    script = Script((), ())
    assert [(part.seconds, part.course) for part in script.stretches(3.0, 4.0)] == [(4.0, USUAL)]
    assert script.opening() is None


def test_labels_come_in_order_and_name_what_the_calendar_brings():
    """On a Wednesday before a holiday the next expiration is Friday's, and the close counts from the start."""
    script = script_of(scenario_named("roll"), 1, HOURS, new_york_ms("2026-11-25 15:30"), {})
    assert [(label.kind, label.at_s) for label in script.labels] == [
        *(("close", 1800.0), ("settlement", 1800.0), ("listing", 1800.0)),
    ]  # fmt: skip
    assert f"{date(2026, 11, 27)}" in script.labels[1].text


def test_a_pin_names_its_strikes():
    """The label of a pin holds the strike of every symbol."""
    script = script_of(scenario_named("pin"), 1, HOURS, new_york_ms("2026-11-23 09:30"), {"SPX": 6800.0})
    assert script.labels[0].strikes == {"SPX": 6800.0}
    assert script.opening() is script.phases[0]


def test_a_lead_moves_everything_back():
    """With so many seconds of a usual market before it, phases and labels come so much later, and the draws are the same."""
    at_once = script_of(scenario_named("crash"), 7, HOURS, new_york_ms("2026-11-23 09:30"), {})
    later = script_of(scenario_named("crash"), 7, HOURS, new_york_ms("2026-11-23 09:30"), {}, lead_s=600.0)
    assert [phase.at_s - 600.0 for phase in later.phases] == [phase.at_s for phase in at_once.phases]
    assert [phase.jump for phase in later.phases] == [phase.jump for phase in at_once.phases]
    assert [(label.at_s - 600.0, label.until_s and label.until_s - 600.0) for label in later.labels] == [
        (label.at_s, label.until_s) for label in at_once.labels
    ]
    assert later.opening() is None
