"""Which cluster of one evaluation is which of the evaluation before. Pure."""

from collections.abc import Sequence

from msgspec import Struct

from marketswarm.vigil.picture import Cluster


class Known(Struct, frozen=True, array_like=True):
    """A cluster that is followed from one evaluation to the next.

    Attributes:
        centre, low, high, share, ratio: as it was last seen.
        key: the strike nearest to its centre when it formed; empty while it is only forming, or its forming is held back.
        told: the centre that was told last. `most`: the largest share it had.
        run: evaluations in a row that speak for its forming, or for its dissolving once it has formed.
        away: evaluations in a row in which it stood away from what was told, below zero where it stood lower.
        is_around: spot has been within it ever since it formed. `out`: ticks in a row in which it was not, while they are few.
    """

    centre: float
    low: float
    high: float
    share: float
    ratio: float
    key: str = ""
    told: float = 0.0
    most: float = 0.0
    run: int = 0
    away: int = 0
    is_around: bool = False
    out: int = 0


def seen(cluster: Cluster) -> Known:
    """A cluster as it is remembered, in numbers that can be stored."""
    return Known(
        centre=float(cluster.centre),
        low=float(cluster.low),
        high=float(cluster.high),
        share=float(cluster.share),
        ratio=float(cluster.ratio),
    )


Pair = tuple[Known | None, Cluster | None]


def pairs_of(known: Sequence[Known], clusters: Sequence[Cluster], reach: float) -> tuple[Pair, ...]:
    """Each known cluster with what it is now, None when it is gone; then the new ones, alone.

    The nearest centres find each other first. Beyond the reach, in points, only such do whose regions hold each other's centres: a
    region that loses or wins a shoulder is the same one, though its centre leaps.
    """
    distances = sorted(
        (distance, before, now)
        for before, one in enumerate(known)
        for now, other in enumerate(clusters)
        if (distance := abs(one.centre - other.centre)) <= reach
        or (one.low <= other.centre <= one.high and other.low <= one.centre <= other.high)
    )
    found: dict[int, int] = {}
    taken: set[int] = set()
    for _, before, now in distances:
        if before not in found and now not in taken:
            found[before] = now
            taken.add(now)
    kept: list[Pair] = [
        (one, clusters[found[before]] if before in found else None) for before, one in enumerate(known)
    ]
    return (*kept, *((None, one) for now, one in enumerate(clusters) if now not in taken))


def free_key(key: str, known: Sequence[Known]) -> str:
    """The key, or with a number behind it while another that formed there and moved away is alive."""
    taken = {one.key for one in known}
    number, free = 1, key
    while free in taken:
        number += 1
        free = f"{key}-{number}"
    return free
