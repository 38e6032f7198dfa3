"""How many contracts are open and how many trade, by strike: more near the money, and at round strikes most of all.

Every figure depends on the contract, the day and the seed alone, so it is the same whenever and however often it is asked.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.uint64]

_SPREAD = 1.4  # standard deviations of price over which open interest reaches
_LEAST_DAYS = 4.0


def draw(codes: Codes, *salt: int) -> Floats:
    """A uniform number in [0, 1) for each code, fixed by code and salt (splitmix64)."""
    state = codes.astype(np.uint64)
    for part in salt:
        state = _mix(state ^ _mix(np.full_like(state, part % 2**63)))
    return np.asarray((state >> np.uint64(11)).astype(np.float64) / 2**53)


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where contracts stand, one entry each.

    Attributes:
        step: distance of strikes near the money.
        deviation_day: volatility of one day, a fraction.
        days: to the settlement.
        weight: what gathers at the money, on a strike that is not round.
    """

    codes: Codes
    strike: Floats
    spot: Floats
    step: Floats
    deviation_day: Floats
    days: Floats
    weight: Floats
    call: NDArray[np.bool_]


def open_interest(places: Places, salt: tuple[int, int]) -> NDArray[np.int64]:
    """Open contracts; `salt` is seed and day."""
    reach = places.deviation_day * np.sqrt(np.maximum(places.days, _LEAST_DAYS)) * _SPREAD
    lean = np.where(places.call, 0.4, -0.6)
    bell = np.exp(-((np.log(places.strike / places.spot) / reach - lean) ** 2) / 2) + 0.01
    noise = np.exp(1.6 * (draw(places.codes, *salt) + draw(places.codes, *salt, 1) - 1))
    gathered = places.weight * bell * roundness(places.strike, places.step) * noise
    return np.floor(gathered).astype(np.int64)


def roundness(strike: Floats, step: Floats) -> Floats:
    """8, 4 or 2 on every 20th, 10th or 5th strike, else 1."""
    number = np.round(strike / step, 6)
    tiers = [(number % every) == 0 for every in (20, 10, 5)]
    return np.asarray(np.select(tiers, [8.0, 4.0, 2.0], 1.0))


def day_volume(
    codes: Codes, interest: NDArray[np.int64], days: Floats, elapsed: float, salt: int
) -> NDArray[np.int64]:
    """Contracts traded so far today; the nearest expirations trade more than is open."""
    eagerness = 0.15 + 1.6 / (1 + days) ** 1.5
    return np.floor(interest * eagerness * elapsed * draw(codes, salt, 2) ** 2).astype(np.int64)


def _mix(state: Codes) -> Codes:
    state = state + np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))
