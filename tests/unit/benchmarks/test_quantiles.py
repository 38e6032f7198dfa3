"""Quantiles and thirds of samples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.quantiles import median, quantile, spread_of, thirds_of


@pytest.mark.parametrize(
    ("share", "expected"), [(0.01, 1), (0.5, 50), (0.501, 51), (0.99, 99), (0.995, 100), (1, 100)]
)
def test_a_quantile_is_the_sample_at_its_rank(share, expected):
    """Of the numbers 1 to 100 the p99 is 99: a sample that was there, nothing interpolated."""
    assert quantile(range(1, 101), share) == expected


@given(st.lists(st.floats(-1e6, 1e6), min_size=1), st.floats(0.01, 1))
def test_enough_samples_lie_at_or_below_a_quantile(samples, share):
    """At least the share does, and less than the share lies strictly below."""
    found = quantile(sorted(samples), share)
    assert sum(sample <= found for sample in samples) >= share * len(samples) - 1e-9
    assert sum(sample < found for sample in samples) < share * len(samples) + 1e-9


@pytest.mark.parametrize(("samples", "share"), [([], 0.5), ([1.0], 0), ([1.0], 1.1)])
def test_a_quantile_of_nothing_is_refused(samples, share):
    """Neither no samples nor a share outside of (0, 1] has one."""
    with pytest.raises(ValueError, match="share"):
        quantile(samples, share)


def test_the_spread_takes_samples_in_any_order():
    """Count, p50, p99 and the longest."""
    spread = spread_of([3.0, 1.0, 2.0])
    assert (spread.count, spread.p50, spread.p99, spread.longest) == (3, 2.0, 3.0, 3.0)
    assert spread_of([]).count == 0


def test_the_median_of_an_even_number_is_the_lower():
    """It is a sample that was measured."""
    assert median([4.0, 1.0, 3.0, 2.0]) == 2.0


def test_thirds_are_of_time_and_not_of_count():
    """Samples go where their time lies, however many there are."""
    samples = [(0.0, 1.0), (0.5, 2.0), (1.0, 3.0), (4.0, 4.0), (9.0, 5.0)]
    assert thirds_of(samples) == ([1.0, 2.0, 3.0], [4.0], [5.0])
    assert thirds_of([(7.0, 1.0)]) == ([1.0], [], [])
    assert thirds_of([]) == ([], [], [])
