"""Whether spot has left the middle of its stored window."""

import pytest

from marketswarm.chain.drift import DriftWatch
from tests.support.builders import ladder


@pytest.fixture
def watch(store):
    """A watch that allows two strikes, or 20 points for NDX."""
    return DriftWatch(store, strikes_allowed=2, points_allowed={"NDX": 20})


@pytest.mark.parametrize(("spot", "drifted"), [(6800, False), (6809.9, False), (6810.1, True), (6789, True)])
def test_spot_is_held_against_the_centre(watch, commit, spot, drifted):
    """Two strikes of five points either way are allowed."""
    commit(ladder())

    assert watch.has_drifted("SPX", spot) is drifted


def test_without_a_chain_nothing_drifts(watch):
    """Before the first load there is no window to leave."""
    assert watch.has_drifted("SPX", 6800) is False


def test_strikes_are_read_again_when_the_set_changes(watch, commit):
    """After a load with wider strikes the distance is measured in those."""
    commit(ladder())
    assert watch.has_drifted("SPX", 6815) is True

    commit(ladder(6700, 6900, 25))

    assert watch.has_drifted("SPX", 6815) is False
