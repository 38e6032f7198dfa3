"""The normal distribution, against 50 digits."""

import mpmath
import numpy as np
import pytest
from mpmath import mp

from marketswarm.maths.normal import ERFCX, cumulative, density, erfcx, gauss

PRECISION = 50
SIZES = np.concatenate([np.geomspace(1e-9, 37, 400), np.linspace(0.01, 12, 300), [0.0]])


@pytest.fixture(autouse=True)
def digits():
    """Work with 50 digits."""
    with mp.workdps(PRECISION):
        yield


def exact_erfcx(x):
    """exp(x^2) erfc(x)."""
    x = mp.mpf(x)
    return mp.exp(x * x) * mp.erfc(x)


def worst(values, exact):
    """The largest relative error."""
    return max(float(abs(mp.mpf(float(value)) / true - 1)) for value, true in zip(values, exact, strict=True))


def test_the_scaled_complement_is_exact_to_the_last_digits():
    """From 0 to far beyond what a double can hold of erfc itself, the relative error stays below 1e-15."""
    assert worst(erfcx(SIZES), [exact_erfcx(x) for x in SIZES]) < 1e-15


def test_far_out_it_is_one_over_x():
    """At a million it is 1 / (x √π), as its expansion says."""
    assert float(erfcx(np.array([1e6]))[0]) == pytest.approx(float(1 / (1e6 * mp.sqrt(mp.pi))), rel=1e-12)


def test_the_coefficients_are_the_expansion_that_is_named():
    """The Chebyshev expansion of (1 + 2x) erfcx(x) in t, to degree 25, gives each coefficient to the last digit."""
    nodes = [mp.cos(mp.pi * (2 * j + 1) / 120) for j in range(60)]
    values = [(1 + 2 * x) * exact_erfcx(x) for x in (mp.mpf("3.75") * (1 + t) / (1 - t) for t in nodes)]
    power = [mp.mpf(0)] * len(ERFCX)
    before, now = [mp.mpf(1)], [mp.mpf(0), mp.mpf(1)]
    for degree in range(len(ERFCX)):
        terms = [value * mp.cos(degree * mp.pi * (2 * j + 1) / 120) / 30 for j, value in enumerate(values)]
        weight = mp.fsum(terms) / (2 if degree == 0 else 1)
        for n, factor in enumerate(before):
            power[n] += weight * factor
        after = [mp.mpf(0)] + [2 * factor for factor in now]
        before, now = now, [mpmath.fsub(a, before[n] if n < len(before) else 0) for n, a in enumerate(after)]
    assert [float(factor) for factor in reversed(power)] == list(ERFCX)


def test_probabilities_keep_their_digits_in_both_wings():
    """N(x) is exact to 3e-15 relative from -37 on, and never leaves 0 … 1."""
    x = np.concatenate([-SIZES, SIZES])
    assert worst(cumulative(x), [mp.ncdf(mp.mpf(value)) for value in x]) < 3e-15
    assert cumulative(np.array([-50.0, 50.0])).tolist() == [0.0, 1.0]


def test_the_bell_keeps_its_digits():
    """exp(-x^2 / 2) and the density are exact to 1e-15 relative where the plain formula loses two digits."""
    x = np.concatenate([-SIZES, SIZES])
    exact = [mp.exp(-(mp.mpf(value) ** 2) / 2) for value in x]
    assert worst(gauss(x), exact) < 1e-15
    assert worst(density(x), [value / mp.sqrt(2 * mp.pi) for value in exact]) < 1e-15
