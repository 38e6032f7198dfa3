"""Where a series breaks: a two-sided CUSUM of what is new in each value.

E. S. Page, "Continuous inspection schemes", Biometrika 41 (1954). What is new is the distance of a value from the exponentially
weighted mean before it; it is measured in robust deviations, 1.4826 times the median size of the last ones, and clipped, for the
sums and for the mean, so that one wild value alone is never a break, nor is the way back from it: with Student noise of four
degrees of freedom the clip takes four false alarms of five.

    z = clip((y - mean) / max(deviation, floor)),   up = max(0, up + z - slack),   down = max(0, down - z - slack)

Either sum above `limit` is an alarm, and the series is then measured afresh from where it stands. Gaussian noise reaches a limit
of 5 once in 470 values and one of 10 once in 70,000 (D. Siegmund, "Sequential Analysis", 1985).

That holds for values that return to their mean. A series that wanders is away from its mean most of the time, and would alarm many
times a day. It is told by its way in some steps, which is longer than the way in one, where noise alone makes both alike; and it
breaks only by a change that is also large against its own usual way in as many steps. Own choice.

Nor is a slow trend a break, whose sum grows for an hour: the least change must have come within `span` values, by the mean of the
last three against the median of five before. Soon after a break that is not asked, since the series then has no older past.
"""

from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import fmean, median
from typing import Literal, NamedTuple

_NOW, _PAST = 3, 5  # values that say where a series stands, and where it stood
TO_DEVIATION = 1.4826  # of a normal distribution: its standard deviation over its median absolute deviation


class CusumRule(NamedTuple):
    """How a series is watched.

    Attributes:
        floor: the least deviation, in the series' own unit: the size of its grain.
        half_life: of the mean, in values.
        window: of how many values the deviation is taken.
        warm_up: values before the first z.
        slack: what a z has to exceed to count, `limit` what the sums have to, `clip` the largest z; in deviations.
        least: no smaller change is a break, in the series' own unit.
        span: in so many values the least change must have come.
        steps: in so many a wanderer's way is measured; it wanders when that is more than `wander` times the way in one step, and
            breaks when its change in the last steps is `sharp` deviations of such ways.
    """

    floor: float
    least: float = 0.0
    span: int = 20
    half_life: float = 20.0
    window: int = 60
    warm_up: int = 30
    slack: float = 0.5
    limit: float = 10.0
    clip: float = 3.5
    steps: int = 8
    wander: float = 1.3
    sharp: float = 3.0


@dataclass(frozen=True, slots=True)
class Cusum:
    """What is kept of a series.

    Attributes:
        mean: of the values so far, newer ones weighing more; None before the first.
        young: how many values the mean stands on while it is a plain one, which it is after a break; otherwise 0.
        values: the last ones, oldest first; `sizes` their absolute distances from the mean before each.
        up, down: the sums; `up_from`, `down_from` the mean when each last left zero.
    """

    mean: float | None = None
    young: int = 0
    values: tuple[float, ...] = ()
    sizes: tuple[float, ...] = ()
    up: float = 0.0
    down: float = 0.0
    up_from: float = 0.0
    down_from: float = 0.0


class Break(NamedTuple):
    """An alarm.

    Attributes:
        before: the mean before the series left it; `after` the value that gave the alarm.
        score: the sum that it reached, in deviations.
    """

    direction: Literal["up", "down"]
    before: float
    after: float
    score: float


def follow(cusum: Cusum, value: float, rule: CusumRule) -> tuple[Cusum, Break | None]:
    """Take in one value, which is finite, and say whether the series broke with it."""
    value, mean = float(value), cusum.mean  # a scalar of numpy could not be stored
    values = (*cusum.values, _short(value))[-rule.window :]
    if mean is None:
        return replace(cusum, mean=value, values=values), None
    distance = value - mean
    sizes = (*cusum.sizes, _short(abs(distance)))[-rule.window :]
    summed = cusum
    if len(cusum.sizes) >= rule.warm_up:
        deviation = deviation_of(cusum.sizes, rule.floor)
        distance = deviation * max(-rule.clip, min(rule.clip, distance / deviation))
        summed = _summed(cusum, mean, distance / deviation, rule)
    found = _break_of(summed, value, rule)
    if found is not None:
        return Cusum(mean=value, young=1, values=values, sizes=sizes), found
    weight, young = _weight(cusum.young, rule)
    return replace(summed, mean=mean + weight * distance, young=young, values=values, sizes=sizes), None


def deviation_of(sizes: tuple[float, ...], floor: float) -> float:
    """The robust deviation of distances of such sizes, at least the floor."""
    return max(TO_DEVIATION * median(sizes), floor) if sizes else floor


def _summed(cusum: Cusum, mean: float, z: float, rule: CusumRule) -> Cusum:
    """The sums, which never go far beyond the limit, so that one that could not break yet is soon below it again."""
    most = rule.limit + rule.clip
    return replace(
        cusum,
        up=max(0.0, min(most, cusum.up + z - rule.slack)),
        down=max(0.0, min(most, cusum.down - z - rule.slack)),
        up_from=cusum.up_from if cusum.up else mean,
        down_from=cusum.down_from if cusum.down else mean,
    )


def _break_of(summed: Cusum, value: float, rule: CusumRule) -> Break | None:
    if max(summed.up, summed.down) <= rule.limit:
        return None
    found = (
        Break("up", summed.up_from, value, summed.up)
        if summed.up >= summed.down
        else Break("down", summed.down_from, value, summed.down)
    )
    change = abs(found.after - found.before)
    is_break = (
        change >= rule.least and _is_recent(summed, found, rule) and _is_sharp(summed.values, found, rule)
    )
    return found if is_break else None


def _is_recent(summed: Cusum, found: Break, rule: CusumRule) -> bool:
    """Whether the least change came within the last values; single ones are noisy, so that means are compared."""
    values = (*summed.values, found.after)
    if summed.young or len(values) < rule.span + _PAST:
        return True
    way = fmean(values[-_NOW:]) - median(values[-rule.span - _PAST : -rule.span])
    return (way if found.direction == "up" else -way) >= rule.least


def _is_sharp(values: tuple[float, ...], found: Break, rule: CusumRule) -> bool:
    """Whether a series that wanders has come further in its last steps than it usually does; `values` are those before."""
    if len(values) <= 2 * rule.steps:
        return True
    ways = [abs(after - before) for before, after in zip(values, values[rule.steps :], strict=False)]
    usual = median(ways)
    if usual <= rule.wander * median(abs(after - before) for before, after in pairwise(values)):
        return True
    way = found.after - values[-rule.steps]
    return (way if found.direction == "up" else -way) >= rule.sharp * TO_DEVIATION * usual


def _short(value: float) -> float:
    """Six digits: the state is stored at each tick."""
    return float(f"{value:.6g}")


def _weight(young: int, rule: CusumRule) -> tuple[float, int]:
    """Of the next value: one value alone is a poor mean to break from, so that after a break the first ones weigh the same."""
    lasting = 1 - 0.5 ** (1 / rule.half_life)
    plain = 1 / (young + 1) if young else 0.0
    return (plain, young + 1) if plain > lasting else (lasting, 0)
