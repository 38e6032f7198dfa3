"""What is gathered before it is written."""

from dataclasses import replace as with_parts

import pytest

from marketswarm.maths.calendar import us_options_calendar
from marketswarm.vexy.hours import Hours
from marketswarm.vexy.inbox import Known
from marketswarm.vexy.marks import stale_badges
from marketswarm.vexy.narrate import narrate_event
from marketswarm.vexy.session_so_far import Tick
from marketswarm.vexy.speech import Speech, message_id
from marketswarm.vexy.state import VexyState
from marketswarm.vexy.widgets import QUALITY, cleared, placed
from tests.support.vexy_rig import example

TS = 1_795_446_000_000


@pytest.fixture
def speech() -> Speech:
    """With nothing in it."""
    return Speech(
        VexyState(), Hours(us_options_calendar()), {"SPX": Known(levels={"flip": {"value": 6795.4}})}
    )


def say(speech, symbol="SPX", **more):
    """Say a regime of a symbol."""
    draft = narrate_event(example("regime", ts=TS, symbol=symbol), speech.context(TS, [symbol]))
    speech.say(draft, message_id("event", symbol), **more)
    return speech.messages[-1]


def test_the_context_is_the_moment(speech):
    """Phase, session, and what is known of the symbols that are asked for."""
    speech.watch({"SPX": [Tick(TS, 6800.0)]})
    context = speech.context(TS, ["SPX", "SPY"])

    assert (context.now, context.epoch, context.session.day.isoformat()) == (
        TS,
        "opening_range",
        "2026-11-23",
    )
    assert (context.of("SPX").spot, context.of("SPX").levels) == (6800.0, {"flip": {"value": 6795.4}})
    assert context.of("SPY").spot is None


def test_marks_ride_with_the_next_message_of_their_symbol(speech):
    """Once; another symbol's message leaves them waiting."""
    speech.mark("SPX", placed(stale_badges(""), {}, symbol="SPX", what=QUALITY, ts=TS))

    assert say(speech, "SPY").annotations == ()
    assert len(say(speech).annotations) == 3
    assert say(speech).annotations == ()
    assert len(speech.standing("SPX")) == 3


def test_a_mark_that_came_and_went_is_told_as_gone(speech):
    """The message brings its last state alone."""
    put = placed(stale_badges(""), {}, symbol="SPX", what=QUALITY, ts=TS)
    speech.mark("SPX", put)
    speech.mark("SPX", cleared(speech.standing("SPX"), put.put))

    assert {one.state for one in say(speech).annotations} == {"cleared"}
    assert speech.standing("SPX") == {}


def test_marks_that_expire_are_not_brought_along(speech):
    """Nobody draws what is over."""
    marks = [one._replace(until_ms=TS + 5) for one in stale_badges("")]
    speech.mark("SPX", placed(marks, {}, symbol="SPX", what=QUALITY, ts=TS))
    speech.let_expire("SPX", TS + 4)
    assert len(speech.standing("SPX")) == 3
    speech.let_expire("SPX", TS + 5)

    assert speech.standing("SPX") == {}
    assert say(speech).annotations == ()


def test_words_are_remembered(speech):
    """So that the next ones can be others."""
    first, second = say(speech), say(speech)
    assert [(one.template, one.variant) for one in speech.state.recent] == [
        (first.template, first.variant),
        (second.template, second.variant),
    ]


def test_a_message_says_what_it_takes_the_place_of(speech):
    """And nothing where it takes none."""
    assert say(speech).supersedes == ""
    assert say(speech, supersedes="old").supersedes == "old"


def test_an_id_is_of_what_it_is_about():
    """Twenty hex digits, the same for the same, another for another."""
    assert message_id("event", "a") == message_id("event", "a")
    assert message_id("event", "a") != message_id("epoch", "a")
    assert len(message_id("event", "a")) == 20


def test_counting_is_in_the_state(speech):
    """It adds up."""
    speech.count(told=1)
    speech.count(told=2, heard=1)
    assert (speech.state.counts.told, speech.state.counts.heard) == (3, 1)
    assert with_parts(speech, notes=[]).state == speech.state
