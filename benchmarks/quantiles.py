"""Quantiles of samples, as plain as they can be: the sample at the rank, nothing interpolated."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """What is said of many samples, in their own unit."""

    count: int
    p50: float
    p99: float
    longest: float


def quantile(ordered: Sequence[float], share: float) -> float:
    """The smallest sample that at least that share of all samples does not exceed.

    Args:
        ordered: ascending, at least one.
        share: above 0, at most 1.
    """
    if not ordered or not 0 < share <= 1:
        raise ValueError(f"share {share} of {len(ordered)} samples")
    whole = len(ordered) * share
    rank = int(whole) if whole == int(whole) else int(whole) + 1
    return ordered[rank - 1]


def spread_of(samples: Sequence[float]) -> Spread:
    """The spread of samples in any order; all zero when there are none."""
    if not samples:
        return Spread(0, 0.0, 0.0, 0.0)
    ordered = sorted(samples)
    return Spread(len(ordered), quantile(ordered, 0.5), quantile(ordered, 0.99), ordered[-1])


def median(samples: Sequence[float]) -> float:
    """The middle one, the lower of two."""
    return quantile(sorted(samples), 0.5)


def thirds_of(samples: Sequence[tuple[float, float]]) -> tuple[list[float], list[float], list[float]]:
    """Values of (time, value) samples by the third of the time span that they fall into."""
    if not samples:
        return [], [], []
    first, last = min(at for at, _ in samples), max(at for at, _ in samples)
    step = (last - first) / 3 or 1.0
    parts: tuple[list[float], list[float], list[float]] = ([], [], [])
    for at, value in samples:
        parts[min(2, int((at - first) / step))].append(value)
    return parts
