"""Gamma exposure of one chain: by strike, repriced over spots, and the levels that come of it. Pure.

Everything is computed from the stored volatility, at spot as on the grid, so that strikes, total and profile are one thing; stored
gammas are rounded, and of a provider's own clock. Nearer to settlement than two minutes greeks are those of two minutes.
"""

from math import fsum, isfinite
from typing import Final, NamedTuple

import numpy as np

from marketswarm.maths.clusters import density_of, regions
from marketswarm.maths.exposure import (
    Holdings,
    StrikeSums,
    by_strike,
    charm_exposure,
    gamma_exposure,
    vanna_exposure,
)
from marketswarm.maths.gamma_profile import STEPS_EACH_WAY, Profile, reprice, sign_changes
from marketswarm.maths.normal import Flags, Floats
from marketswarm.maths.settlement import GREEKS_YEARS
from marketswarm.vigil.columns import ChainColumns
from marketswarm.vigil.levels import walls
from marketswarm.vigil.levels.ground import Ground
from marketswarm.vigil.picture import Cluster, Crossing, GammaLevels, Weighing

GAMMA_ABSENCES: Final = (
    "no-spot",
    "no-contracts",
    "no-open-interest",
    "no-volume",
    "no-usable-quotes",
    "expired",
    "no-forward",
    "no-volatility",
    "too-few-strikes",
    "no-gamma",
    "not-finite",
)
"""Why there are no gamma levels, in the order in which it is looked at."""

STRIKES_EACH_SIDE: Final = 10
"""So many strikes with something held must stand on each side of spot."""

_NO_STRIKE: Final = 1e9
_NO_EXPOSURE: Final = 1e200  # what comes of it would not be finite
_LEAST_VOLATILITY, _MOST_VOLATILITY = 1e-4, 100.0
_STEPS_WIDE, _SIGMAS_WIDE = 1.5, 0.15  # the bandwidth of clusters


class _Held(NamedTuple):
    """Which contracts count, the units held of each, and how many of the strikes are to be on each side of spot."""

    rows: Flags
    units: Floats
    strikes_needed: int


def gamma_levels(
    columns: ChainColumns,
    usable: Flags,
    *,
    forward_ratio: Floats,
    sigma: float | None,
    weighings: tuple[Weighing, ...],
) -> tuple[GammaLevels | str, ...]:
    """Gamma levels in USD per move of 1 %, or one of `GAMMA_ABSENCES`, for each way of weighing.

    Formulas: `maths/exposure.py`, `maths/gamma_profile.py`, `maths/clusters.py`. A contract counts when it is usable and its volatility,
    time, forward and weight are known. Ten strikes that hold something must stand on each side of spot, a strike at spot on both;
    of a chain loaded narrower than twenty on each side, half of a side will do.

    Args:
        columns: of the chain.
        usable: rows whose quotes can be trusted.
        forward_ratio: forward over spot, one a root; NaN where unknown.
        sigma: one standard deviation to settlement, points; without it the grid is 3 % wide, and the flip has no confidence.
        weighings: what is counted as held.
    """
    with np.errstate(all="ignore"):
        all_held = [_held(columns, usable, forward_ratio, weighing) for weighing in weighings]
        rows = [held.rows for held in all_held if not isinstance(held, str)]
        if not rows:
            return tuple(held for held in all_held if isinstance(held, str))
        counts = np.logical_or.reduce(rows)
        known = _known(columns, forward_ratio).rows(counts)
        ground = Ground(known, columns.spot, _positive(sigma))
        return tuple(
            held if isinstance(held, str) else _measure(ground, held, counts, weighing)
            for held, weighing in zip(all_held, weighings, strict=True)
        )


def _measure(ground: Ground, held: _Held, counts: Flags, weighing: Weighing) -> GammaLevels | str:
    """One way of weighing, on the ground of all rows that count for any of them."""
    spot, is_held = ground.spot, held.rows[counts]
    everything = ground.contracts._replace(units=np.where(is_held, held.units[counts], 0.0))
    holdings, greeks = everything.rows(is_held), ground.greeks.rows(is_held)
    sums = by_strike(holdings, gamma_exposure(holdings, spot, greeks=greeks))
    if why := _unfit(sums, spot, held.strikes_needed):
        return why
    profile = reprice(everything, ground.spots, bells=ground.bells)
    vanna, charm = (fsum(slide(holdings, spot, greeks=greeks)) for slide in (vanna_exposure, charm_exposure))
    if not (np.isfinite(profile.gross).all() and isfinite(vanna) and isfinite(charm)):
        return "not-finite"
    return _levels(sums, profile, ground, slide=(vanna, charm), weighing=weighing)


