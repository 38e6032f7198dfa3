"""Whether a process has its hands full: its processor time, without that of whoever looks."""

import pytest

from marketswarm.clock import ManualClock
from marketswarm.recorder.strain import Strain


class Times:
    """What three clocks show; a first look was taken."""

    def __init__(self, cores=2):
        self.clock, self.process, self.thread = ManualClock(0), 5.0, 2.0
        self.strain = Strain(
            self.clock, cores=cores, process_s=lambda: self.process, thread_s=lambda: self.thread
        )
        assert not self.strain()

    def look(self, *, others, own=0.0, wall=1.0):
        """After so many seconds in which the others and the looking thread used so much."""
        self.process += others + own
        self.thread += own
        self.clock.advance(wall)
        return self.strain()


@pytest.mark.parametrize(
    ("others", "own", "is_under"),
    [
        (1.0, 0.0, True),
        (0.95, 0.3, True),
        (2.5, 0.0, True),
        (0.85, 0.0, False),
        (0.85, 0.9, False),
        (0, 0, False),
    ],
)
def test_nine_tenths_of_a_core_by_others_are_a_strain(others, own, is_under):
    """What the looking thread has used itself does not count."""
    assert Times().look(others=others, own=own) is is_under


@pytest.mark.parametrize(
    ("others", "own", "is_under"), [(0.7, 0.25, True), (0.6, 0.25, False), (0.0, 1.0, False)]
)
def test_on_a_single_core_it_is_what_the_looking_thread_leaves(others, own, is_under):
    """Nobody can have more than that."""
    assert Times(cores=1).look(others=others, own=own) is is_under


def test_it_ends_at_less_than_it_began():
    """So that one who stands at the threshold does not go to and fro."""
    times = Times()
    assert [times.look(others=used) for used in (0.85, 0.95, 0.85, 0.75, 0.85)] == [
        False,
        True,
        True,
        False,
        False,
    ]


def test_each_look_counts_from_the_one_before():
    """What was is over."""
    times = Times()
    assert times.look(others=10.0, wall=10.0)
    assert not times.look(others=0.1)


def test_two_looks_at_one_moment_say_no():
    """There is nothing to divide by."""
    assert not Times().look(others=0.0, wall=0.0)


def test_a_real_process_has_clocks():
    """The system's own."""
    strain = Strain(ManualClock(0))
    assert [strain(), strain()] == [False, False]
