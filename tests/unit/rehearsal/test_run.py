"""One rehearsal: what is told tick by tick, and judged as it would be live."""

from dataclasses import replace

import pytest

from marketswarm.rehearsal.cases import cases_named
from marketswarm.rehearsal.run import Rehearsal, rehearse
from marketswarm.vigil.engine import Engine
from marketswarm.vigil.registry import DETECTORS
from marketswarm.vigil.state import decode, encode
from marketswarm.vigil.thresholds import default_thresholds

ENGINE = Engine(DETECTORS, default_thresholds())


def stage_of(name="jump after the open", seed=1, **more):
    """What a case plays."""
    (case,) = cases_named([name])
    return replace(case.stage(seed), **more)


@pytest.fixture(scope="module")
def played():
    """Verdict and events of one jump."""
    return rehearse(stage_of(), ENGINE)


def test_what_was_made_to_happen_is_found(played):
    """The jump has its event, which is among all that was told."""
    verdict, events = played
    (found,) = verdict.findings
    assert (found.label.kind, found.event.type) == ("jump", "spot_jump")
    assert found.event in events
    assert verdict.all_events == sum(event.state == "enter" for event in events)


def test_the_same_is_told_again(played):
    """Neither a clock nor chance of its own has a part in it."""
    assert rehearse(stage_of(), ENGINE) == played


def test_a_state_that_is_stored_in_between_tells_the_same(played):
    """Live, each tick may be judged by another worker, from JSON."""
    rehearsal, told = Rehearsal(stage_of(), ENGINE), []
    for events in rehearsal.ticks():
        told += events
        rehearsal.state = decode(encode(rehearsal.state), "SPX")
        assert rehearsal.state.begun_anew == ""
    assert (rehearsal.verdict(), tuple(told)) == played


def test_it_can_be_stopped_on_its_way():
    """The verdict is of what was told so far."""
    rehearsal = Rehearsal(stage_of(), ENGINE)
    next(rehearsal.ticks())
    (found,) = rehearsal.verdict().findings
    assert found.event is None
    assert rehearsal.state.slot == stage_of().begin_ms


def test_the_session_ends_at_the_close():
    """Then it is the next one's, and the chain is closed, as live."""
    rehearsal = Rehearsal(stage_of("roll", each_side=10), ENGINE)
    days = {rehearsal.state.day for _ in rehearsal.ticks()}
    assert days == {"2026-11-23", "2026-11-24"}
