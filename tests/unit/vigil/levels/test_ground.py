"""What all ways of weighing share: made once, and the same as if each had made it alone."""

import numpy as np

from marketswarm.maths.exposure import unit_greeks
from marketswarm.maths.gamma_profile import reprice, spot_grid
from marketswarm.vigil.levels.ground import Ground
from tests.support.held_chain import holdings

ROWS = [(95.0, "put", 3.0), (100.0, "call", 2.0), (100.0, "put", 1.0), (105.0, "call", 4.0)]


def ground(sigma=None):
    """Of four contracts around 100."""
    return Ground(holdings(ROWS), 100.0, sigma)


def test_greeks_and_bells_are_those_of_the_contracts():
    """At spot, and at each spot of the grid that sigma asks for."""
    found = ground(sigma=2.0)
    np.testing.assert_array_equal(found.spots, spot_grid(100.0, 2.0))
    for shared, own in zip(found.greeks, unit_greeks(holdings(ROWS), 100.0), strict=True):
        np.testing.assert_array_equal(shared, own)
    shared, own = (
        reprice(found.contracts, found.spots, bells=found.bells),
        reprice(holdings(ROWS), found.spots),
    )
    np.testing.assert_array_equal(shared.net, own.net)


def test_a_kernel_is_made_once_for_the_same_strikes_and_bandwidth():
    """Another one as soon as either differs."""
    found, strikes = ground(), np.array([95.0, 100.0, 105.0])
    kernel = found.kernel(strikes, 4.0)
    assert found.kernel(strikes.copy(), 4.0) is kernel
    assert found.kernel(strikes, 5.0).bandwidth == 5.0
    assert found.kernel(strikes[:2], 5.0).places.tolist() == [95.0, 100.0]
