"""A scenario with its draws made: what holds when, and the labels."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from marketswarm.simulator.hours import Hours
from marketswarm.simulator.scenarios.catalogue import Scenario
from marketswarm.simulator.scenarios.course import USUAL, Course, Label, Phase
from marketswarm.simulator.universe import DAILY_EXPIRATIONS

_STREAM = 4  # of the seed's generators, one that the market itself does not use


class Stretch(NamedTuple):
    """Some seconds on one course, and the phase that begins at their end, if one does."""

    seconds: float
    course: Course
    begins: Phase | None


@dataclass(frozen=True, slots=True)
class Script:
    """What is to happen, in trading seconds since the scenario began."""

    phases: tuple[Phase, ...]
    labels: tuple[Label, ...]

    def opening(self) -> Phase | None:
        """The phase that holds from the very beginning."""
        return self.phases[0] if self.phases and self.phases[0].at_s == 0 else None

    def stretches(self, from_s: float, seconds: float) -> Iterator[Stretch]:
        """The next seconds, divided where phases begin; `from_s` of them are behind."""
        until_s = from_s + seconds
        for phase in self.phases:
            if from_s < phase.at_s <= until_s:
                yield Stretch(phase.at_s - from_s, self._course_at(from_s), phase)
                from_s = phase.at_s
        if until_s > from_s:
            yield Stretch(until_s - from_s, self._course_at(from_s), None)

    def _course_at(self, at_s: float) -> Course:
        return next((phase.course for phase in reversed(self.phases) if phase.at_s <= at_s), USUAL)


def script_of(
    scenario: Scenario,
    seed: int,
    hours: Hours,
    start_ms: int,
    strikes: Mapping[str, float],
    *,
    lead_s: float = 0.0,
) -> Script:
    """Make a scenario's draws.

    Args:
        scenario: whose.
        seed: of the draws.
        hours: of the market.
        start_ms: when it begins, its lead included.
        strikes: by symbol, where a pin draws prices to.
        lead_s: trading seconds of a usual market before it begins.
    """
    drawn = scenario.phases(np.random.default_rng([seed, _STREAM]))
    phases = tuple(_later(phase, lead_s) for phase in drawn)
    labels = [label for phase in phases for label in phase.labels]
    if scenario.pins:
        labels = [replace(label, strikes=strikes) if label.kind == "pin" else label for label in labels]
    if scenario.begins != "anywhere":
        labels += _closing_labels(hours, start_ms)
    return Script(phases, tuple(sorted(labels, key=lambda label: label.at_s)))


def _later(phase: Phase, by_s: float) -> Phase:
    labels = tuple(
        replace(
            label, at_s=label.at_s + by_s, until_s=None if label.until_s is None else label.until_s + by_s
        )
        for label in phase.labels
    )
    return replace(phase, at_s=phase.at_s + by_s, labels=labels)


def _closing_labels(hours: Hours, start_ms: int) -> list[Label]:
    calendar = hours.calendar
    day = calendar.first_expiration_day(start_ms)
    session, last = calendar.session(day), day
    for _ in range(DAILY_EXPIRATIONS):
        last = calendar.next_session(last)
    at_s = hours.trading_ms(start_ms, session.close_ms) / 1000
    labels = [
        Label(at_s=at_s, kind="settlement", text=f"contracts of {day} settle, {calendar.next_session(day)} is next"),
        Label(at_s=at_s, kind="listing", text=f"contracts of {last} are listed"),
    ]  # fmt: skip
    if not hours.always:
        clock = "13:00" if session.is_half_day else "16:00"
        labels.insert(0, Label(at_s=at_s, kind="close", text=f"the market closes at {clock} New York time"))
    return labels
