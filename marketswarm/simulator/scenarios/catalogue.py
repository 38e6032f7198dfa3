"""The scenarios by name. Sizes and moments are drawn from the seed, so that a hundred seeds are a hundred cases."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from marketswarm.errors import BadArgument
from marketswarm.simulator.scenarios.course import HOUR_S, USUAL, Course, Label, Phase, SmileShift

Draw = np.random.Generator
Begin = Literal["anywhere", "before a close", "before an early close"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One way in which the market may go.

    Attributes:
        begins: where on the calendar it must begin.
        calendar_only: whether it makes sense in exchange hours only.
        pins: whether prices are drawn to a strike, where open interest gathers.
    """

    name: str
    summary: str
    phases: Callable[[Draw], tuple[Phase, ...]] = lambda _draw: ()
    begins: Begin = "anywhere"
    calendar_only: bool = False
    pins: bool = False


def scenario_named(name: str) -> Scenario:
    """The scenario of that name.

    Raises:
        BadArgument: when there is none.
    """
    if name not in SCENARIOS:
        raise BadArgument("scenario", name, ", ".join(SCENARIOS))
    return SCENARIOS[name]


def _calm(_draw: Draw) -> tuple[Phase, ...]:
    label = Label(at_s=0.0, kind="calm", size=0.15, text="a seventh of the usual variance, no jump")
    course = Course(variance=0.15, restlessness=0.1, smile=SmileShift(level=0.85))
    return (Phase(at_s=0.0, course=course, variance=0.15, labels=(label,)),)


def _trend(draw: Draw) -> tuple[Phase, ...]:
    begin_s, drift = _moment(draw, 60.0), _sign(draw) * _between(draw, 0.010, 0.014)
    end_s = begin_s + HOUR_S
    text = f"the market drifts by {_percent(drift)} within an hour, in small steps"
    label = Label(at_s=begin_s, until_s=end_s, kind="trend", size=drift, text=text)
    course = Course(drift=drift, variance=0.15, restlessness=0.5)
    return (
        Phase(at_s=begin_s, course=course, variance=0.15, labels=(label,)),
        Phase(at_s=end_s, course=USUAL),
    )


def _jump(draw: Draw) -> tuple[Phase, ...]:
    at_s, size = _moment(draw, 120.0), _sign(draw) * _between(draw, 0.008, 0.016)
    label = Label(
        at_s=at_s, kind="jump", size=size, text=f"the whole market jumps by {_percent(size)} at once"
    )
    return (Phase(at_s=at_s, course=USUAL, jump=size, labels=(label,)),)


def _vol_spike(draw: Draw) -> tuple[Phase, ...]:
    at_s, variance = _moment(draw, 120.0), round(_between(draw, 5.0, 8.0), 1)
    until_s, curvature = at_s + 900.0, 1.3
    labels = (
        Label(at_s=at_s, until_s=until_s, kind="volatility", size=variance,
              text=f"variance rises to {variance:g} times the usual, prices do not jump"),
        Label(at_s=at_s, until_s=until_s, kind="smile", size=curvature,
              text=f"the wings of the smile rise: curvature times {curvature:g} within a minute"),
    )  # fmt: skip
    smile = SmileShift(level=1.4, curvature=curvature)
    course = Course(variance=variance, restlessness=0.5, smile=smile, glide_s=15.0)
    return (
        Phase(at_s=at_s, course=course, variance=variance, labels=labels),
        Phase(at_s=until_s, course=Course(glide_s=600.0)),
    )


def _pin(_draw: Draw) -> tuple[Phase, ...]:
    label = Label(at_s=0.0, kind="pin", text="prices are drawn to a strike and stay within a step of it")
    course = Course(variance=0.06, restlessness=0.1, pull_s=12.0)
    return (Phase(at_s=0.0, course=course, variance=0.06, labels=(label,)),)


def _crash(draw: Draw) -> tuple[Phase, ...]:
    at_s, size = _moment(draw, 120.0), -_between(draw, 0.020, 0.030)
    fall_s, drift = 1200.0, -0.045
    end_s = at_s + fall_s
    labels = (
        Label(at_s=at_s, kind="jump", size=size, text=f"the whole market jumps by {_percent(size)} at once"),
        Label(at_s=at_s, until_s=end_s, kind="trend", size=drift,
              text=f"it goes on falling: {_percent(drift * fall_s / HOUR_S)} within twenty minutes"),
        Label(at_s=at_s, until_s=end_s, kind="volatility", size=7.0,
              text="variance is 7 times the usual, the smile higher and steeper"),
        Label(at_s=end_s, until_s=end_s + HOUR_S, kind="volatility", size=3.0,
              text="the fall ends, variance stays at 3 times the usual for an hour"),
    )  # fmt: skip
    falling = Course(
        drift=drift, variance=7.0, smile=SmileShift(level=1.5, skew=1.25, curvature=1.1), glide_s=20.0
    )
    after = Course(variance=3.0, smile=SmileShift(level=1.2, skew=1.15), glide_s=600.0)
    return (
        Phase(at_s=at_s, course=falling, jump=size, variance=7.0, labels=labels[:3]),
        Phase(at_s=end_s, course=after, labels=labels[3:]),
        Phase(at_s=end_s + HOUR_S, course=Course(glide_s=600.0)),
    )


def _percent(fraction: float) -> str:
    return f"{100 * fraction:+.1f} %"


def _moment(draw: Draw, earliest_s: float) -> float:
    return earliest_s + 10.0 * float(draw.integers(0, 7))


def _between(draw: Draw, low: float, high: float) -> float:
    return round(float(draw.uniform(low, high)), 3)


def _sign(draw: Draw) -> float:
    return 1.0 if draw.random() < 0.5 else -1.0


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario(name="usual", summary="calm and wild spells follow each other, nothing is made to happen"),
        Scenario(name="calm", summary="prices hardly move", phases=_calm),
        Scenario(name="trend", summary="prices drift one way for an hour", phases=_trend),
        Scenario(name="jump", summary="prices jump once", phases=_jump),
        Scenario(name="vol-spike", summary="volatility rises without a jump", phases=_vol_spike),
        Scenario(
            name="pin", summary="prices stay at a strike with much open interest", phases=_pin, pins=True
        ),
        Scenario(name="crash", summary="prices fall, volatility and skew rise", phases=_crash),
        Scenario(name="roll", summary="the first expiration settles at the close", begins="before a close"),
        Scenario(
            name="half-day",
            summary="the market closes at 13:00 New York time",
            begins="before an early close",
            calendar_only=True,
        ),
    )
}
