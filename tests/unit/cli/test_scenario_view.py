"""`marketswarm simulator --describe`: what a scenario makes happen."""

import json

import pytest

from marketswarm.simulator.scenarios.catalogue import SCENARIOS


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_can_be_described(cli, name) -> None:
    """As a document with its labels, and as lines that say the same."""
    words = ("simulator", "--scenario", name, "--seed", "4", "--describe")
    document = json.loads(cli(*words, "--json").out)
    assert (document["scenario"], document["seed"]) == (name, 4)
    assert bool(document["labels"]) == (name != "usual")
    text = cli(*words).out
    assert SCENARIOS[name].summary in text
    assert all(label["text"] in text for label in document["labels"])


def test_the_moment_at_which_it_begins_is_told(cli) -> None:
    """A given start stands in the description."""
    told = cli("simulator", "--scenario", "jump", "--start", "2026-11-23 09:30", "--describe", "--json")
    assert json.loads(told.out)["start"] == "2026-11-23T09:30:00"


@pytest.mark.parametrize(
    "words",
    [
        ("--scenario", "storm"),
        ("--start", "soon"),
        ("--speed", "0"),
        ("--speed", "nan"),
        ("--quotes-per-frame", "0"),
        ("--scenario", "half-day", "--session", "always"),
        ("--scenario", "half-day", "--start", "2026-11-23 09:30"),
    ],
)
def test_what_cannot_be_is_one_line(cli, words) -> None:
    """A value that cannot be used ends with 2 and one line that names it and what is allowed."""
    outcome = cli("simulator", *words)
    assert outcome.code == 2
    assert outcome.err.count("\n") == 1
    assert "allowed: " in outcome.err
