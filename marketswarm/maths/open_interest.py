"""What open interest and volume say by themselves: max pain, and puts over calls. Statistics, not targets."""

from typing import Final, NamedTuple

import numpy as np

from marketswarm.maths.normal import Flags, Floats

LEAST_CONTRACTS: Final = 100
"""Fewer on either side make no ratio."""


class Pain(NamedTuple):
    """The settlement at which holders are paid least, points, and what all of them are paid there, USD."""

    strike: float
    paid: float


def max_pain(strike: Floats, is_call: Flags, units: Floats) -> Pain | None:
    """Max pain of one expiration, the lowest strike of equals; None unless both calls and puts are held.

    pain(s) = Σ calls units max(s - K, 0) + Σ puts units max(K - s, 0), over the listed strikes s. With one side alone it would be
    the edge of what is loaded.

    Args:
        strike: points.
        is_call: calls or puts.
        units: open interest times multiplier, known and at least 0.
    """
    if not (units[is_call].sum() > 0 and units[~is_call].sum() > 0):
        return None
    listed, place = np.unique(strike, return_inverse=True)
    calls = np.bincount(place, np.where(is_call, units, 0.0), listed.size)
    puts = np.bincount(place, np.where(is_call, 0.0, units), listed.size)
    above = np.maximum(np.subtract.outer(listed, listed), 0.0)  # settlement over strike
    paid = above @ calls + above.T @ puts
    at = int(np.argmin(paid))
    return Pain(float(listed[at]), float(paid[at])) if np.isfinite(paid).all() else None


def put_call_ratio(is_call: Flags, contracts: Floats, price: Floats | float = 1.0) -> float | None:
    """Puts over calls, by contracts, or by what was paid for them; None under 100 contracts on either side.

    Args:
        is_call: calls or puts.
        contracts: known and at least 0.
        price: USD or points a contract; 1 to count contracts.
    """
    if min(contracts[is_call].sum(), contracts[~is_call].sum()) < LEAST_CONTRACTS:
        return None
    amount = contracts * price
    calls, puts = amount[is_call].sum(), amount[~is_call].sum()
    ratio = float(puts / calls) if calls > 0 else np.inf
    return ratio if np.isfinite(ratio) else None
