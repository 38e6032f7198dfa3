"""When nothing can be concluded from the chain."""

from dataclasses import replace
from datetime import date

import pytest

from marketswarm.model.chain import ChainId
from marketswarm.vigil.detectors import quality
from tests.support.vigil_pictures import CHAIN, OPEN_MS, picture
from tests.support.vigil_pictures import quality as quality_of
from tests.support.watched import Watched, at, closed

GOOD = {"quality": quality_of(), "chain_state": "live"}
THIN = {"quality": quality_of(coverage=0.6, degraded="low-coverage"), "chain_state": "live"}
BEGUN, ENDED = ("data_quality", "enter", ""), ("data_quality", "exit", "")


def told(watched, times, **changes):
    """All that is told in so many ticks."""
    return [event for _ in range(times) for event in watched.see(**changes)]


@pytest.mark.parametrize(
    ("bad", "title"),
    [
        (THIN, "Levels paused: low coverage"),
        ({"quality": quality_of(), "chain_state": "stale"}, "Levels paused: chain is stale"),
        ({"quality": None, "chain_state": "gap"}, "Levels paused: chain is gap"),
        ({"quality": None, "chain_state": "loading"}, "Levels paused: chain is loading"),
    ],
)
def test_three_bad_ticks_are_told_and_three_good_ones_end_it(bad, title):
    """A degraded picture, or a chain that is not live, for three ticks; two, or two good ones, tell nothing."""
    watched = Watched(quality)
    assert not told(watched, 3, **GOOD)
    assert not told(watched, 2, **bad)
    assert not told(watched, 1, **GOOD)
    assert told(watched, 3, **bad) == [BEGUN]
    assert watched.events[0].title == title
    assert not told(watched, 10, **bad)
    assert not told(watched, 2, **GOOD)
    assert not told(watched, 1, **bad)
    assert told(watched, 3, **GOOD) == [ENDED]
    assert watched.events[-1].title == "Levels are computed again"


def test_another_reason_is_the_same_episode():
    """Low coverage that turns into a stale chain is told once."""
    watched = Watched(quality)
    assert told(watched, 3, **THIN) == [BEGUN]
    assert not told(watched, 5, quality=None, chain_state="stale")


def test_it_says_how_bad_it_is():
    """Coverage, stale share, age and reason are its evidence; the less is known the more it weighs."""
    watched = Watched(quality)
    told(watched, 3, **THIN)
    evidence = watched.events[0].evidence
    assert evidence["coverage"].value == 0.6
    assert evidence["reason"].value == "low coverage"
    assert evidence["age"].value == (evidence["age"].as_of - OPEN_MS) / 1000
    worse = Watched(quality)
    told(worse, 3, quality=quality_of(coverage=0.1, degraded="low-coverage"), chain_state="live")
    assert worse.events[0].severity > watched.events[0].severity >= 50


def test_levels_that_fail_are_told():
    """A chain that is live, of which levels could not be computed, is as bad as one that is not."""
    watched = Watched(quality)
    assert told(watched, 3, chain_state="live", is_failed=True) == [BEGUN]
    assert watched.events[0].title == "Levels paused: they could not be computed"
    assert told(watched, 3, **GOOD) == [ENDED]


@pytest.mark.parametrize("part", ["gamma", "move"])
def test_a_part_that_is_missing_is_told(part):
    """Without gamma, or without an expected move, detectors are silent: that is told under its key, and when it is there again."""
    watched = Watched(quality)
    without = {**GOOD, "picture": picture(**{part: None}, absent={part: "no-open-interest"})}
    assert told(watched, 3, **without) == [("data_quality", "enter", part)]
    assert watched.events[0].title == f"No {part} levels: no open interest"
    assert not told(watched, 5, **GOOD)  # a picture that is not seen says nothing of its parts
    assert told(watched, 3, **GOOD, picture=picture()) == [("data_quality", "exit", part)]
    assert watched.events[-1].title == f"There are {part} levels again"


def test_a_smile_may_be_missing():
    """Late in the day there are too few quotes for one as a rule: that is no news."""
    watched = Watched(quality)
    assert not told(watched, 10, **GOOD, picture=picture(smile=None, absent={"smile": "too-few-quotes"}))


def test_contracts_that_cannot_be_read_are_counted():
    """They are told with their number, and when all can be read again."""
    watched = Watched(quality)
    bad = {"quality": replace(quality_of(), unreadable=2), "chain_state": "live"}
    assert told(watched, 3, **bad) == [("data_quality", "enter", "contracts")]
    event = watched.events[0]
    assert (event.title, event.evidence["unreadable"].value) == ("2 contracts cannot be read", 2)
    assert told(watched, 3, **GOOD) == [("data_quality", "exit", "contracts")]


def test_it_needs_no_picture():
    """It is asked where other detectors of the chain are not."""
    assert not quality.DETECTOR.needs_chain


def test_what_was_not_read_is_not_judged():
    """A tick without a picture and without a state, or out of session, begins nothing and ends nothing."""
    watched = Watched(quality)
    told(watched, 3, **THIN)
    for blind in ({}, {"chain_state": "live"}, {"session": closed(watched.ts), **GOOD}):
        assert not told(watched, 10, **blind)
        assert watched.sightings is None
    assert told(watched, 3, **GOOD) == [ENDED]


def test_the_last_two_minutes_of_an_expiration_are_not_judged():
    """From 15:58 on today's chain may be thin; tomorrow's may not, nor today's before."""
    later = ChainId("SPX", date(2026, 11, 24))
    for ts, chain, expected in (
        (at(15, 58), CHAIN, []),
        (at(15, 58), later, [BEGUN]),
        (at(15, 57), CHAIN, [BEGUN]),
    ):
        watched = Watched(quality, ts)
        assert told(watched, 6, chain=chain, **THIN) == expected


def test_coverage_that_is_no_number_weighs_nothing():
    """A coverage of NaN is left out of the evidence, and the event is told none the less."""
    watched = Watched(quality)
    bad = quality_of(coverage=float("nan"), degraded="no-contracts", quoted_ms=0)
    assert told(watched, 3, quality=bad, chain_state="live") == [BEGUN]
    assert set(watched.events[0].evidence) == {"reason", "stale"}
