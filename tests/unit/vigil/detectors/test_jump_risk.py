"""Dear tails."""

from datetime import date

import msgspec
import numpy as np
import pytest
from pydantic import ValidationError

from marketswarm.model.chain import ChainId
from marketswarm.vigil.detectors import jump_risk
from tests.support.vigil_pictures import CHAIN, picture, smile
from tests.support.watched import Watched, at, closed

RIGHT_BEGUN = ("jump_risk", "enter", "right")
BEGUN, ENDED = ("jump_risk", "enter", ""), ("jump_risk", "exit", "")
LATER = ChainId("SPX", date(2026, 11, 24))


def play(watched, tails, chain=CHAIN, every_ms=10_000, side="left_tail"):
    """Pictures with such left tails, or right ones while the left cost what they do; all that is told."""
    return [
        event
        for tail in tails
        for event in watched.see(
            chain=chain, picture=picture(chain=chain, smile=smile(**{side: float(tail)})), every_ms=every_ms
        )
    ]


def warm(ts=at(9, 30), chain=CHAIN, minutes=60, seed=1, side="left_tail"):
    """A detector that has seen an hour of tails around 2.1, with noise of two percent."""
    watched = Watched(jump_risk, ts)
    tails = 2.1 * np.exp(0.02 * np.random.default_rng(seed).standard_normal(minutes))
    assert not play(watched, tails, chain, 60_000, side)
    return watched


def see(watched, left, right, times=1):
    """Pictures with both tails, or without one; all that is told."""
    both = picture(smile=smile(left_tail=left, right_tail=right))
    return [event for _ in range(times) for event in watched.see(picture=both)]


def test_tails_that_become_a_quarter_dearer_are_told_after_three_evaluations():
    """From 2.1 to 2.63 times flat, three in a row begin it, and the numbers tell from where to where."""
    watched = warm()
    assert not play(watched, [2.63] * 2)
    assert play(watched, [2.63]) == [BEGUN]
    event = watched.events[0]
    assert event.title.startswith("Left tail costs 2.63 times flat, after 2.1")
    assert event.evidence["z"].value > 4
    assert abs(event.evidence["session_median"].value - 2.1) < 0.03
    assert event.severity >= 50


def test_calls_far_above_are_watched_by_the_same_measure():
    """Under a key of their own, with numbers of their own, and with an end."""
    watched = warm(side="right_tail")
    assert play(watched, [2.63] * 3, side="right_tail") == [RIGHT_BEGUN]
    event = watched.events[0]
    assert event.title.startswith("Right tail costs 2.63 times flat, after 2.1")
    assert set(event.evidence) == {"right_tail", "session_median", "last_hour", "z"}
    assert play(watched, [2.1] * 3, side="right_tail") == [("jump_risk", "exit", "right")]
    assert watched.events[-1].title == "Right tail costs what it usually does"


def test_each_tail_has_its_own_usual():
    """Both may be dear at once, and one begins and ends without the other."""
    watched = Watched(jump_risk, at(9, 30))
    for _ in range(60):
        assert not watched.see(picture=picture(smile=smile(left_tail=2.1, right_tail=0.7)), every_ms=60_000)
    assert see(watched, 2.1, 1.0, 3) == [RIGHT_BEGUN]
    assert see(watched, 2.8, 1.0, 3) == [BEGUN]
    assert see(watched, 2.8, 0.7, 3) == [("jump_risk", "exit", "right")]
    assert see(watched, 2.1, 0.7, 3) == [ENDED]


def test_a_tail_that_is_not_known_neither_begins_nor_ends_while_the_other_is_judged():
    """Where the smile does not reach, what lasts goes on; it goes on as well where nobody has known that tail for half an hour."""
    watched = warm()
    play(watched, [2.8] * 3)
    assert not see(watched, None, 1.0, 20)
    assert see(watched, 2.1, 1.0, 3) == [ENDED]
    watched = Watched(jump_risk, at(9, 30))
    for _ in range(60):
        watched.see(picture=picture(smile=smile(left_tail=2.1, right_tail=None)), every_ms=60_000)
    assert not see(watched, 2.1, 9.0, 5)
    assert watched.memory.right.hour == pytest.approx([np.log(9.0)], abs=1e-4)


def test_the_bands_lie_apart():
    """`leave` must be below `enter`."""
    with pytest.raises(ValidationError, match="it must be less than enter"):
        jump_risk.Thresholds(leave=4)


def test_a_large_z_alone_is_not_enough():
    """15 % above the session's median is not dear, however calm the hour was; it keeps alive what has begun."""
    watched = warm()
    assert not play(watched, [2.41] * 20)
    watched = warm()
    play(watched, [2.8] * 3)
    assert not play(watched, [2.41] * 20)


def test_it_is_over_when_tails_are_within_one_deviation():
    """Three evaluations near the usual end it; two do not."""
    watched = warm()
    play(watched, [2.8] * 3)
    assert not play(watched, [2.1] * 2)
    assert play(watched, [2.1]) == [ENDED]


def test_what_lasts_becomes_usual():
    """An hour at the new price ends it."""
    watched = warm()
    told = play(watched, [2.8] * 75, every_ms=60_000)
    assert told == [BEGUN, ENDED]


def test_before_half_an_hour_nothing_is_judged():
    """With 29 samples there is no measure."""
    watched = warm(minutes=29)
    assert not play(watched, [9.0])
    assert watched.sightings is None


def test_a_quiet_session_tells_nothing():
    """In ten sessions of noise of two percent nothing is dear."""
    for seed in range(10):
        assert not warm(minutes=370, seed=seed).events


def test_the_last_twenty_minutes_of_an_expiration_are_not_judged():
    """At 15:45 the tails of today's chain are ticks; those of tomorrow's chain are judged."""
    for chain, told in ((CHAIN, []), (LATER, [BEGUN])):
        watched = warm(at(14, 30), chain)
        watched.ts = at(15, 45)
        assert play(watched, [9.0] * 5, chain) == told


def test_another_chain_or_day_is_begun_anew():
    """Tails of the next chain, or day, are held against nothing at first."""
    watched = warm()
    assert not play(watched, [5.0] * 5, LATER)
    watched = warm()
    watched.ts += 24 * 3600_000
    assert not play(watched, [5.0] * 5)


def test_without_a_tail_nothing_ends():
    """A bad fit, or one that gives no tail, is no sight; after the session it is over."""
    watched = warm()
    play(watched, [2.8] * 3)
    neither = smile(left_tail=None, right_tail=None), smile(left_tail=0.0, right_tail=0.0)
    for part in (None, *neither, smile(is_good=False, error=0.08)):
        for _ in range(5):
            assert watched.see(picture=picture(smile=part)) == []
            assert watched.sightings is None
    assert [event for _ in range(3) for event in watched.see(session=closed(watched.ts))] == [ENDED]


def test_its_memory_is_small():
    """A whole day's memory is less than four kilobytes of JSON."""
    watched = warm(minutes=390)
    for samples in (watched.memory.left, watched.memory.right):
        assert len(samples.hour) == 60
        assert len(samples.session) <= 100
    assert len(msgspec.json.encode(watched.memory)) < 4_000
