"""What was made to happen against what was told."""

import ast
import inspect
from importlib import import_module

import pytest

from marketswarm.model.event import EVENT_TYPES, Event
from marketswarm.rehearsal.judge import CLAIMS, PROMISES, PULSES, judge
from marketswarm.simulator.scenarios.catalogue import SCENARIOS
from marketswarm.simulator.scenarios.course import Label
from marketswarm.vigil.registry import FILES

BEGIN_MS = 1_795_444_200_000


def told(type, at_s, state="enter", *, episode="", **more):
    """An event so many seconds after the beginning; an episode is named for its type unless told."""
    fields = {
        "id": f"{type}-{at_s}-{state}",
        "episode": episode or type,
        "type": type,
        "symbol": "SPX",
        "state": state,
        "severity": 50,
        "importance": "notice",
        "ts": BEGIN_MS + at_s * 1000,
        "title": "something",
        "method": "by hand",
        "version": 1,
    }
    return Event(**(fields | more))


def finding(label, *events):
    """What became of one label."""
    (found,) = judge([label], events, BEGIN_MS).findings
    return found


def label(kind="jump", at_s=100.0, **more):
    """Something that is made to happen."""
    return Label(at_s=at_s, kind=kind, text="", **more)


@pytest.mark.parametrize(("at_s", "delay_s"), [(90, None), (100, 0.0), (110, 10.0), (130, 30.0), (140, None)])
def test_a_pulse_lies_within_the_time_of_its_label(at_s, delay_s):
    """Neither before the label begins nor after what it promises."""
    found = finding(label(size=0.01), told("spot_jump", at_s, direction="up"))
    assert found.delay_s == delay_s
    assert (found.event is None) == (delay_s is None)


@pytest.mark.parametrize(
    ("exit_s", "delay_s"), [(None, 0.0), (90, None), (100, 0.0), (400, 0.0)], ids=["runs on", "over", "just", "later"]
)  # fmt: skip
def test_an_episode_counts_while_it_runs(exit_s, delay_s):
    """What began before the label is found if it is not over by then, without a delay."""
    events = [told("volatility_burst", 50)]
    if exit_s is not None:
        events.append(told("volatility_burst", exit_s, "exit"))
    assert finding(label("volatility", until_s=300.0), *events).delay_s == delay_s


def test_a_break_before_the_label_is_not_one_of_it():
    """A break of the smile is told once, without an end, and does not go on for ever."""
    key = PROMISES["smile"].keys[0] if PROMISES["smile"].keys else ""
    before, after = (told("smile_break", at_s, key=key, episode=f"{at_s}") for at_s in (50, 150))
    assert finding(label("smile", until_s=300.0), before).event is None
    assert finding(label("smile", until_s=300.0), before, after).delay_s == 50.0


def test_the_end_of_a_label_goes_before_what_its_kind_promises():
    """A label that says when it is over has only so long."""
    late = told("volatility_burst", 500)
    assert finding(label("volatility"), late).delay_s == 400.0
    assert finding(label("volatility", until_s=300.0), late).event is None


def test_the_first_that_fits_is_the_one():
    """Updates and ends are no beginnings, and other types do not count."""
    events = [
        told("drift", 100, direction="up", key="macro"),
        told("spot_jump", 110, "update", direction="up"),
        told("spot_jump", 120, direction="up"),
        told("spot_jump", 130, direction="up"),
    ]
    found = finding(label(size=0.01), *events)
    assert (found.event, found.delay_s) == (events[2], 20.0)


@pytest.mark.parametrize(
    ("size", "direction", "is_found"),
    [(0.01, "up", True), (0.01, "down", False), (-0.01, "down", True), (-0.01, "up", False), (None, "down", True)],
)  # fmt: skip
def test_a_directed_event_goes_the_way_of_its_label(size, direction, is_found):
    """Where the label has a size."""
    found = finding(label(size=size), told("spot_jump", 100, direction=direction))
    assert (found.event is not None) == is_found


def test_a_level_of_volatility_has_no_direction():
    """Its size is a multiple, and whatever way spot goes meanwhile is right."""
    found = finding(label("volatility", size=7.0), told("volatility_burst", 100, direction="down"))
    assert found.event is not None


@pytest.mark.parametrize(("key", "is_found"), [("macro", True), ("extreme", True), ("micro", False)])
def test_only_keys_that_are_promised_count(key, is_found):
    """A trend is not found by a small drift."""
    found = finding(label("trend", size=0.01), told("drift", 200, direction="up", key=key))
    assert (found.event is not None) == is_found


def test_labels_that_promise_nothing_are_left_out():
    """A calm or a close has no finding."""
    verdict = judge([label("calm"), label("close"), label()], [], BEGIN_MS)
    assert [found.label.kind for found in verdict.findings] == ["jump"]


def test_claims_are_counted_beside_measurements():
    """Each beginning once; an end is none."""
    events = [
        told("spot_jump", 10),
        told("regime", 10),
        told("jump_risk", 20),
        told("jump_risk", 30, "update"),
        told("jump_risk", 40, "exit"),
    ]
    verdict = judge([], events, BEGIN_MS)
    assert [event.type for event in verdict.claims] == ["spot_jump", "jump_risk"]
    assert verdict.all_events == 3


def test_promises_are_of_kinds_and_types_that_there_are():
    """Every kind is one that some scenario labels, every type one that is told."""
    source = inspect.getsource(import_module("marketswarm.simulator.scenarios.catalogue"))
    source += inspect.getsource(import_module("marketswarm.simulator.scenarios.script"))
    assert not [kind for kind in PROMISES if f'kind="{kind}"' not in source]
    assert {"jump", "pin"} <= SCENARIOS.keys()
    assert {type for promise in PROMISES.values() for type in promise.types} | CLAIMS <= set(EVENT_TYPES)


def test_pulses_are_those_of_the_detectors():
    """Of the types that are promised or claimed, those that a detector tells without an end."""
    without_end = set()
    for file in FILES:
        for node in ast.walk(ast.parse(inspect.getsource(file))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Sighting":
                given = {one.arg: one.value for one in node.keywords}
                if "is_pulse" in given and isinstance(given["type"], ast.Constant):
                    without_end.add(given["type"].value)
    promised = {type for promise in PROMISES.values() for type in promise.types}
    assert promised & without_end == PULSES
