"""From published levels and the session to numbers that may be told."""

from dataclasses import replace

from marketswarm.vexy.context import SymbolFacts
from marketswarm.vexy.level_facts import (
    distance_figure,
    level_figures,
    marks_of,
    message_level,
    named_marks,
    number_of,
    quality_of,
    regime_word,
    session_figures,
)
from tools.message_examples import SPX, TS, context, levels


def degraded():
    """The same levels, marked as ones that nothing may be concluded from."""
    return {name: document | {"degraded": "low-coverage"} for name, document in levels().items()}


def test_levels_are_told_with_source_and_time():
    """Each with the level that it is from."""
    fact = level_figures("SPX", SPX)["move_left"]
    assert (fact.text, fact.source, fact.as_of) == ("41.3 points", "levels:SPX/move_left", TS - 400)
    assert level_figures("SPX", SPX)["move_left_share"].text == "0.60 %"
    assert level_figures("SPX", SPX)["net_gamma"].text == "−$257 million per 1 % move"


def test_levels_of_a_degraded_chain_are_not_told():
    """Only those that come of spots."""
    told = level_figures("SPX", replace(SPX, levels=degraded()))
    assert set(told) == {"move_open", "realised"}
    assert marks_of("SPX", replace(SPX, levels=degraded())) == ()
    assert quality_of(degraded())["degraded"] == "low-coverage"


def test_absent_levels_are_not_told():
    """Absence, text and truth values are no numbers."""
    odd = {
        "flip": {"absent": "no-crossing"},
        "regime": {"value": "x"},
        "charm": {"value": True},
        "call_wall": {},
    }
    assert level_figures("SPX", SymbolFacts(levels=odd)) == {}
    assert number_of(odd, "call_wall", "strike") is None
    assert regime_word(odd) is None


def test_marks_stand_out_and_share_no_price():
    """Of two names for one strike the first is kept, and a wall that hardly stands out is none."""
    names = [one.name for one in marks_of("SPX", SPX)]
    assert names == ["call_wall", "put_wall", "heaviest", "max_pain", "flip"]
    weak = levels(
        call_wall={"strike": 6850.0, "dominance": 0.1, "share": 0.1, "exposure": 1.0}, call_peak=6850.0
    )
    names = [one.name for one in marks_of("SPX", replace(SPX, levels=weak))]
    assert names == ["put_wall", "heaviest", "max_pain", "call_peak", "flip"]


def test_names_in_a_list():
    """With their numbers; None where none is known."""
    marks = marks_of("SPX", SPX)
    assert named_marks(marks, ("call_wall", "flip")).text == "call wall 6,850 and gamma flip 6,845.4"
    assert named_marks((), ("call_wall",)) is None


def test_distances_of_a_mark():
    """In points and in expected moves, where both are known."""
    mark = marks_of("SPX", SPX)[0]
    assert distance_figure(mark, SPX, "d").text == "12.4 points"
    assert distance_figure(mark, SPX, "d", "in_moves").text == "0.19 EM"
    assert distance_figure(mark, replace(SPX, spot=None), "d") is None
    assert distance_figure(mark, replace(SPX, levels={}), "d", "in_moves") is None


def test_a_message_level_says_how_far_it_is():
    """And leaves out what is not known."""
    level = message_level("SPX", "call_wall", 6_850.0, SPX)
    assert (level.distance_points, level.distance_moves) == (12.4, 0.1941)
    bare = message_level("SPX", "call_wall", 6_850.0, SymbolFacts())
    assert (bare.distance_points, bare.distance_moves) == (None, None)
    tiny = replace(SPX, levels={"move_open": {"value": 2.2e-308, "as_of": 5}})
    assert message_level("SPX", "call_wall", 6_850.0, tiny).distance_moves is None


def test_the_session_in_numbers():
    """What is measured between its prices."""
    told = session_figures("SPX", context("open"))
    assert told["gap"].text == "22.2 points"
    assert told["gap_moves"].text == "0.35 of the expected move"
    assert told["range"].text == "54.2 points"
    assert told["day_share"].text == "+0.61 %"
    assert told["closes_at"].text == "16:00 ET"
    assert told["auction_at"].text == "15:50 ET"
    assert told["high"].source == "session:2026-11-23/high"


def test_an_unknown_session_is_told_by_its_times_alone():
    """No price is made up."""
    told = session_figures("XSP", context("open"))
    assert set(told) == {"closes_at", "auction_at", "opens_at", "left", "day", "next_day"}


def test_a_price_with_several_names_is_told_by_one_and_by_the_same_as_its_events():
    """A wall before the heaviest strike, and that before a peak."""
    shared = replace(SPX, levels=levels(heaviest=6850.0, call_peak=6850.0))
    assert [one.name for one in marks_of("SPX", shared) if one.price == 6850.0] == ["call_wall"]
    weak = levels(call_wall={"strike": 6850.0, "dominance": 0.1}, heaviest=6850.0, call_peak=6850.0)
    assert [one.name for one in marks_of("SPX", replace(SPX, levels=weak)) if one.price == 6850.0] == [
        "heaviest"
    ]
