"""Clearly positive, clearly negative, or neither."""

from datetime import timedelta

import pytest

from marketswarm.model.chain import ChainId
from marketswarm.vigil.detectors import regime
from marketswarm.vigil.picture import Crossing
from marketswarm.vigil.sighting import Marks
from tests.support.vigil_pictures import CHAIN, picture
from tests.support.watched import Watched, closed, ladder

ABOVE = 6800.0  # of a flip at 6790: a sixth of the expected move


def seen():
    """The detector at a chain that was neither at first."""
    watched = Watched(regime)
    assert not told(watched, 6, regime=0.0)
    return watched


def told(watched, times, spot=ABOVE, **levels):
    """All that is told in so many ticks of the same levels."""
    return [event for _ in range(times) for event in watched.see_gamma(spot, **levels)]


def test_a_regime_begins_after_a_minute_at_a_tenth_and_ends_after_a_minute_below_a_twentieth():
    """Six ticks at +0.10 begin it, +0.05 keeps it, six ticks below end it; five are too few for either."""
    watched = seen()
    assert not told(watched, 5, regime=0.10)
    assert told(watched, 1, regime=0.10) == [("regime", "enter", "positive")]
    assert not told(watched, 20, regime=0.05)
    assert not told(watched, 5, regime=0.04)
    assert not told(watched, 1, regime=0.06)
    assert not told(watched, 5, regime=0.04)
    assert told(watched, 1, regime=0.04) == [("regime", "exit", "positive")]


def test_a_regime_of_less_than_a_tenth_never_begins():
    """0.09 is neutral, on both sides."""
    watched = seen()
    assert not told(watched, 20, regime=0.09)
    assert not told(watched, 20, 6780.0, regime=-0.09)


def test_a_negative_regime_has_a_key_of_its_own():
    """From positive to negative the one ends and the other begins, with numbers that tell where the flip is."""
    watched = seen()
    told(watched, 6, regime=0.3)
    assert told(watched, 6, 6780.0, regime=-0.2) == [
        ("regime", "enter", "negative"),
        ("regime", "exit", "positive"),
    ]
    evidence = watched.events[-2].evidence
    assert (evidence["regime"].value, evidence["flip"].value, evidence["distance"].value) == (
        -0.2,
        6790.0,
        -10.0,
    )
    assert watched.events[-2].title == "Gamma model is negative (-0.20)"


def test_spot_must_be_clear_of_the_flip_to_begin_and_not_to_go_on():
    """Within a twentieth of the expected move of the flip, or on the wrong side, no regime begins; one that runs goes on."""
    watched = seen()
    assert not told(watched, 20, 6792.9, regime=0.3)
    assert not told(watched, 20, 6780.0, regime=0.3)
    assert told(watched, 6, 6793.0, regime=0.3) == [("regime", "enter", "positive")]
    assert not told(watched, 20, 6790.0, regime=0.3)


@pytest.mark.parametrize(("spot", "expected"), [(6780.0, "positive"), (6800.0, "")])
def test_the_side_is_that_of_the_slope(spot, expected):
    """Where the profile falls through the flip the positive side is below it."""
    watched = seen()
    crossings = (Crossing(6700.0, 1e6), Crossing(6790.0, -1e6))
    keys = {key for _, _, key in told(watched, 10, spot, regime=0.3, crossings=crossings)}
    assert keys == ({expected} if expected else set())


def test_without_a_flip_there_is_nothing_to_confirm():
    """A profile that nowhere changes its sign is a regime by itself; with a flip and no measure none begins."""
    watched = seen()
    assert told(watched, 6, regime=0.5, flip=None, crossings=()) == [("regime", "enter", "positive")]
    assert "flip" not in watched.events[0].evidence
    watched = seen()
    for _ in range(20):
        assert not watched.see(picture=picture(gamma=ladder(regime=0.5)), marks=Marks())


def test_without_gamma_it_is_not_judged():
    """Without levels nothing ends; after the session the regime is over."""
    watched = seen()
    told(watched, 6, regime=0.3)
    for _ in range(20):
        assert watched.see(picture=picture(gamma=None)) == []
        assert watched.sightings is None
    ended = [event for _ in range(6) for event in watched.see(session=closed(watched.ts))]
    assert ended == [("regime", "exit", "positive")]


@pytest.mark.parametrize(("side", "share", "spot"), [("positive", 0.3, 6800.0), ("negative", -0.3, 6780.0)])
def test_what_stands_when_a_chain_is_first_seen_is_no_news(side, share, spot):
    """It has not turned: it is told only when it has been over for a minute and comes again."""
    watched = Watched(regime)
    assert not told(watched, 30, spot, regime=share)
    assert not told(watched, 5, spot, regime=0.0)
    assert not told(watched, 30, spot, regime=share)
    assert not told(watched, 6, spot, regime=0.0)
    assert told(watched, 6, spot, regime=share) == [("regime", "enter", side)]


def test_a_turn_from_what_stood_is_told():
    """Positive at the start, then negative: the negative regime begins."""
    watched = Watched(regime)
    assert not told(watched, 30, regime=0.3)
    assert told(watched, 6, 6780.0, regime=-0.2) == [("regime", "enter", "negative")]


def test_a_regime_that_was_told_goes_on_with_another_chain():
    """What stands with the next chain neither begins nor ends it; it ends when that chain is no longer clear."""
    watched = seen()
    told(watched, 6, regime=0.3)
    chain = ChainId(CHAIN.symbol, CHAIN.expiration + timedelta(days=1))

    def of_next(share):
        return watched.see(chain=chain, picture=picture(chain=chain, gamma=ladder(regime=share)))

    assert [of_next(0.3) for _ in range(20)] == [[]] * 20
    assert [event for _ in range(6) for event in of_next(0.0)] == [("regime", "exit", "positive")]
