"""What the plan gives is looked at now and then, and more of it is told once."""

import pytest

from marketswarm.clock import ManualClock
from marketswarm.massive.plan_watch import PlanWatch
from marketswarm.model.plan import UnderlyingPlan, VendorPlan


def plan(quotes: str, trades: str = "yes") -> VendorPlan:
    """A plan of one underlying."""
    return VendorPlan("f", "b", 0, "yes", (UnderlyingPlan("SPY", "yes", quotes, trades),))


class Known:
    """What is known of the plan, which channels are missing, and how often it was looked at."""

    def __init__(self, now, missing="Q"):
        self.now, self.missing, self.looks, self.clock = now, missing, 0, ManualClock()
        self.watch = PlanWatch(self, self.clock)

    def __call__(self):
        self.looks += 1
        return self.now

    def gain_of(self, now):
        """What is told ten seconds after this became known."""
        self.now = now
        self.clock.advance(10)
        return self.watch.gain(lambda: self.missing)


@pytest.mark.parametrize("before", [plan("no"), plan("unknown"), None])
def test_quotes_that_the_plan_gives_now_are_told_once(before):
    """Whatever was known at the beginning: at the next look when they are missing, and never again, had it helped or not."""
    known = Known(before)
    assert known.gain_of(plan("yes")) == plan("yes")
    assert known.gain_of(plan("yes")) is None


def test_what_is_streamed_is_not_told():
    """Nothing is missing, so nothing is gained."""
    assert Known(plan("unknown"), missing="").gain_of(plan("yes")) is None


def test_what_the_websocket_refused_in_spite_of_the_plan_is_not_tried_again():
    """Quotes that the plan was known to have when the connection began, and that are missing all the same, stay missing."""
    known = Known(plan("yes"))
    assert known.gain_of(plan("yes")) is None
    assert known.gain_of(plan("unknown")) is None
    assert known.gain_of(plan("yes")) is None


def test_an_upgrade_after_a_downgrade():
    """What the plan lacked meanwhile is tried anew."""
    known = Known(plan("yes"))
    assert known.gain_of(plan("no")) is None
    assert known.gain_of(plan("yes")) == plan("yes")


def test_what_is_unknown_is_no_gain():
    """Only what a row has is worth a new connection."""
    assert Known(plan("no")).gain_of(plan("unknown")) is None


def test_what_cannot_be_read_is_as_it_was():
    """A store that is away between two looks hides no upgrade, and makes none up."""
    known = Known(plan("no"))
    assert known.gain_of(None) is None
    assert known.gain_of(plan("no")) is None
    assert known.gain_of(None) is None
    assert known.gain_of(plan("yes")) == plan("yes")


def test_it_looks_every_ten_seconds():
    """However often it is asked."""
    known = Known(plan("no"))
    for _ in range(199):
        known.clock.advance(0.1)
        known.watch.gain(lambda: "Q")
    assert known.looks == 2
