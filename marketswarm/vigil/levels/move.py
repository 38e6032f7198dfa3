"""The forward of each root, and the move that the front root's straddles price. Pure."""

import math
from typing import Final, NamedTuple

import numpy as np

from marketswarm.maths.black76 import MINUTES_A_YEAR, RATE
from marketswarm.maths.expected_move import sigma_move, straddle_move, volatility_at_forward
from marketswarm.maths.forward import is_plausible, parity_forward
from marketswarm.maths.normal import Flags, Floats
from marketswarm.vigil.columns import ChainColumns, Places
from marketswarm.vigil.levels.quality import priced
from marketswarm.vigil.picture import MoveLevels

MOVE_ABSENCES: Final = (
    "no-contracts",
    "expired",
    "no-spot",
    "no-usable-quotes",
    "too-few-strikes",
    "no-forward",
    "no-straddle",
)
"""Why there is no move, in the order in which it is looked at."""

LEAST_VOLATILITY: Final = 1e-4
MOST_VOLATILITY: Final = 20.0
"""Per year; what is beyond them is no volatility, whatever a quote says."""

_MOST_DEVIATION: Final = 5.0  # of a volatility over the time to settlement
_LONGEST: Final = 100.0  # years; and what a spot may be, in points:
_LEAST_SPOT, _MOST_SPOT = 1e-4, 1e9
_MS_A_YEAR: Final = MINUTES_A_YEAR * 60_000
_NEAR_SPOT, _STATE_A_FORWARD = 0.05, 3  # of spot, and strikes: what parity needs
_NEAREST: Final = 3  # strikes on each side of the forward whose straddles are asked


class Forwards(NamedTuple):
    """One row a root.

    Attributes:
        ratio: forward over spot; NaN when the root has settled or spot is not known.
        years: to settlement, counted from the newest quote, which is what the prices were made for; NaN when it is over.
        is_parity: whether the chain's own quotes state it.
    """

    ratio: Floats
    years: Floats
    is_parity: Flags


class Straddles(NamedTuple):
    """Strikes of one root that are quoted on both sides, ascending; the rows of call and put. Points."""

    strike: Floats
    call: Places
    put: Places


def forwards_of(
    columns: ChainColumns, usable: Flags, *, carry: Floats | None = None, rate: float = RATE
) -> Forwards:
    """The forward of each root: by put-call parity, else by the carry that was last known, else by the rate.

    Args:
        columns: of the chain.
        usable: which rows count.
        carry: forward over spot of each root when quotes last stated it, NaN where they never did.
        rate: per year.
    """
    count = len(columns.roots)
    known = np.full(count, np.nan) if carry is None else carry
    years = np.array([_years(columns, root) for root in range(count)], dtype=np.float64)
    sound = priced(columns, usable)
    each = (straddles_of(columns, sound, root) for root in range(count))
    stated = np.array(
        [_stated(columns, one, left, rate) for one, left in zip(each, years, strict=True)], dtype=np.float64
    )
    guess = np.where(np.isfinite(known) & (known > 0), known, np.exp(rate * years))
    ratio = np.where(np.isfinite(stated), stated, guess)
    ratio[[not _is_ratio(columns.spot, *one) for one in zip(ratio, years, strict=True)]] = np.nan
    return Forwards(ratio, years, np.isfinite(stated) & np.isfinite(ratio))


def front_root(columns: ChainColumns) -> int | None:
    """The root with most contracts of those that have not settled; None when all have."""
    alive = columns.root[(columns.years > 0) & (columns.years < _LONGEST)]
    return int(np.bincount(alive).argmax()) if alive.size else None


