"""From evidence to numbers that may be told."""

import pytest

from marketswarm.vexy.facts import evidence_figures, put_figure, reason_of
from tools.message_examples import EVENTS, TS, event


def test_each_number_keeps_source_and_time():
    """The event's id and field, and when the evidence was so."""
    figures = evidence_figures(EVENTS["drift.enter"], 6_800.0)
    fact = figures["anchor"]
    assert (fact.text, fact.source, fact.as_of) == ("6,818.2", "event:84ae2fd183c5105b52eb/anchor", TS)
    assert figures["change"].value == -32.4


def test_distances_take_the_digits_of_spot_or_of_a_price_beside_them():
    """Where neither is known, two."""
    drift = event("drift", {"change": -2.4, "anchor": 6_818.2})
    assert evidence_figures(drift, 602.0)["change"].text == "2.40 points"
    assert evidence_figures(drift, None)["change"].text == "2.4 points"
    assert evidence_figures(event("spot_jump", {"change": -2.4}), None)["change"].text == "2.40 points"


def test_the_smile_is_told_in_its_parts_own_units():
    """A level in percent, skew and curvature as shares of it."""
    assert evidence_figures(EVENTS["smile_break.level"], None)["before"].text == "15.1 %"
    assert evidence_figures(EVENTS["smile_break.skew"], None)["before"].text == "−0.081"


def test_a_name_means_what_its_type_says():
    """`from` is a place, a strike, or a day."""
    assert evidence_figures(EVENTS["cluster_shifted.enter"], None)["before"].text == "6,824.6"
    assert evidence_figures(EVENTS["wall_moved.enter"], None)["before"].text == "6,850"
    assert evidence_figures(EVENTS["expiry_roll.enter"], None)["before"].text == "Monday 23 November"


def test_what_is_not_known_here_is_not_told():
    """Neither an unknown name, nor a text for a number."""
    odd = event("drift", {"mood": 3.0, "change": "<b>much</b>"})
    assert evidence_figures(odd, None) == {}


@pytest.mark.parametrize("value", [None, True, [1], {"a": 1}, float("nan")])
def test_only_numbers_are_put(value):
    """What is none leaves nothing behind."""
    told = {}
    put_figure(told, "x", "price", value, source="s", as_of=1)
    assert told == {}


def test_reason_of():
    """As the event says it; empty where it does not."""
    assert reason_of(EVENTS["data_quality.enter"]) == "low coverage"
    assert reason_of(EVENTS["data_quality.exit"]) == ""
