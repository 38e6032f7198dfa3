"""The cases: their names, and that what they say fits their scenarios."""

from dataclasses import replace

import pytest

from marketswarm.errors import BadArgument
from marketswarm.maths.calendar import us_options_calendar
from marketswarm.rehearsal.cases import CASES, cases_named
from marketswarm.rehearsal.judge import PROMISES
from marketswarm.rehearsal.stage import PERIOD_MS, StagedMarket
from marketswarm.simulator.scenarios.catalogue import scenario_named


def test_no_name_is_all():
    """In the order in which they are listed, each with a name of its own."""
    assert cases_named([]) == CASES
    assert len({case.name for case in CASES}) == len(CASES)


def test_names_give_their_cases():
    """In the order that was asked for."""
    assert [case.name for case in cases_named(["roll", "jump"])] == ["roll", "jump"]


def test_a_name_that_there_is_not_is_refused():
    """The error says which there are."""
    with pytest.raises(BadArgument, match=r"case is 'rol'; allowed: .*\broll\b.*half day"):
        cases_named(["jump", "rol"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_begins_where_its_scenario_may(case):
    """In session, and before the close that it needs; the seed is the stage's."""
    stage, calendar = case.stage(7), us_options_calendar()
    assert (stage.scenario, stage.seed, stage.ticks) == (case.scenario, 7, case.ticks)
    assert calendar.is_open(stage.begin_ms)
    session = calendar.session(calendar.first_expiration_day(stage.begin_ms))
    end_ms = stage.begin_ms + case.ticks * PERIOD_MS
    scenario = scenario_named(case.scenario)
    assert session.is_half_day == (scenario.begins == "before an early close")
    assert (end_ms > session.close_ms) == (scenario.begins != "anywhere")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_case_lasts_as_long_as_it_promises(case, seed):
    """Every label begins after the lead and within what is played, with time for what it promises to be told."""
    labels = StagedMarket(replace(case.stage(seed), each_side=2)).labels
    promised = [label for label in labels if label.kind in PROMISES]
    assert bool(promised) != case.is_quiet
    for label in promised:
        assert label.at_s >= case.lead_s
        assert label.at_s + min(PROMISES[label.kind].within_s, 120.0) <= case.ticks * PERIOD_MS / 1000
