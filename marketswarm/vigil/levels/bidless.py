"""Figures of contracts that nobody bids for. Pure.

Most strikes of a chain of today are offered at a tick and not bid for: far out of the money they have a quote, and no
volatility of their own. Their open interest counts all the same, their gamma is next to nothing, and both would be lost. So
they get the volatility of the quoted strikes beside them, that of the last quoted strike beyond it, and never more than
their own offer allows.
"""

from dataclasses import replace

import numpy as np

from marketswarm.maths.black76 import RATE, Terms, discount, sensitivities
from marketswarm.maths.implied import implied_volatility
from marketswarm.maths.normal import Flags, Floats
from marketswarm.maths.settlement import GREEKS_YEARS
from marketswarm.vigil.columns import ChainColumns, Places
from marketswarm.vigil.levels.move import LEAST_VOLATILITY, MOST_VOLATILITY, Forwards

_FIGURES = ("delta", "gamma", "theta", "vega")


def with_bidless(
    columns: ChainColumns, usable: Flags, forwards: Forwards, *, rate: float = RATE
) -> ChainColumns:
    """The columns with volatility and greeks for both sides of strikes that are offered but not bid for.

    What has figures keeps them. A root without a forward, or without a quoted volatility, is left as it is.

    Args:
        columns: of the chain.
        usable: which rows may lend their volatility.
        forwards: of its roots.
        rate: per year.
    """
    lent = usable & (columns.bid > 0) & (columns.iv > LEAST_VOLATILITY) & (columns.iv < MOST_VOLATILITY)
    volatility = columns.iv.copy()
    for root, ratio in enumerate(forwards.ratio):
        rows = np.flatnonzero(columns.root == root)
        if np.isfinite(ratio) and rows.size:
            market = float(ratio) * columns.spot, float(forwards.years[root]), rate
            volatility[rows] = _of_root(columns, rows, lent[rows], market)
    new = np.flatnonzero(np.isnan(columns.iv) & np.isfinite(volatility))
    return _valued(columns, forwards, volatility, new, rate) if new.size else columns


def _of_root(columns: ChainColumns, rows: Places, lent: Flags, market: tuple[float, float, float]) -> Floats:
    """Volatility of these rows, filled where it can be."""
    strike, own, is_call = columns.strike[rows], columns.iv[rows], columns.is_call[rows]
    bid, ask = columns.bid[rows], columns.ask[rows]
    outside = (is_call == (strike >= market[0])) & (strike > 0)
    known = outside & lent
    wanted = outside & np.isnan(own) & (bid == 0) & (ask > 0)
    if not known.any() or not wanted.any():
        return own
    beside = np.interp(strike[wanted], strike[known], own[known])
    found = np.minimum(beside, _offered(strike[wanted], is_call[wanted], ask[wanted], market))
    return _on_both_sides(strike, own, strike[wanted], found)


def _offered(strike: Floats, is_call: Flags, ask: Floats, market: tuple[float, float, float]) -> Floats:
    """The volatility at which a contract would be worth what is asked for it; NaN where none is."""
    forward, years = (np.full(strike.shape, number) for number in market[:2])
    return implied_volatility(Terms(forward, strike, years, is_call), ask / discount(years, market[2]))


def _on_both_sides(strike: Floats, own: Floats, filled: Floats, volatility: Floats) -> Floats:
    """The filled strikes' volatility on each of their rows that has none."""
    place = np.clip(np.searchsorted(filled, strike), 0, filled.size - 1)
    return np.where(np.isnan(own) & (filled[place] == strike), volatility[place], own)


def _valued(
    columns: ChainColumns, forwards: Forwards, volatility: Floats, new: Places, rate: float
) -> ChainColumns:
    """The columns with that volatility, and greeks in the new rows, of two minutes when there is less left."""
    root = columns.root[new]
    spot = np.full(new.size, columns.spot)
    years = np.maximum(forwards.years[root], GREEKS_YEARS)
    terms = Terms(forwards.ratio[root] * spot, columns.strike[new], years, columns.is_call[new])
    greeks = sensitivities(terms, volatility[new], spot, rate)
    figures = {name: getattr(columns, name).copy() for name in _FIGURES}
    for name, column in figures.items():
        column[new] = getattr(greeks, name)
    return replace(columns, iv=volatility, **figures)
