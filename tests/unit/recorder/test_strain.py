"""Whether a process has its hands full: its processor time, without that of whoever looks."""

import pytest

from marketswarm.recorder.strain import Strain


class Times:
    """What three clocks show."""

    def __init__(self):
        self.process = self.thread = self.wall = 5.0

    def strain(self):
        """Looks at them."""
        return Strain(lambda: self.process, lambda: self.thread, lambda: self.wall)

    def go_on(self, *, process, thread, wall):
        """So many seconds later."""
        self.process, self.thread, self.wall = self.process + process, self.thread + thread, self.wall + wall


@pytest.mark.parametrize(
    ("process", "thread", "is_full"),
    [(0.1, 0.0, True), (0.09, 0.0, True), (0.08, 0.0, False), (0.11, 0.03, False), (0.13, 0.03, True), (0, 0, False)],
)
def test_nine_tenths_of_a_core_by_others_is_full(process, thread, is_full):
    """What the looking thread has used itself does not count."""
    times = Times()
    strain = times.strain()
    strain()
    times.go_on(process=process, thread=thread, wall=0.1)
    assert strain() is is_full


def test_nothing_is_known_at_the_first_look():
    """Whatever was used before."""
    assert not Times().strain()()


def test_each_look_counts_from_the_one_before():
    """What was is over."""
    times = Times()
    strain = times.strain()
    strain()
    times.go_on(process=1.0, thread=0.0, wall=1.0)
    assert strain()
    times.go_on(process=0.1, thread=0.0, wall=1.0)
    assert not strain()


def test_two_looks_at_one_moment_say_no():
    """There is nothing to divide by."""
    strain = Times().strain()
    strain()
    assert not strain()
