"""Dear tails."""

from datetime import date

import msgspec
import numpy as np

from marketswarm.model.chain import ChainId
from marketswarm.vigil.detectors import jump_risk
from tests.support.vigil_pictures import CHAIN, picture, smile
from tests.support.watched import Watched, at, closed

BEGUN, ENDED = ("jump_risk", "enter", ""), ("jump_risk", "exit", "")
LATER = ChainId("SPX", date(2026, 11, 24))


def play(watched, tails, chain=CHAIN, every_ms=10_000):
    """Pictures with such left tails; all that is told."""
    return [
        event
        for tail in tails
        for event in watched.see(
            chain=chain, picture=picture(chain=chain, smile=smile(left_tail=float(tail))), every_ms=every_ms
        )
    ]


def warm(ts=at(9, 30), chain=CHAIN, minutes=60, seed=1):
    """A detector that has seen an hour of tails around 2.1, with noise of two percent."""
    watched = Watched(jump_risk, ts)
    tails = 2.1 * np.exp(0.02 * np.random.default_rng(seed).standard_normal(minutes))
    assert not play(watched, tails, chain, 60_000)
    return watched


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
    for part in (None, smile(left_tail=None), smile(left_tail=0.0), smile(is_good=False, error=0.08)):
        for _ in range(5):
            assert watched.see(picture=picture(smile=part)) == []
            assert watched.sightings is None
    assert [event for _ in range(3) for event in watched.see(session=closed(watched.ts))] == [ENDED]


def test_its_memory_is_small():
    """A whole day's memory is less than two kilobytes of JSON."""
    watched = warm(minutes=390)
    assert len(watched.memory.hour) == 60
    assert len(watched.memory.session) <= 100
    assert len(msgspec.json.encode(watched.memory)) < 2_000
