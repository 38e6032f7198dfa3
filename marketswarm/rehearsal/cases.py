"""The cases on which the detectors are judged, by name. Pure.

Each begins on an ordinary Monday. A scenario whose subject needs a detector that has warmed up gets a lead of a usual market; `jump`
is played twice, once in the first minutes of the day, when nothing is warm.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from marketswarm.errors import BadArgument
from marketswarm.maths.calendar import NEW_YORK
from marketswarm.rehearsal.stage import Stage

_DAY: Final = "2026-11-23"
_HALF_DAY: Final = "2026-11-27"
_WARM_S: Final = 2700.0


@dataclass(frozen=True, slots=True)
class Case:
    """One way to judge.

    Attributes:
        begin: New York time of the first tick.
        ticks: ten seconds apart.
        lead_s: seconds of a usual market before the scenario.
        unjudged: kinds of labels that nothing is expected of. The first minutes of a day are wild as a rule, and more so than the
            simulator's, so a burst of volatility cannot be told from them.
        is_quiet: nothing is made to happen, so whatever claims to have happened is false.
    """

    name: str
    scenario: str
    begin: str
    ticks: int
    lead_s: float = 0.0
    is_quiet: bool = False
    unjudged: tuple[str, ...] = ()

    def stage(self, seed: int) -> Stage:
        """What is played with that seed."""
        at = datetime.fromisoformat(self.begin).replace(tzinfo=NEW_YORK)
        return Stage(
            self.scenario,
            seed,
            round(at.timestamp() * 1000),
            self.ticks,
            lead_s=self.lead_s,
            unjudged=self.unjudged,
        )


CASES: Final[tuple[Case, ...]] = (
    Case("quiet day", "calm", f"{_DAY} 09:30", 2340, is_quiet=True),
    Case("jump after the open", "jump", f"{_DAY} 09:30", 40),
    Case("jump", "jump", f"{_DAY} 09:30", 310, _WARM_S),
    Case("crash after the open", "crash", f"{_DAY} 09:30", 160, unjudged=("volatility",)),
    Case("crash", "crash", f"{_DAY} 09:30", 420, _WARM_S),
    Case("trend", "trend", f"{_DAY} 09:30", 380),
    Case("volatility and smile", "vol-spike", f"{_DAY} 09:30", 400, _WARM_S),
    Case("pin", "pin", f"{_DAY} 14:00", 720),
    Case("roll", "roll", f"{_DAY} 15:45", 120),
    Case("half day", "half-day", f"{_HALF_DAY} 12:45", 120),
)


def cases_named(names: Iterable[str]) -> tuple[Case, ...]:
    """These cases, or all where none is named.

    Raises:
        BadArgument: for a name that there is not.
    """
    wanted, known = tuple(names), {case.name: case for case in CASES}
    for name in wanted:
        if name not in known:
            raise BadArgument("case", name, ", ".join(known))
    return tuple(known[name] for name in wanted) or CASES
