"""Peaks of a kernel density and the regions around them, on densities that are known."""

from itertools import pairwise
from math import exp, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketswarm.maths.clusters import Density, density_of, kernel_of, regions

HALF_WIDTH = sqrt(2 * log(2))  # of a bell at half of its height, in bandwidths


def found(weights, bandwidth=10.0):
    """The regions of weights given as place → weight."""
    places, heights = (np.array(column, dtype=float) for column in zip(*sorted(weights.items()), strict=True))
    return regions(density_of(kernel_of(places, bandwidth), heights))


def line(*heights):
    """A density of these heights at 0, 1, 2 and so on."""
    return Density(np.arange(len(heights), dtype=float), np.array(heights, dtype=float))


def test_the_density_is_a_sum_of_bells():
    """Σ w exp(-(x - K)² / 2h²) at every point, worked out one by one, to three bandwidths beyond the outermost places."""
    density = density_of(kernel_of(np.array([90.0, 100.0]), 4.0), np.array([2.0, 5.0]))
    assert density.points[0] == 78
    assert density.points[-1] == 112
    for x, height in zip(*density, strict=True):
        assert height == pytest.approx(2 * exp(-((x - 90) ** 2) / 32) + 5 * exp(-((x - 100) ** 2) / 32))


def test_one_place_is_one_region():
    """Around a single place, to half of the peak on both sides."""
    (region,) = found({6_800: 3.0})
    assert region.peak == pytest.approx(6_800, abs=1)
    assert region.low == pytest.approx(6_800 - 10 * HALF_WIDTH, abs=0.1)
    assert region.high == pytest.approx(6_800 + 10 * HALF_WIDTH, abs=0.1)


def test_two_places_far_apart_are_two_regions():
    """Each around its own peak, apart from each other."""
    lower, upper = found({6_700: 1.0, 6_800: 2.0})
    assert (lower.peak, upper.peak) == (pytest.approx(6_700, abs=1), pytest.approx(6_800, abs=1))
    assert lower.high < upper.low


def test_two_places_close_together_are_one_region():
    """Less than two bandwidths apart there is one peak between them."""
    (region,) = found({6_795: 1.0, 6_805: 1.0})
    assert region.peak == pytest.approx(6_800, abs=1)


def test_neighbours_share_the_valley():
    """Peaks between which the density stays above half of them are cut at its lowest point."""
    lower, upper = found({6_787: 1.0, 6_813: 1.0})
    assert lower.high == upper.low == pytest.approx(6_800, abs=1)


def test_a_small_peak_does_not_count():
    """Under 15 % of the highest peak it stands out too little; above it counts."""
    assert len(found({6_700: 0.14, 6_800: 1.0})) == 1
    assert len(found({6_700: 0.16, 6_800: 1.0})) == 2


@pytest.mark.parametrize(
    ("heights", "peaks"),
    [
        ((0, 10, 9, 9.5, 0), [1]),  # it rises by 0.5 of 10 only
        ((0, 10, 8, 9.5, 0), [1, 3]),  # by exactly 15 %
        ((0, 10, 3, 9, 8.9, 10, 0), [1, 5]),
        ((0, 5, 5, 5, 0), [2]),  # the middle of a flat top
        ((5, 1, 5), []),  # an end is no peak
        ((0, 0, 0), []),
        ((1, 2, 2, 3, 0), [3]),  # a step on the way up is none
    ],
)
def test_peaks_by_prominence(heights, peaks):
    """Which of the local maxima stand out by at least 15 % of the highest."""
    assert [region.peak for region in regions(line(*heights))] == peaks


@settings(deadline=None)
@given(st.dictionaries(st.integers(0, 400), st.floats(0, 1e9), min_size=1, max_size=40), st.floats(1e-3, 1e3))
def test_regions_are_ordered_and_do_not_overlap(weights, bandwidth):
    """Whatever the weights: low ≤ peak ≤ high, each region ends before the next begins; without any weight there is none."""
    regions_ = found(weights, bandwidth)
    assert bool(regions_) == (max(weights.values()) > 0)
    assert all(one.low <= one.peak <= one.high for one in regions_)
    assert all(one.high <= other.low for one, other in pairwise(regions_))


def test_places_that_span_far_are_seen_at_a_bounded_number_of_points():
    """The bandwidth is never less than a 250th of the span, so that no peak falls between two points."""
    density = density_of(kernel_of(np.array([0.0, 500_000.0, 1e6]), 1e-3), np.array([1.0, 0.0, 2.0]))
    assert density.points.size <= 2_060
    assert [region.peak for region in regions(density)] == [
        pytest.approx(0, abs=500),
        pytest.approx(1e6, abs=500),
    ]
