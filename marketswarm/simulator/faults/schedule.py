"""When which fault begins and ends. Time is passed in; chance comes from the simulator's seed."""

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count

from marketswarm.simulator.faults.fault import Draw
from marketswarm.simulator.faults.grammar import Planned, RandomFaults

_SHORTEST_SHARE = 0.2  # of the longest duration that a drawn fault may have


@dataclass(frozen=True, slots=True)
class Begin:
    """A fault begins; `is_drawn` by chance, so that one that is in its way keeps it from coming."""

    plan: Planned
    is_drawn: bool = False


@dataclass(frozen=True, slots=True)
class End:
    """The fault that began as that plan ends."""

    plan: Planned


Step = Begin | End


class Schedule:
    """What is to happen, in order. Times are seconds since the start."""

    def __init__(self, planned: Sequence[Planned], random: Sequence[RandomFaults], draw: Draw) -> None:
        self._draw = draw
        self._numbers = count()
        self._coming: list[tuple[float, bool, int, Step | RandomFaults]] = []
        for plan in planned:
            self._push(plan.start_s, Begin(plan))
        for chance in random:
            self._push_draw(chance, chance.start_s)

    @property
    def next_s(self) -> float | None:
        """When the next thing happens; None when nothing does any more."""
        return self._coming[0][0] if self._coming else None

    def due(self, now_s: float) -> list[Step]:
        """What happens until then, in order."""
        steps: list[Step] = []
        while self._coming and self._coming[0][0] <= now_s:
            at_s, _, _, what = heapq.heappop(self._coming)
            if isinstance(what, RandomFaults):
                self._push_draw(what, at_s)
                what = Begin(self._drawn(what, at_s), is_drawn=True)
            steps.append(what)
            if isinstance(what, Begin):
                self._follow(what, at_s)
        return steps

    def _follow(self, begun: Begin, at_s: float) -> None:
        plan = begun.plan
        if plan.lasting_s:
            self._push(at_s + plan.lasting_s, End(plan))
        if plan.every_s is not None:
            self._push(at_s + plan.every_s, Begin(plan))

    def _drawn(self, chance: RandomFaults, at_s: float) -> Planned:
        fault = chance.drawn[int(self._draw() * len(chance.drawn))]
        lasting_s = chance.lasting_s * (_SHORTEST_SHARE + (1 - _SHORTEST_SHARE) * self._draw())
        plan = Planned(fault, fault.values({}), at_s, lasting_s)
        return replace(plan, lasting_s=0.0) if fault.is_momentary else plan

    def _push_draw(self, chance: RandomFaults, after_s: float) -> None:
        at_s = after_s - math.log(1 - self._draw()) / chance.per_s
        if at_s < chance.until_s:
            self._push(at_s, chance)

    def _push(self, at_s: float, what: Step | RandomFaults) -> None:
        """At the same moment what ends goes before what begins; in milliseconds, so that sums of times meet."""
        begins = not isinstance(what, End)
        heapq.heappush(self._coming, (round(at_s, 3), begins, next(self._numbers), what))
