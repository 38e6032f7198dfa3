"""Detectors that failed: how often, and in which words."""

from marketswarm.vigil.failures import Failure, counted, in_words, kind_of


def test_ticks_are_counted_and_not_errors():
    """Two errors at one tick are one failure of it."""
    twice = [Failure("smile", 10, ValueError("a")), Failure("smile", 10, ValueError("b"))]
    assert counted({"smile": 2, "jump": 1}, [*twice, Failure("smile", 20, ValueError("c"))]) == {
        "smile": 4,
        "jump": 1,
    }
    assert counted({}, []) == {}


def test_each_detector_is_told_once():
    """With its first error."""
    failures = [Failure("smile", 10, ValueError("first")), Failure("smile", 20, KeyError("second"))]
    assert in_words([*failures, Failure("jump", 20, ZeroDivisionError())]) == [
        "smile failed at 2 ticks, begun anew: ValueError: first",
        "jump failed at 1 tick, begun anew: ZeroDivisionError",
    ]


def test_an_error_is_one_short_line():
    """Whatever its text."""
    assert kind_of(ValueError("two\n  lines " + "x" * 900)) == "ValueError: two lines " + "x" * 190
