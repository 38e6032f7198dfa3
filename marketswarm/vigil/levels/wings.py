"""The far wings: contracts that nobody bids for, which have no volatility of their own. Pure.

Near settlement most strikes of a chain are such: worth next to nothing, with a gamma next to nothing, yet with open interest. Left
out, they would make a chain look badly covered that is known well. So they get the volatility of the nearest strikes that have one,
as a flat smile beyond the last of them and a straight line between two, and the gamma that follows from it.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from marketswarm.maths.black76 import Terms, sensitivities
from marketswarm.maths.normal import Flags, Floats
from marketswarm.maths.settlement import GREEKS_YEARS
from marketswarm.vigil.columns import ChainColumns, Places

_LEAST: Final = 3  # strikes that have a volatility


def with_wings(columns: ChainColumns, ratio: Floats) -> ChainColumns:
    """The same columns, with volatility and greeks for the strikes whose outer side is offered and not bid.

    Args:
        columns: of the chain.
        ratio: forward over spot, one a root; NaN where it is not known.
    """
    filled = _filled(columns, ratio)
    places = rows = np.flatnonzero(np.isfinite(filled) & np.isnan(columns.iv) & (columns.years > 0))
    if not rows.size:
        return columns
    forward, years = ratio[columns.root[rows]] * columns.spot, np.maximum(columns.years[rows], GREEKS_YEARS)
    terms = Terms(forward, columns.strike[rows], years, columns.is_call[rows])
    with np.errstate(all="ignore"):
        greeks = sensitivities(terms, filled[rows], np.full(rows.size, columns.spot))
    sound = np.isfinite(np.stack([filled[rows], *greeks])).all(axis=0)
    rows = rows[sound]
    iv, delta, gamma, theta, vega = (column[sound] for column in (filled[places], *greeks))
    return replace(
        columns,
        iv=_put(columns.iv, rows, iv),
        delta=_put(columns.delta, rows, delta),
        gamma=_put(columns.gamma, rows, gamma),
        theta=_put(columns.theta, rows, theta),
        vega=_put(columns.vega, rows, vega),
    )


def _filled(columns: ChainColumns, ratio: Floats) -> Floats:
    """By row: the volatility that an unbid strike is given; NaN for all others."""
    filled = np.full(columns.size, np.nan)
    for root in range(len(columns.roots)):
        of_root = columns.root == root
        forward = float(ratio[root]) * columns.spot
        known = of_root & np.isfinite(columns.iv)
        strikes, first = np.unique(columns.strike[known], return_index=True)
        if strikes.size < _LEAST or not np.isfinite(forward):
            continue
        rows = of_root & np.isin(columns.strike, _unbid(columns, of_root, forward))
        filled[rows] = np.interp(columns.strike[rows], strikes, columns.iv[known][first])
    return filled


def _unbid(columns: ChainColumns, of_root: Flags, forward: float) -> Floats:
    """The strikes whose out-of-the-money side somebody offers and nobody bids for."""
    outside = np.where(columns.is_call, columns.strike >= forward, columns.strike < forward)
    unbid = of_root & outside & (columns.bid == 0) & (columns.ask > 0) & (columns.quote_ts > 0)
    return np.asarray(columns.strike[unbid])


def _put(column: Floats, rows: Places, values: Floats) -> Floats:
    changed = column.copy()
    changed[rows] = values
    return changed
