"""Pin risk: close to a strike with much gamma of one sign, in the last two hours."""

import math
from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from marketswarm.model.chain import ChainId
from marketswarm.vigil.detectors.pin import DETECTOR, Memory, Thresholds
from marketswarm.vigil.picture import Cluster, GammaLevels, MoveLevels, Picture, Quality
from tests.support.vigil_drive import SESSION, STEP_MS, marks_at, moments, ticks_of

STRIKE, RULES = 6_000.0, Thresholds()
STRIKES = np.array([5_990.0, 5_995.0, 6_000.0, 6_005.0, 6_010.0])
PIN = Cluster(centre=6_000.5, low=5_995.0, high=6_005.0, share=0.5, ratio=0.8)


def gamma(gross=(1, 3, 9, 3, 1), clusters=(PIN,)):
    """Exposure by strike."""
    weights = np.array(gross, dtype=float)
    return GammaLevels(
        weighing="open-interest",
        strikes=STRIKES,
        net=weights,
        gross=weights,
        call=weights,
        put=0 * weights,
        total=float(weights.sum()),
        gross_total=float(weights.sum()),
        grid=STRIKES,
        profile=weights,
        at_spot=1.0,
        regime=0.5,
        crossings=(),
        flip=None,
        flip_confidence=None,
        call_wall=None,
        put_wall=None,
        call_peak=None,
        put_peak=None,
        heaviest=STRIKE,
        lowest=None,
        clusters=clusters,
        vanna=0.0,
        charm=0.0,
    )


def picture(minutes=60.0, straddle=8.0, **levels):
    """A chain that long before its settlement."""
    move = MoveLevels(forward=STRIKE, years=minutes / 525_600, volatility=0.2, straddle=straddle, sigma=10.0)
    return Picture(
        chain=ChainId("SPX", "2026-11-23"),
        ts=0,
        spot=STRIKE,
        quality=Quality(coverage=1.0, stale_share=0.0, greeks_source="local", quoted_ms=0),
        gamma=gamma(**levels),
        move=move,
    )


def seen(spot=STRIKE, shown=None, memory=None, **tick):
    """Memory and sightings of one moment."""
    ticks = ticks_of([spot], **tick)
    [moment] = moments(ticks, marks_at(STRIKE), thresholds=RULES, picture=shown or picture())
    return DETECTOR.watch(memory or Memory(), moment)


def test_the_score_is_nearness_times_the_long_share():
    """exp(-distance / (0.25 expected move that remains)) × share × (1 + ratio) / 2, with the strike as key."""
    _, [pin] = seen(STRIKE + 1)
    assert pin.magnitude == pytest.approx(math.exp(-1 / 2) * 0.5 * 0.9)
    assert (pin.key, pin.dwell) == ("6000", 30)
    assert pin.evidence["distance"].value == -1


def test_it_begins_and_ends_at_different_scores():
    """0.25 begins it, below 0.15 ends it."""
    assert seen(STRIKE)[1][0].magnitude >= RULES.enter
    assert RULES.leave <= seen(STRIKE + 1.5)[1][0].magnitude < RULES.enter
    assert seen(STRIKE + 3)[1][0].magnitude < RULES.leave


def test_before_the_last_two_hours_there_is_none():
    """At 120 minutes to settlement nothing is sighted yet."""
    assert seen(shown=picture(minutes=120))[1] == ()
    assert seen(shown=picture(minutes=119.9))[1] != ()


def test_gamma_that_speeds_spot_up_pins_nothing():
    """Where dealers are short of all of it there is no score, where they are of nearly all there is next to none."""
    assert seen(shown=picture(clusters=(replace(PIN, ratio=-1.0),)))[1][0].magnitude == 0
    assert seen(shown=picture(clusters=(replace(PIN, ratio=-0.9),)))[1][0].magnitude < 0.03


def test_calls_and_puts_that_net_to_nothing_pin_all_the_same():
    """Four fifths of all gamma at a strike, half of it long, is a risk, though net over gross is nothing there."""
    _, [pin] = seen(shown=picture(clusters=(replace(PIN, share=0.8, ratio=0.0),)))
    assert pin.magnitude == pytest.approx(0.4)
    assert pin.evidence["long_share"].value == pytest.approx(0.4)


def test_the_likeliest_cluster_is_told():
    """Of several the one with the highest score."""
    far = Cluster(centre=5_990.0, low=5_990.0, high=5_990.0, share=0.5, ratio=1.0)
    assert seen(shown=picture(clusters=(far, PIN)))[1][0].key == "6000"


def test_a_strike_stays_until_another_is_heavier_by_a_tenth():
    """So that two strikes of equal weight do not take turns."""
    memory, _ = seen()
    assert seen(shown=picture(gross=(1, 3, 9, 9.5, 1)), memory=memory)[1][0].key == "6000"
    assert seen(shown=picture(gross=(1, 3, 9, 10.5, 1)), memory=memory)[1][0].key == "6005"


def test_without_clusters_nothing_is_sighted():
    """No cluster, or none with a strike in it: no pin, and an earlier one has ended."""
    assert seen(shown=picture(clusters=()))[1] == ()
    empty = Cluster(centre=6_001.0, low=6_001.0, high=6_002.0, share=0.5, ratio=1.0)
    assert seen(shown=picture(clusters=(empty,)))[1] == ()


def test_without_levels_nothing_is_judged():
    """No picture, no gamma, no expected move, no price."""
    assert seen(shown=replace(picture(), gamma=None))[1] is None
    assert seen(shown=replace(picture(), move=None))[1] is None
    assert seen(math.nan)[1] is None
    [moment] = moments(ticks_of([STRIKE]), marks_at(STRIKE), thresholds=RULES)
    assert DETECTOR.watch(Memory(), moment) == (Memory(), None)


def test_it_ends_with_the_session():
    """Outside of it nothing is pinned."""
    assert seen(start_ms=SESSION.open_ms - STEP_MS) == (Memory(), ())


def test_the_bands_lie_apart():
    """`leave` must be below `enter`."""
    with pytest.raises(ValidationError, match="it must be less than enter"):
        Thresholds(leave=0.3)
