"""When faults begin and end."""

import numpy as np

from marketswarm.simulator.faults.grammar import read_plans
from marketswarm.simulator.faults.schedule import Begin, Schedule


def a_schedule(*texts: str, seed: int = 1) -> Schedule:
    """The schedule of a plan."""
    return Schedule(*read_plans(texts), draw=np.random.default_rng(seed).random)


def said(schedule: Schedule, until_s: float) -> list[tuple[float, str]]:
    """What happens until then, each with its time."""
    found: list[tuple[float, str]] = []
    while (next_s := schedule.next_s) is not None and next_s <= until_s:
        steps = schedule.due(next_s)
        found += [(next_s, f"{'+' if isinstance(step, Begin) else '-'}{step.plan.name}") for step in steps]
    return found


def test_a_plan_is_followed():
    """Each fault begins at its start and ends after its duration; one for ever does not end."""
    schedule = a_schedule("mute@2+3", "latency", "cut@4")
    assert said(schedule, 100) == [(0, "+latency"), (2, "+mute"), (4, "+cut"), (5, "-mute")]
    assert schedule.next_s is None


def test_repetition():
    """What is repeated begins and ends again."""
    schedule = a_schedule("mute@1+2/5", "cut@0/4")
    assert said(schedule, 9) == [
        (0, "+cut"),
        (1, "+mute"),
        (3, "-mute"),
        (4, "+cut"),
        (6, "+mute"),
        (8, "-mute"),
        (8, "+cut"),
    ]


def test_one_after_the_other():
    """What ends at a moment makes room for what begins at it, whatever the sums of their times come to."""
    assert said(a_schedule("mute@300ms+1", "mute@100ms+200ms"), 1) == [
        (0.1, "+mute"),
        (0.3, "-mute"),
        (0.3, "+mute"),
    ]


def test_what_was_slept_through_comes_in_order():
    """A late look gives everything that was due, in order."""
    steps = a_schedule("mute@1+2", "cut@2").due(10)
    assert [(type(step).__name__, step.plan.name) for step in steps] == [
        ("Begin", "mute"),
        ("Begin", "cut"),
        ("End", "mute"),
    ]


def test_chance_goes_by_the_seed():
    """The same seed draws the same faults at the same times, another one others."""
    text = "random:rate=1/s,lasting=2s"
    first, again, other = (said(a_schedule(text, seed=seed), 60) for seed in (5, 5, 6))
    assert first == again
    assert first != other


def test_chance_keeps_its_rate_and_its_time():
    """About as many faults come as the rate says, none before the start, none after the end, none longer than allowed."""
    happened = said(a_schedule("random:rate=2/s,lasting=1s,only=mute|cut@100+500s"), 10_000)
    begun = [at for at, what in happened if what[0] == "+"]
    assert 900 < len(begun) < 1100
    assert min(begun) >= 100
    assert max(begun) < 600
    assert happened[-1][0] <= 601
    assert {what for _, what in happened} == {"+mute", "-mute", "+cut"}
