"""The gamma exposure that a chain would have at other spots, and where it changes its sign.

Every contract is repriced at each hypothetical spot with its own volatility (sticky strike), its own time, and its forward in
an unchanged proportion to spot. With s the spot, this is S. Perfiliev's gamma profile (2022) on the forward:

    exposure(s) = Σ ± units gamma(s) s² / 100 = s / 100 Σ ± units D F/S n(d1(s)) / (v √T),   d1(s) = ln s / (v √T) + a constant

so one exponential a contract and spot is all that it takes. The zero of the profile is the flip. Sign changes of what stands at
single strikes, or of their running sum, are something else and not to be taken for it.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from marketswarm.maths.black76 import RATE, discount
from marketswarm.maths.exposure import Holdings
from marketswarm.maths.normal import ROOT_TWO_PI, Floats

Places = NDArray[np.intp]

STEPS_EACH_WAY: Final = 200
_LEAST_REACH, _SIGMAS, _MOST_REACH = 0.03, 4, 0.9  # of spot: the grid keeps above 0
_NOISE = 1e-12  # of gross: what is left of sums that cancel has no sign


class Profile(NamedTuple):
    """Exposure at hypothetical spots, USD per move of 1 %: `net` by the sign model, `gross` regardless of signs."""

    spots: Floats
    net: Floats
    gross: Floats


class Bells(NamedTuple):
    """What a unit of each contract adds to a profile: `height` times `shapes`, from 0 to 1, a row a contract, a column a spot.

    Attributes:
        first: the first contract of each row; those behind it, up to the next row's, differ in their side alone.
    """

    first: Places
    height: Floats
    shapes: Floats


class SignChange(NamedTuple):
    """Where a profile changes its sign, points, and its slope there, USD per move of 1 % a point."""

    level: float
    slope: float


def spot_grid(spot: float, sigma: float | None) -> Floats:
    """Spots evenly on both sides of the present one, which stands in the middle: within 3 %, or 4 sigmas if that is more.

    Args:
        spot: points.
        sigma: one standard deviation to settlement, points; None when unknown.
    """
    reach = min(max(_LEAST_REACH, _SIGMAS * (sigma or 0.0) / spot), _MOST_REACH)
    return np.asarray(spot * (1 + reach * (np.arange(-STEPS_EACH_WAY, STEPS_EACH_WAY + 1) / STEPS_EACH_WAY)))


def bells_of(contracts: Holdings, spots: Floats, rate: float = RATE) -> Bells:
    """What contracts add to a profile at each of the spots, whatever is held of them."""
    merged, first = _merge_sides(contracts)
    deviation = merged.volatility * np.sqrt(merged.years)
    constant = (np.log(merged.carry) - np.log(merged.strike)) / deviation + deviation / 2
    height = discount(merged.years, rate) * merged.carry / (ROOT_TWO_PI * deviation)
    bells = np.multiply.outer(1 / deviation, np.log(spots))
    bells += constant[:, np.newaxis]
    with np.errstate(over="ignore", under="ignore"):
        np.multiply(bells, bells, out=bells)
        bells *= -0.5
        np.exp(bells, out=bells)
    return Bells(first, height, bells)


def reprice(holdings: Holdings, spots: Floats, rate: float = RATE, *, bells: Bells | None = None) -> Profile:
    """The exposure of these contracts at each of the spots; `bells` are those of them, when they are known already."""
    if not holdings.strike.size:
        return Profile(spots, np.zeros_like(spots), np.zeros_like(spots))
    bells = bells_of(holdings, spots, rate) if bells is None else bells
    units = np.add.reduceat(np.stack([holdings.signed_units, holdings.units]), bells.first, axis=1)
    with np.errstate(over="ignore", under="ignore"):
        net, gross = (units * bells.height) @ bells.shapes * (spots / 100)
    net[np.abs(net) <= _NOISE * gross] = 0.0
    return Profile(spots, net, gross)


def sign_changes(profile: Profile) -> tuple[SignChange, ...]:
    """All sign changes, ascending, by linear interpolation; a zero that is only touched is none.

    Where the profile is zero over several spots between two signs, the middle of them is the level.
    """
    signed = np.flatnonzero(profile.net)
    left, right = signed[:-1], signed[1:]
    turns = np.sign(profile.net[left]) != np.sign(profile.net[right])
    left, right = left[turns], right[turns]
    below, above = profile.spots[left], profile.spots[right]
    before, after = profile.net[left], profile.net[right]
    straight = below + (above - below) * (before / (before - after))
    flat = (profile.spots[np.minimum(left + 1, right)] + profile.spots[np.maximum(right - 1, left)]) / 2
    level = np.where(right - left > 1, flat, straight)
    slope = (after - before) / (above - below)
    return tuple(map(SignChange, level.tolist(), slope.tolist()))


def _merge_sides(contracts: Holdings) -> tuple[Holdings, Places]:
    """Neighbouring rows that differ in their side alone as one, and the first row of each.

    Both sides of a strike have one volatility as a rule: half of the work, and what cancels does so exactly.
    """
    inputs = np.stack([contracts.strike, contracts.years, contracts.volatility, contracts.carry])
    is_first = np.ones(contracts.strike.size, dtype=np.bool_)
    is_first[1:] = (inputs[:, 1:] != inputs[:, :-1]).any(axis=0)
    first = np.flatnonzero(is_first)
    return contracts.rows(first), first