def move_of(columns: ChainColumns, usable: Flags, forwards: Forwards | None = None) -> MoveLevels | str:
    """The move that the front root's options price to its settlement, or one of `MOVE_ABSENCES`.

    Where fewer than three strikes near spot are quoted on both sides, as in the last minutes of a day, the forward is the one
    that follows from spot.

    Args:
        columns: of the chain.
        usable: which rows count.
        forwards: of the roots, when they are known already.
    """
    root = front_root(columns)
    if root is None:
        return "expired" if columns.size else "no-contracts"
    if not _is_spot(columns.spot):
        return "no-spot"
    if not usable.any():
        return "no-usable-quotes"
    forwards = forwards_of(columns, usable) if forwards is None else forwards
    straddles = straddles_of(columns, priced(columns, usable), root)
    near = int((np.abs(straddles.strike - columns.spot) <= _NEAR_SPOT * columns.spot).sum())
    if not near:
        return "too-few-strikes"
    ratio = float(forwards.ratio[root])
    if math.isnan(ratio) or (near >= _STATE_A_FORWARD and not forwards.is_parity[root]):
        return "no-forward"
    return _move(columns, root, straddles, (ratio * columns.spot, float(forwards.years[root])))


def straddles_of(columns: ChainColumns, sound: Flags, root: int) -> Straddles:
    """The strikes of a root with both sides sound; rows are ordered, so that a put stands right behind its call."""
    first = sound[:-1] & columns.is_call[:-1] & (columns.root[:-1] == root)
    second = sound[1:] & ~columns.is_call[1:] & (columns.root[1:] == root)
    call = np.flatnonzero(first & second & (columns.strike[:-1] == columns.strike[1:]))
    return Straddles(columns.strike[call], call, call + 1)


def _years(columns: ChainColumns, root: int) -> float:
    """Of one root, counted from the newest quote, as the volatilities of the chain were; NaN when it has settled."""
    of_root = columns.years[columns.root == root]
    if not of_root.size or not 0 < of_root[0] < _LONGEST:
        return math.nan
    newest = int(columns.quote_ts.max(initial=0))
    lag_ms = max(columns.now_ms - newest, 0) if newest > 0 else 0
    return float(of_root[0]) + lag_ms / _MS_A_YEAR


def _stated(columns: ChainColumns, straddles: Straddles, years: float, rate: float) -> float:
    """Forward over spot by parity; NaN when quotes state none."""
    strike, call, put = straddles
    if math.isnan(years) or not strike.size or not _is_spot(columns.spot):
        return math.nan
    bid, ask = columns.bid, columns.ask
    difference = (bid[call] + ask[call] - bid[put] - ask[put]) / 2
    spread = ask[call] - bid[call] + ask[put] - bid[put]
    parity = parity_forward(strike, difference, spread, spot=columns.spot, years=years, rate=rate)
    return math.nan if parity is None else parity.forward / columns.spot


def _move(
    columns: ChainColumns, root: int, straddles: Straddles, market: tuple[float, float]
) -> MoveLevels | str:
    forward, years = market
    strike, call, put = straddles
    ladder = np.unique(columns.strike[columns.root == root])
    above = int(np.searchsorted(ladder, forward))
    low, high = ladder[max(above - _NEAREST, 0)], ladder[min(above + _NEAREST, ladder.size) - 1]
    near = (strike >= low) & (strike <= high)
    worth = ((columns.bid + columns.ask)[call] + (columns.bid + columns.ask)[put])[near] / 2
    volatility = volatility_at_forward(strike[near], worth, forward=forward, years=years)
    if volatility is None or not _is_sane(volatility, years):
        return "no-straddle"
    return MoveLevels(
        forward=forward,
        years=years,
        volatility=volatility,
        straddle=straddle_move(forward, volatility, years),
        sigma=sigma_move(forward, volatility, years),
    )


def _is_sane(volatility: float, years: float) -> bool:
    within = LEAST_VOLATILITY < volatility < MOST_VOLATILITY
    return within and volatility * math.sqrt(years) < _MOST_DEVIATION


def _is_ratio(spot: float, ratio: float, years: float) -> bool:
    """Whether such a forward over spot can be."""
    return _is_spot(spot) and is_plausible(float(ratio), 1.0, float(years))


def _is_spot(spot: float) -> bool:
    return _LEAST_SPOT < spot < _MOST_SPOT
