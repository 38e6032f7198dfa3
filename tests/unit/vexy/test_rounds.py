"""What is due by the time alone. Over a whole session: tests/flow/test_vexy_in_time.py."""

import json
from datetime import datetime

import pytest

from marketswarm.maths.calendar import NEW_YORK, us_options_calendar
from marketswarm.vexy.budget import Budget, kept_back
from marketswarm.vexy.context import SymbolFacts
from marketswarm.vexy.hours import Hours
from marketswarm.vexy.inbox import Known
from marketswarm.vexy.quality import Silence
from marketswarm.vexy.rounds import go_round, tell_phases
from marketswarm.vexy.session_so_far import Tick
from marketswarm.vexy.speech import Speech
from marketswarm.vexy.state import VexyState
from marketswarm.vexy.widgets import changes_of
from tests.support.vexy_rig import example, fact


def ms(text):
    """A moment of New York."""
    return int(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).timestamp()) * 1000


NOW = ms("2026-11-23T15:00:10")


def levels(judged=NOW):
    """Good ones."""
    return {
        "spot": {"value": 6800.0, "as_of": judged},
        "quality": {"value": {"coverage": 0.97}, "chain_state": "live"},
        "flip": {"value": 6795.4, "unit": "points", "as_of": judged, "coverage": 0.97},
        "call_wall": {"value": {"strike": 6802.0, "dominance": 0.3}, "unit": "points", "as_of": judged},
        "move_left": {"value": 20.0, "unit": "points", "as_of": judged},
        "regime": {"value": 0.2, "unit": "share", "as_of": judged, "coverage": 0.97},
    }


def speech(state=None, judged=NOW):
    """One time, with levels and the spot of one symbol."""
    made = Speech(state or VexyState(), Hours(us_options_calendar()), {"SPX": Known(levels=levels(judged))})
    made.watch({"SPX": [Tick(NOW, 6800.0)]})
    return made


def test_nothing_is_due():
    """Then nothing changes."""
    made = speech()
    before = made.state
    go_round(made, ["SPX"], NOW)
    assert (made.state, made.messages, made.changes) == (before, [], {})


def test_a_digest_is_told_and_its_counts_begin_anew():
    """Its words stand for what was kept back."""
    state = VexyState(budgets={"SPX": kept_back(Budget(), "drift", 50, "id", NOW - 600_000)})
    made = speech(state)
    go_round(made, ["SPX"], NOW)

    assert [one.kind for one in made.messages] == ["digest"]
    assert made.messages[0].refs == ("id",)
    assert made.state.budgets["SPX"].kept.counts == {}


def test_a_digest_waits_while_there_is_silence():
    """Nothing is said of bad data, also not how much."""
    state = VexyState(
        budgets={"SPX": kept_back(Budget(), "drift", 50, "id", NOW - 600_000)},
        silences={"SPX": Silence(NOW, "low-coverage")},
    )
    made = speech(state)
    go_round(made, ["SPX"], NOW)
    assert made.messages == []


def test_a_mark_that_the_levels_contradict_is_taken_away():
    """The next message takes it off the page."""
    made = speech()
    event = example("wall_moved", ts=NOW - 60_000, evidence={"to": fact(6850.0)})
    made.mark("SPX", changes_of(event, {}, closes_ms=NOW + 60_000, facts=SymbolFacts()))
    assert len(made.standing("SPX")) == 3

    go_round(made, ["SPX"], NOW)

    assert made.standing("SPX") == {}
    assert {json.loads(text)["state"] for text in made.state.carried["SPX"].values()} == {"cleared"}


def test_a_phase_is_named_once():
    """The state remembers, by session and phase."""
    made = speech()
    assert tell_phases(made, ["SPX"], NOW) == []
    assert made.state.phases["SPX"][0] == "2026-11-23/power_hour"
    told = len(made.messages)
    assert told >= 1
    again = speech(made.state)
    tell_phases(again, ["SPX"], NOW)
    assert "epoch" not in {one.kind for one in again.messages}


def test_a_guide_follows_its_phase():
    """Once, and only where something stands out."""
    made = speech()
    for step in range(3):
        tell_phases(made, ["SPX"], NOW + 10_000 * step)

    assert [one.kind for one in made.messages] == ["epoch", "guide"]
    assert made.state.phases["SPX"] == ("2026-11-23/power_hour", "2026-11-23/power_hour/guide")


@pytest.mark.parametrize(
    ("judged", "silences", "why"),
    [
        (NOW - 20_000, {}, "not judged yet"),
        (NOW - 120_000, {}, "levels-old"),
        (NOW, {"SPX": Silence(NOW, "low-coverage")}, "low-coverage"),
    ],
)
def test_why_a_phase_waits(judged, silences, why):
    """And nothing is remembered as told."""
    made = speech(VexyState(silences=silences), judged)
    assert [one.why for one in tell_phases(made, ["SPX"], NOW)] == [why]
    assert made.state.phases == {}


def test_a_phase_without_a_message_says_nothing():
    """The night."""
    made = speech()
    assert tell_phases(made, ["SPX"], ms("2026-11-23T02:00:00")) == []
    assert made.messages == []
