"""Where a chain's open interest and volume stand. Pure. Quotes have no say in it, but for premium."""

from typing import Final

import numpy as np

from marketswarm.maths.normal import Flags, Floats
from marketswarm.maths.open_interest import max_pain, put_call_ratio
from marketswarm.vigil.columns import ChainColumns
from marketswarm.vigil.picture import Positioning

_NO_AMOUNT: Final = 1e15  # of contracts, units or dollars


def positioning(columns: ChainColumns) -> Positioning:
    """Max pain and put/call ratios over all roots of the chain; None each where too little is known.

    Units: points, USD, and puts over calls. Formulas in `maths/open_interest.py`; a premium is volume times mid times multiplier.
    """
    with np.errstate(all="ignore"):
        return _positioning(columns)


def _positioning(columns: ChainColumns) -> Positioning:
    units = columns.open_interest * columns.multiplier
    held = _known(units) & np.isfinite(columns.strike)
    pain = max_pain(columns.strike[held], columns.is_call[held], units[held])
    return Positioning(
        max_pain=None if pain is None else pain.strike,
        pain_usd=None if pain is None else pain.paid,
        put_call_open_interest=_ratio(columns.is_call, columns.open_interest),
        put_call_volume=_ratio(columns.is_call, columns.volume),
        put_call_premium=_ratio(columns.is_call, columns.volume, columns.mid * columns.multiplier),
    )


def _ratio(is_call: Flags, contracts: Floats, price: Floats | None = None) -> float | None:
    """The ratio over what is known of both columns."""
    paid = np.ones_like(contracts) if price is None else price
    known = _known(contracts) & _known(paid)
    return put_call_ratio(is_call[known], contracts[known], paid[known])


def _known(amounts: Floats) -> Flags:
    return (amounts >= 0) & (amounts < _NO_AMOUNT)
