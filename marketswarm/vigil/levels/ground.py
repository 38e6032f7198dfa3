"""What all ways of weighing one chain have in common: greeks, bells and kernels do not depend on what is held. Pure."""

import numpy as np

from marketswarm.maths.clusters import Kernel, kernel_of
from marketswarm.maths.exposure import Holdings, unit_greeks
from marketswarm.maths.gamma_profile import bells_of, spot_grid
from marketswarm.maths.normal import Floats


class Ground:
    """The contracts that count in any way of weighing, and what is measured of each unit of them, once.

    Attributes:
        contracts: nothing held of them.
        spot: points. `sigma`: one standard deviation to settlement, points; None when unknown.
        greeks: at spot.
        spots: of the profile. `bells`: of the contracts at each of them.
    """

    def __init__(self, contracts: Holdings, spot: float, sigma: float | None) -> None:
        self.contracts = contracts
        self.spot, self.sigma = spot, sigma
        self.greeks = unit_greeks(contracts, spot)
        self.spots = spot_grid(spot, sigma)
        self.bells = bells_of(contracts, self.spots)
        self._kernel: Kernel | None = None

    def kernel(self, strikes: Floats, bandwidth: float) -> Kernel:
        """The bells of strikes; those that were made last, where strikes and bandwidth are the same."""
        made = self._kernel
        if made is None or made.bandwidth != bandwidth or not np.array_equal(made.places, strikes):
            made = self._kernel = kernel_of(strikes, bandwidth)
        return made
