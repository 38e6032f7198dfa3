"""Detectors that failed: a fault of ours, never of the market, and no reason for the others to fall silent. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Failure(NamedTuple):
    """One detector that raised an error at one tick, ms."""

    detector: str
    ts: int
    error: Exception


def counted(before: Mapping[str, int], failures: Iterable[Failure]) -> dict[str, int]:
    """Detector → at how many ticks it has failed, with these."""
    return dict(Counter(before) + Counter(name for name, _ in {(one.detector, one.ts) for one in failures}))


def in_words(failures: Iterable[Failure]) -> list[str]:
    """One note a detector, with its first error."""
    first: dict[str, Failure] = {}
    ticks: dict[str, set[int]] = {}
    for one in failures:
        first.setdefault(one.detector, one)
        ticks.setdefault(one.detector, set()).add(one.ts)
    return [
        f"{name} failed at {len(ticks[name])} tick{'s' * (len(ticks[name]) > 1)}, begun anew: {kind_of(one.error)}"
        for name, one in first.items()
    ]


def kind_of(error: Exception) -> str:
    """An error in one short line."""
    text = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
