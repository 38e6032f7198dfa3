"""What `--faults` may say, and what it is told when it may not."""

import pytest

from marketswarm.errors import BadArgument
from marketswarm.simulator.faults.catalogue import CATALOGUE
from marketswarm.simulator.faults.grammar import Planned, RandomFaults, meet, read_plan, read_plans


def planned(text: str) -> Planned:
    """A plan of one fault."""
    plan = read_plan(text)
    assert isinstance(plan, Planned)
    return plan


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("mute", (0.0, None, None)),
        ("mute@10", (10.0, None, None)),
        ("mute@10s+500ms", (10.0, 0.5, None)),
        ("mute@1m+2s/5m", (60.0, 2.0, 300.0)),
        ("cut@30s", (30.0, 0.0, None)),
        ("cut@0/1h", (0.0, 0.0, 3600.0)),
    ],
)
def test_times(text, times):
    """Start, duration and repetition, each with or without a unit; a momentary fault has no duration."""
    plan = planned(text)
    assert (plan.start_s, plan.lasting_s, plan.every_s) == times


def test_parameters():
    """Given ones are read, the others have their defaults."""
    assert planned("http-429:retry_after=2,share=0.5@1").values == {
        "retry_after": 2.0,
        "body": "json",
        "share": 0.5,
    }
    assert planned("late-prints").values == {"share": 0.5, "by": 90}


def test_random():
    """A rate, a longest duration, a choice, and a time in which they come."""
    plan = read_plan("random:rate=2/min,lasting=3s,only=cut|mute@10s+1m")
    assert isinstance(plan, RandomFaults)
    assert plan.per_s == pytest.approx(1 / 30)
    assert (plan.lasting_s, plan.start_s, plan.until_s) == (3.0, 10.0, 70.0)
    assert [fault.name for fault in plan.drawn] == ["cut", "mute"]
    everything = read_plan("random:rate=1/s")
    assert isinstance(everything, RandomFaults)
    assert {fault.name for fault in everything.drawn} == set(CATALOGUE) - {"evict", "auth-refused"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("flood", "faults is 'flood'; allowed: latency, http-429, "),
        ("", "faults is ''; allowed: latency, "),
        ("mute:share=1", "faults is 'mute:share'; allowed: for mute no parameter"),
        ("duplicates:part=1", "faults is 'duplicates:part'; allowed: for duplicates share"),
        ("duplicates:share=0", "faults is 'duplicates:share=0'; allowed: a number above 0, at most 1"),
        ("duplicates:share=nan", "a number above 0, at most 1"),
        ("duplicates:share", "such as cut@30s"),
        ("duplicates:share=1,share=1", "such as cut@30s"),
        ("duplicates:", "such as cut@30s"),
        ("refuse:how=udp", "faults is 'refuse:how=udp'; allowed: http, tcp"),
        ("http-5xx:status=404", "a whole number from 500 to 511"),
        ("http-429:retry_after=soon", "none, or a time such as 2"),
        ("auth-timeout:after=0", "a time above 0"),
        ("mute@", "such as cut@30s"),
        ("mute@1+2+3", "such as cut@30s"),
        ("mute@soon", "times such as 2, 500ms, 30s, 1m, 1h, which 'soon' is not"),
        ("mute@1.2.3", "which '1.2.3' is not"),
        ("mute@1+0", "which '0' is not"),
        ("mute@9999h", "which '9999h' is not"),
        ("cut", "faults is 'cut'; allowed: a moment for it, such as cut@30s"),
        ("cut@1+2", "no duration: cut happens and is over"),
        ("mute@1/5", "a duration that is shorter than what it is repeated after"),
        ("mute@1+5/5", "a duration that is shorter than what it is repeated after"),
        ("random", "random:rate=2/min"),
        ("random:rate=2", "a rate above 0 and up to 10/s, such as 2/min"),
        ("random:rate=0/min", "a rate above 0"),
        ("random:rate=1/s,only=flood", "faults is 'flood'; allowed: latency, "),
        ("random:rate=1/s,often=1", "random:rate=2/min"),
        ("random:rate=1/s@1+2/3", "random:rate=2/min"),
    ],
)
def test_what_cannot_be_used(text, words):
    """One line that names the part that cannot be used and what is allowed."""
    with pytest.raises(BadArgument) as refused:
        read_plan(text)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("one", "other", "is_met"),
    [
        ("mute@1+2", "mute@2+1", True),
        ("mute@1+1", "mute@2+1", False),
        ("mute@3", "mute@1+1", False),
        ("mute@3", "mute@1+3", True),
        ("mute@3", "mute@1+1/5", True),
        ("mute", "mute@9", True),
        ("mute@0+1/10", "mute@5+1/10", False),
        ("mute@0+1/10", "mute@5+1/15", True),
        ("mute@20+1/10", "mute@10+1", False),
        ("mute@20+1/10", "mute@50.5+1", True),
        ("mute@20+1/10", "mute@55+1", False),
        ("cut@1", "cut@1", True),
        ("cut@1", "cut@2", False),
        ("cut@1/3", "cut@7", True),
    ],
)
def test_what_meets(one, other, is_met):
    """Two faults meet when one of their times overlaps, repetitions included, and in either order."""
    assert meet(planned(one), planned(other)) is is_met
    assert meet(planned(other), planned(one)) is is_met


@pytest.mark.parametrize(
    "texts",
    [
        ("refuse@1+5", "half-open@2+1"),
        ("http-429", "http-5xx@9"),
        ("delayed-silent", "missing-acks"),
        ("auth-refused", "auth-timeout"),
        ("cut@5", "close-1000@5"),
        ("crossed", "zero-quotes"),
    ],
)
def test_contradictions(texts):
    """Faults that exclude each other are refused when their times meet, with both names."""
    with pytest.raises(BadArgument, match="at the same time"):
        read_plans(texts)


def test_what_goes_together():
    """Different faults, and the same at different times, may stand in one plan."""
    plans, random = read_plans(
        ["mute@1+1", "mute@2+1", "latency", "duplicates", "refuse@1+1", "random:rate=1/min"]
    )
    assert len(plans) == 5
    assert len(random) == 1
