"""The normal distribution to full double precision, vectorised, far wings included.

Everything rests on the scaled complement erfcx(x) = exp(x^2) erfc(x), which neither underflows nor cancels. It is one
polynomial in t = (x - 3.75) / (x + 3.75) over 1 + 2x, the form of Shepherd and Laframboise, "Chebyshev Approximation of
(1 + 2x) exp(x^2) erfc x in 0 <= x < inf", Mathematics of Computation 36 (1981). The coefficients are an expansion of our own
to degree 25 at 60 digits (the test makes them anew); the relative error is below 1e-15.
"""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SQRT_HALF = math.sqrt(0.5)
ROOT_TWO_PI = math.sqrt(2 * math.pi)
_CENTRE = 3.75
# fmt: off
# Of t^25, t^24, … t^0.
ERFCX = (
    -3.75315827795962e-11, 4.2514714447963895e-10, 5.457157304704688e-10, -5.1739902140113095e-09,
    -4.389284159986328e-09, 3.8675334242222354e-08, 2.4289762925488707e-08, -2.5866850716155884e-07,
    -5.826281078800777e-08, 1.751637648849062e-06, -9.72849582211122e-07, -1.1444146237700524e-05,
    2.2383912036550678e-05, 5.164909889268241e-05, -0.00029015397928986765, 0.0002937136655913448,
    0.0017556258324217529, -0.009746579558029276, 0.0283622774215156, -0.05869339858963677,
    0.09230432116019834, -0.10880393014174886, 0.08227673849015102, 0.0035854154854644293,
    -0.14024059858554702, 1.2375126308378275,
)
# fmt: on


def erfcx(x: Floats) -> Floats:
    """exp(x^2) erfc(x) for x >= 0."""
    t = (x - _CENTRE) / (x + _CENTRE)
    result = np.full_like(t, ERFCX[0])
    for coefficient in ERFCX[1:]:
        result *= t
        result += coefficient
    return np.asarray(result / (1 + 2 * x))


def gauss(x: Floats) -> Floats:
    """exp(-x^2 / 2) with full relative precision: the square is taken in two parts, the first of them exact."""
    coarse = np.trunc(x * 16) / 16
    return np.asarray(np.exp(-0.5 * coarse * coarse) * np.exp(-0.5 * (x - coarse) * (x + coarse)))


def density(x: Floats) -> Floats:
    """Density of the standard normal distribution."""
    return gauss(x) / ROOT_TWO_PI


def cumulative(x: Floats) -> Floats:
    """Standard normal distribution function; small values keep their relative precision down to 1e-300."""
    size = np.abs(x)
    tail = 0.5 * gauss(size) * erfcx(size * SQRT_HALF)
    return np.where(x > 0, 1 - tail, tail)
