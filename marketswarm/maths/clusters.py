"""Where weight on a line gathers: peaks of a kernel density, and the region around each. Pure numpy.

The density is a sum of normal bells, one a place, as in B. W. Silverman, "Density Estimation for Statistics and Data Analysis"
(1986). A peak counts by its topographic prominence: how far one has to go down from it before one can go higher.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from marketswarm.maths.normal import Floats

LEAST_PROMINENCE = 0.15  # of the highest peak
_SHOULDER = 0.5  # of a peak: a region ends where the density falls below it
_POINTS = 8  # a bandwidth
_NARROWEST = 1 / 250  # bandwidth, of what the places span: the number of points is bounded
_MARGIN = 3  # bandwidths beyond the outermost places, where every shoulder has ended


class Region(NamedTuple):
    """Around one peak of the density; regions side by side share a border, and none overlap."""

    low: float
    peak: float
    high: float


class Kernel(NamedTuple):
    """The bells of places a line apart, each of height 1: a row a place, a column a point, points evenly spaced."""

    places: Floats
    bandwidth: float
    points: Floats
    bells: Floats


class Density(NamedTuple):
    """Weight at points a line apart, evenly spaced."""

    points: Floats
    heights: Floats


def kernel_of(places: Floats, bandwidth: float) -> Kernel:
    """The bell exp(-(x - place)² / 2h²) of each place.

    Args:
        places: at least one, ascending.
        bandwidth: h, above 0, in the unit of places; a 250th of what they span is taken for less.
    """
    narrowest = _NARROWEST * float(places[-1] - places[0])
    wide = max(bandwidth, narrowest)
    low, high = places[0] - _MARGIN * wide, places[-1] + _MARGIN * wide
    points = np.linspace(low, high, int(np.ceil((high - low) / wide * _POINTS)) + 1)
    away = np.subtract.outer(places, points)
    away /= wide
    with np.errstate(over="ignore", under="ignore"):
        bells = -0.5 * away
        bells *= away
        np.exp(bells, out=bells)
    return Kernel(places, bandwidth, points, bells)


def density_of(kernel: Kernel, weights: Floats) -> Density:
    """The kernel density D(x) = Σ weight exp(-(x - place)² / 2h²), not normalised; weights are at least 0."""
    return Density(kernel.points, weights @ kernel.bells)


def regions(density: Density, least_prominence: float = LEAST_PROMINENCE) -> tuple[Region, ...]:
    """The regions around the peaks that stand out, ascending: down to half of the peak, or to the valley before the next.

    Args:
        density: of the weights.
        least_prominence: as a share of the highest peak.
    """
    points, heights = density
    peaks = _peaks(heights, least_prominence * heights.max(initial=0.0))
    valleys = [left + int(np.argmin(heights[left : right + 1])) for left, right in pairwise(peaks)]
    bounds = zip([0, *valleys], peaks, [*valleys, heights.size - 1], strict=True) if peaks else ()
    return tuple(
        Region(
            _shoulder(density, peak, left, -1),
            float(points[peak]),
            _shoulder(density, peak, right, 1),
        )
        for left, peak, right in bounds
    )


def _peaks(heights: Floats, least: float) -> list[int]:
    """Local maxima of at least such a prominence; of a flat top its middle."""
    padded = np.concatenate([[-np.inf], heights, [-np.inf]])
    steps = np.flatnonzero(np.diff(padded))  # a level run of heights begins at each
    starts, ends = steps[:-1], steps[1:] - 1
    tops = (padded[starts] < heights[starts]) & (padded[ends + 2] < heights[ends])
    middles = (starts[tops] + ends[tops]) // 2
    high = middles[
        (heights[middles] > 0) & (heights[middles] >= least)
    ]  # no peak is more prominent than high
    return [at for at in high.tolist() if _prominence(heights, at) >= least]


def _prominence(heights: Floats, peak: int) -> float:
    """Height above the higher of the two lowest points on the ways to something higher, or to the ends."""
    higher: NDArray[np.intp] = np.flatnonzero(heights > heights[peak])
    left = int(higher[higher < peak].max(initial=0))
    right = int(higher[higher > peak].min(initial=heights.size - 1))
    return float(heights[peak] - max(heights[left : peak + 1].min(), heights[peak : right + 1].min()))


def _shoulder(density: Density, peak: int, bound: int, way: int) -> float:
    """Where the density falls to the shoulder's height on one side, by linear interpolation; the bound if it does not."""
    points, heights = density
    level = _SHOULDER * heights[peak]
    path = np.arange(peak, bound + way, way)
    under = np.flatnonzero(heights[path] < level)
    if not under.size:
        return float(points[bound])
    outside, inside = path[under[0]], path[under[0]] - way
    share = (heights[inside] - level) / (heights[inside] - heights[outside])
    return float(points[inside] + share * (points[outside] - points[inside]))
