"""How far key strikes are from spot, in every measure that says something. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from marketswarm.maths.expected_move import pin_score, touch_probability
from marketswarm.vigil.picture import GammaLevels, MoveLevels


@dataclass(frozen=True, slots=True)
class Distance:
    """Of one key strike.

    Attributes:
        name: `call_wall`, `heaviest`, …
        points: strike less spot, above 0 when spot is below it; so are `sigmas` and `moves`.
        sigmas: over one standard deviation to settlement. `moves`: over the expected move of the open.
        touch: probability that spot meets it before settlement, by a walk without drift at the priced volatility; 0 to 1.
        pin: how much it holds spot, 0 to 1.
    """

    name: str
    strike: float
    points: float
    sigmas: float | None = None
    moves: float | None = None
    touch: float | None = None
    pin: float | None = None


def distances_of(
    spot: float,
    key_strikes: Mapping[str, float],
    *,
    move: MoveLevels | None = None,
    move_open: float | None = None,
    gamma: GammaLevels | None = None,
) -> tuple[Distance, ...]:
    """The distance of each key strike, nearest first; nothing while spot is not known.

    Args:
        spot: points.
        key_strikes: name → strike.
        move: that remains to settlement.
        move_open: the expected move as it was fixed at the open, points.
        gamma: where the exposure stands, for the pin score.
    """
    if not (math.isfinite(spot) and spot > 0):
        return ()
    known = {name: strike for name, strike in key_strikes.items() if math.isfinite(strike)}
    sigma = move.sigma if move is not None and move.sigma > 0 else None
    away = np.array([strike - spot for strike in known.values()], dtype=np.float64)
    touches = [None] * len(known) if sigma is None else touch_probability(away, sigma).tolist()
    rows = (
        Distance(
            name=name,
            strike=strike,
            points=strike - spot,
            sigmas=None if sigma is None else (strike - spot) / sigma,
            moves=(strike - spot) / move_open if move_open is not None and move_open > 0 else None,
            touch=touch,
            pin=_pin(strike, strike - spot, move, gamma),
        )
        for (name, strike), touch in zip(known.items(), touches, strict=True)
    )
    return tuple(sorted(rows, key=lambda one: (abs(one.points), one.name)))


def _pin(strike: float, points: float, move: MoveLevels | None, gamma: GammaLevels | None) -> float | None:
    """Pin score from the exposure at the strike itself; None where the chain does not list it, or holds nothing."""
    if move is None or gamma is None or not move.straddle > 0 or not gamma.gross_total > 0:
        return None
    at = np.flatnonzero(gamma.strikes == strike)
    if not at.size:
        return None
    net, gross = float(gamma.net[at[0]]), float(gamma.gross[at[0]])
    if gross <= 0:
        return 0.0
    return pin_score(points, move_left=move.straddle, share=gross / gamma.gross_total, ratio=net / gross)
