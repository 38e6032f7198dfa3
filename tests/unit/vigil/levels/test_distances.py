"""How far key strikes are."""

import math

import numpy as np
import pytest
from mpmath import mp

from marketswarm.vigil.levels.distances import distances_of
from marketswarm.vigil.picture import GammaLevels, MoveLevels

MOVE = MoveLevels(forward=6_803.0, years=0.001, volatility=0.186, straddle=32.0, sigma=40.0)


def gamma(strikes, net, gross):
    """Levels with nothing but strikes and their exposure."""
    nothing = np.array([])
    return GammaLevels(
        weighing="open-interest",
        strikes=np.array(strikes, dtype=float),
        net=np.array(net, dtype=float),
        gross=np.array(gross, dtype=float),
        call=nothing,
        put=nothing,
        total=float(sum(net)),
        gross_total=float(sum(gross)),
        grid=nothing,
        profile=nothing,
        at_spot=0.0,
        regime=0.0,
        crossings=(),
        flip=None,
        flip_confidence=None,
        call_wall=None,
        put_wall=None,
        call_peak=None,
        put_peak=None,
        heaviest=None,
        lowest=None,
        clusters=(),
        vanna=0.0,
        charm=0.0,
    )


def test_every_measure_by_its_formula():
    """Ten points above spot: a quarter of a sigma, a fifth of the open's move, 2 (1 - N(0.25)), and the pin score's product."""
    levels = gamma([6_800, 6_810], net=[10, 45], gross=[40, 60])
    (found,) = distances_of(6_800, {"call_wall": 6_810}, move=MOVE, move_open=50.0, gamma=levels)
    assert (found.name, found.strike, found.points) == ("call_wall", 6_810, 10)
    assert (found.sigmas, found.moves) == (0.25, 0.2)
    assert found.touch == pytest.approx(float(2 * (1 - mp.ncdf(mp.mpf("0.25")))), rel=1e-12)
    assert found.pin == pytest.approx(math.exp(-10 / (0.25 * 32)) * 0.6 * 0.75, rel=1e-12)


def test_signs_say_the_side():
    """Below spot is negative in points, sigmas and moves; a probability has no side."""
    low, high = distances_of(6_800, {"put_wall": 6_780, "call_wall": 6_820}, move=MOVE, move_open=50.0)
    assert {low.points, high.points} == {-20, 20}
    assert {low.sigmas, high.sigmas} == {-0.5, 0.5}
    assert low.touch == high.touch


def test_the_nearest_comes_first():
    """Whatever its side."""
    found = distances_of(6_800, {"put_wall": 6_700, "call_wall": 6_850, "heaviest": 6_790})
    assert [one.name for one in found] == ["heaviest", "call_wall", "put_wall"]


def test_at_spot_a_strike_is_touched():
    """Distance 0, probability 1, and a pin score of share times ratio."""
    (found,) = distances_of(6_800, {"max_pain": 6_800}, move=MOVE, gamma=gamma([6_800], [5], [10]))
    assert (found.points, found.sigmas, found.touch, found.pin) == pytest.approx((0, 0, 1, 0.5))


@pytest.mark.parametrize(("net", "gross"), [(-5, 10), (0, 0)])
def test_negative_gamma_holds_nothing(net, gross):
    """Nor does a strike where nothing stands."""
    (found,) = distances_of(
        6_800, {"heaviest": 6_800}, move=MOVE, gamma=gamma([6_800, 6_805], [net, 1], [gross, 1])
    )
    assert found.pin == 0


def test_what_is_not_known_is_absent():
    """Points alone without move, open and gamma; no pin for a strike that is not listed."""
    (found,) = distances_of(6_800, {"flip": 6_803.3})
    assert (found.sigmas, found.moves, found.touch, found.pin) == (None, None, None, None)
    (found,) = distances_of(6_800, {"flip": 6_803.3}, move=MOVE, gamma=gamma([6_800], [1], [1]))
    assert found.pin is None
    assert found.touch is not None


@pytest.mark.parametrize("spot", [math.nan, math.inf, 0.0, -1.0])
def test_without_a_spot_there_are_none(spot):
    """Nor for a strike that is no number."""
    assert distances_of(spot, {"heaviest": 6_800}) == ()
    assert distances_of(6_800, {"heaviest": spot if math.isnan(spot) else math.inf}) == ()
