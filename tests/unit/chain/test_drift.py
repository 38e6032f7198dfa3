"""Which windows should move."""

from datetime import date

import pytest

from marketswarm.chain.allotment import StoredAllotment
from marketswarm.chain.drift import DriftWatch
from marketswarm.chain.stored import Window
from marketswarm.chain.strikes import StrikeBook
from marketswarm.model.chain import ChainId
from tests.support.builders import SPX, ladder

TUESDAY = ChainId("SPX", date(2026, 11, 24))


@pytest.fixture
def held():
    """The chains that are held."""
    return [SPX]


@pytest.fixture
def make_watch(store, clock, held):
    """A watch that allows two strikes of drift, with ±4 strikes and two of margin."""

    def make(capacity=1000, strikes_allowed=2, points=None, workers=1):
        allotment = StoredAllotment(
            store,
            StrikeBook(store),
            symbols=["SPX", "SPY"],
            expirations=1,
            held_chains=lambda symbol: held if symbol == "SPX" else [],
            connections=1,
            workers=lambda: workers,
            a_connection=capacity,
            each_side=4,
            margin=2,
        )
        return DriftWatch(
            allotment, clock, strikes_allowed=lambda _n: strikes_allowed, points_allowed=points or {}
        )

    return make


def window(clock, *, moved_s=-60.0, each_side=4, asked=4, centre=6800.0):
    """A window that was put around spot some seconds ago."""
    moved_ms = clock.now_ms() + round(moved_s * 1000)
    return Window(centre, centre, 6780, 6820, each_side=each_side, asked=asked, moved_ms=moved_ms)


@pytest.mark.parametrize(
    ("spot", "drifted"), [(6800, ()), (6809.9, ()), (6810.1, ("SPX",)), (6789, ("SPX",))]
)
def test_spot_is_held_against_the_centre(make_watch, commit, clock, spot, drifted):
    """Two strikes of five points either way are allowed."""
    commit(ladder(), window=window(clock))

    assert make_watch().drifted({"SPX": spot, "SPY": 680.0}) == drifted


def test_points_go_before_strikes(make_watch, commit, clock):
    """Where points are given, a window of two strikes of drift moves after three points already."""
    commit(ladder(), window=window(clock))
    watch = make_watch(points={"SPX": 3})

    assert (watch.drifted({"SPX": 6803}), watch.drifted({"SPX": 6803.1})) == ((), ("SPX",))


def test_without_a_chain_or_a_spot_nothing_drifts(make_watch, commit, clock):
    """Before the first load there is no window to leave, and without a spot nothing to hold against it."""
    assert make_watch().drifted({"SPX": 6800}) == ()
    commit(ladder(), window=window(clock))

    assert make_watch().drifted({"SPY": 680}) == ()


@pytest.mark.parametrize(
    ("moved_s", "spot", "drifted"),
    [
        (-29.9, 6806, False),
        (-30.0, 6806, True),
        (-5.0, 6807.4, False),
        (-5.0, 6807.6, True),
        (-5.0, 6792.4, True),
        (-5.0, 6900, True),
        (3600.0, 6806, True),
    ],
)
def test_a_window_rests_unless_spot_is_about_to_leave_it(make_watch, commit, clock, moved_s, spot, drifted):
    """For 30 s after a move it stays, but for a jump over half of it; a move in the future is a clock that was set back."""
    commit(ladder(), window=window(clock, moved_s=moved_s))

    assert bool(make_watch(strikes_allowed=1).drifted({"SPX": spot})) is drifted


def test_every_held_chain_is_looked_at(make_watch, commit, clock, held):
    """A chain beside the one in force that was left behind calls for a move as well."""
    held.append(TUESDAY)
    commit(ladder(), window=window(clock))
    commit(ladder(), chain=TUESDAY, in_force=False, window=window(clock, centre=6785))

    assert make_watch().drifted({"SPX": 6800}) == ("SPX",)


def test_another_share_of_the_budget_calls_for_a_move(make_watch, commit, clock):
    """A window that is wider than its share shrinks, one that is narrower than asked for grows, each after its rest."""
    commit(ladder(), window=window(clock, each_side=4, asked=40))
    assert make_watch().drifted({"SPX": 6800}) == ("SPX",)

    commit(ladder(6600, 7000), window=window(clock, each_side=40, asked=40))
    assert make_watch().drifted({"SPX": 6800}) == ()
    assert make_watch(capacity=100).drifted({"SPX": 6800}) == ("SPX",)

    commit(ladder(), window=window(clock, each_side=4, asked=40, moved_s=-5))
    assert make_watch().drifted({"SPX": 6800}) == ()


def test_a_share_does_not_change_while_nobody_streams(make_watch, commit, clock):
    """A stream worker that is started again finds its windows as they were; spot is followed all the same."""
    commit(ladder(6600, 7000), window=window(clock, each_side=40, asked=40))

    assert make_watch(capacity=100, workers=0).drifted({"SPX": 6800}) == ()
    assert make_watch(capacity=100, workers=0).drifted({"SPX": 6850}) == ("SPX",)


def test_strikes_that_were_left_over_call_for_a_move(make_watch, commit, clock):
    """The margin may stay while there is room; what lies beyond it, or has no room, is to go."""
    commit(ladder(6770, 6820), window=window(clock))
    assert make_watch().drifted({"SPX": 6800}) == ()
    assert make_watch(capacity=20).drifted({"SPX": 6800}) == ("SPX",)
    commit(ladder(6770, 6820), window=window(clock, moved_s=-5))
    assert make_watch(capacity=20).drifted({"SPX": 6800}) == ("SPX",)

    commit(ladder(6765, 6820), window=window(clock))
    assert make_watch().drifted({"SPX": 6800}) == ("SPX",)


def test_strikes_are_read_again_when_the_set_changes(make_watch, commit, clock):
    """After a load with wider strikes the distance is measured in those."""
    watch = make_watch()
    commit(ladder(), window=window(clock))
    assert watch.drifted({"SPX": 6815}) == ("SPX",)

    commit(ladder(6700, 6900, 25), window=window(clock))

    assert watch.drifted({"SPX": 6815}) == ()