def _levels(
    sums: StrikeSums, profile: Profile, ground: Ground, *, slide: tuple[float, float], weighing: Weighing
) -> GammaLevels:
    spot, sigma = ground.spot, ground.sigma
    at_spot, gross_at_spot = float(profile.net[STEPS_EACH_WAY]), float(profile.gross[STEPS_EACH_WAY])
    crossings = tuple(Crossing(*one) for one in sign_changes(profile))
    flip = min((one.level for one in crossings), key=lambda level: abs(level - spot), default=None)
    gross_total = fsum(sums.gross)
    return GammaLevels(
        weighing=weighing,
        strikes=sums.strike,
        net=sums.net,
        gross=sums.gross,
        call=sums.call,
        put=sums.put,
        total=fsum(sums.net),
        gross_total=gross_total,
        grid=profile.spots,
        profile=profile.net,
        at_spot=at_spot,
        regime=max(-1.0, min(at_spot / gross_at_spot, 1.0)),
        crossings=crossings,
        flip=flip,
        flip_confidence=_confidence(profile, flip, sigma, gross_total),
        call_wall=walls.call_wall(sums, spot),
        put_wall=walls.put_wall(sums, spot),
        call_peak=walls.peak(sums, sums.call, spot),
        put_peak=walls.peak(sums, -sums.put, spot),
        heaviest=walls.peak(sums, sums.gross, spot),
        lowest=walls.lowest(sums),
        clusters=_clusters(sums, gross_total, ground),
        vanna=slide[0],
        charm=slide[1],
    )


def _held(columns: ChainColumns, usable: Flags, forward_ratio: Floats, weighing: Weighing) -> _Held | str:
    """The contracts that count; the reason when none does."""
    if not (isfinite(columns.spot) and columns.spot > 0):
        return "no-spot"
    if not columns.size:
        return "no-contracts"
    units = _contracts(columns, weighing) * columns.multiplier
    known = _known(columns, forward_ratio)
    gates: dict[str, Flags] = {
        "no-volume" if weighing == "volume" else "no-open-interest": np.isfinite(units) & (units > 0),
        "no-usable-quotes": usable,
        "expired": np.isfinite(columns.years) & (columns.years > 0),
        "no-forward": np.isfinite(known.carry),
        "no-volatility": (known.volatility >= _LEAST_VOLATILITY) & (known.volatility <= _MOST_VOLATILITY),
    }
    rows = (columns.strike > 0) & (columns.strike < _NO_STRIKE)
    for reason, gate in gates.items():
        rows &= gate
        if not rows.any():
            return reason
    needed = min(STRIKES_EACH_SIDE, max(1, np.unique(columns.strike).size // 4))
    return _Held(rows, units, needed)


def _known(columns: ChainColumns, forward_ratio: Floats) -> Holdings:
    """All contracts, nothing held of them yet."""
    carry = np.where(forward_ratio > 0, forward_ratio, np.nan)[columns.root]
    years = np.maximum(columns.years, GREEKS_YEARS)
    return Holdings(columns.strike, columns.is_call, years, columns.iv, carry, np.zeros(columns.size))


def _contracts(columns: ChainColumns, weighing: Weighing) -> Floats:
    """What is counted as held, NaN where unknown; a contract without a volume has not traded, if its open interest is known."""
    if weighing == "volume":
        return columns.volume
    if weighing == "open-interest":
        return columns.open_interest
    return columns.open_interest + np.where(columns.volume > 0, columns.volume, 0.0) / 2


def _unfit(sums: StrikeSums, spot: float, strikes_needed: int) -> str:
    """Why no levels can be told from these sums; empty when they can."""
    below, above = int((sums.strike <= spot).sum()), int((sums.strike >= spot).sum())
    if min(below, above) < strikes_needed:
        return "too-few-strikes"
    total = float(sums.gross.sum())
    if not total < _NO_EXPOSURE:
        return "not-finite"
    return "" if total > 0 else "no-gamma"


def _confidence(
    profile: Profile, flip: float | None, sigma: float | None, gross_total: float
) -> float | None:
    """How much exposure the profile reaches within a sigma on the weaker side of the flip, as a share of gross."""
    if flip is None or sigma is None:
        return None
    spots, size = profile.spots, np.abs(profile.net)
    reach = max(sigma, 2 * float(spots[1] - spots[0]))  # at least one point of the grid on each side
    below, above = (spots < flip) & (spots >= flip - reach), (spots > flip) & (spots <= flip + reach)
    return min(1.0, float(min(size[below].max(initial=0.0), size[above].max(initial=0.0)) / gross_total))


def _clusters(sums: StrikeSums, gross_total: float, ground: Ground) -> tuple[Cluster, ...]:
    """Clusters of gross exposure; none where a single strike gives no measure of distance."""
    step = float(np.median(np.diff(sums.strike))) if sums.strike.size > 1 else 0.0
    bandwidth = max(_STEPS_WIDE * step, _SIGMAS_WIDE * (ground.sigma or 0.0))
    if not bandwidth > 0:
        return ()
    found = []
    for region in regions(density_of(ground.kernel(sums.strike, bandwidth), sums.gross)):
        inside = (sums.strike >= region.low) & (sums.strike < region.high)
        mass = float(sums.gross[inside].sum())
        if mass > 0:
            centre = float(sums.strike[inside] @ sums.gross[inside]) / mass
            ratio = max(-1.0, min(float(sums.net[inside].sum()) / mass, 1.0))
            share = min(mass / gross_total, 1.0)
            found.append(Cluster(centre, region.low, region.high, share, ratio))
    return tuple(found)


def _positive(number: float | None) -> float | None:
    return number if number is not None and isfinite(number) and number > 0 else None
