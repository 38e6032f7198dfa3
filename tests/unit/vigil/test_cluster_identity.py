"""Which cluster is which."""

from hypothesis import given
from hypothesis import strategies as st

from marketswarm.vigil.cluster_identity import Known, free_key, pairs_of
from tests.support.vigil_pictures import cluster

REACH = 10.0


def known(centre, key=""):
    """One that was seen there."""
    return Known(centre, centre - 10, centre + 10, 0.25, 0.5, key=key)


def test_the_nearest_find_each_other():
    """Two clusters that both moved up stay two, each the one that was nearer."""
    before = [known(6800.0), known(6812.0)]
    now = [cluster(6806.0), cluster(6818.0)]
    pairs = pairs_of(before, now, REACH)
    assert [(one.centre, other.centre) for one, other in pairs] == [(6800.0, 6806.0), (6812.0, 6818.0)]


def test_what_is_out_of_reach_is_another():
    """A cluster beyond the reach is gone, and a new one has come; at the reach it is the same."""
    assert pairs_of([known(6800.0)], [cluster(6810.0)], REACH) == ((known(6800.0), cluster(6810.0)),)
    assert pairs_of([known(6800.0)], [cluster(6810.5)], REACH) == (
        (known(6800.0), None),
        (None, cluster(6810.5)),
    )


@given(st.lists(st.floats(6700, 6900), max_size=6), st.lists(st.floats(6700, 6900), max_size=6))
def test_everything_is_paired_once(before, now):
    """Each known and each present cluster is in exactly one pair, and partners are within reach."""
    pairs = pairs_of([known(one) for one in before], [cluster(one) for one in now], REACH)
    assert [one.centre for one, _ in pairs if one is not None] == before
    assert sorted(other.centre for _, other in pairs if other is not None) == sorted(now)
    assert all(abs(one.centre - other.centre) <= REACH for one, other in pairs if one and other)


def test_a_region_that_wins_a_shoulder_is_the_same():
    """A centre beyond the reach belongs to a cluster if each holds the other's centre, and not if only one does."""
    wide = cluster(6815.0, low=6795.0, high=6835.0)
    narrow, broad = known(6800.0), Known(6800.0, 6780.0, 6820.0, 0.25, 0.5)
    assert pairs_of([broad], [wide], REACH) == ((broad, wide),)
    assert pairs_of([narrow], [wide], REACH) == ((narrow, None), (None, wide))


def test_a_key_is_used_once_at_a_time():
    """A cluster that forms where another formed that has moved away gets a number behind its strike."""
    assert free_key("6800", []) == "6800"
    assert free_key("6800", [known(6830.0, "6800")]) == "6800-2"
    assert free_key("6800", [known(6830.0, "6800"), known(6860.0, "6800-2")]) == "6800-3"
