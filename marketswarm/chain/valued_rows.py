"""Rows of a load with greeks of our own, before they are staged. Pure.

Greeks of one chain have one source. They are local as soon as one contract can be valued; only a chain of which none can be
keeps what the provider says.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from marketswarm.chain.greeks_text import absent_section, valued_section
from marketswarm.chain.valuation import VALUED, ChainShape, outlook_of, quotes_of, shape_of, value_chain
from marketswarm.model.contract import ABSENCES, Contract, Greeks


def with_local_greeks(
    contracts: Sequence[Contract],
    *,
    spot: float,
    now_ms: int,
    settles_ms: Callable[[str], int],
    stay_local: bool = False,
) -> list[Contract]:
    """The contracts of one chain, all with local greeks or a reason; as they were where none can be valued.

    Args:
        contracts: of the chain, at best all of it: they state the forward.
        spot: as known to the load.
        now_ms: the clock's time.
        settles_ms: when a root settles.
        stay_local: the chain's greeks are local already, and stay so.
    """
    shape = shape_of(((one.strike, one.type == "call", one.root) for one in contracts), settles_ms)
    sections = _sections(shape, contracts, spot, now_ms)
    if not stay_local and all(section.absent for section in sections):
        return list(contracts)
    return [
        one.model_copy(update={"greeks": section, "ts": max(one.ts, section.ts)})
        for one, section in zip(contracts, sections, strict=True)
    ]


def has_local_greeks(contracts: Iterable[Contract]) -> bool:
    """Whether a chain's greeks are local."""
    return any(one.greeks is not None and one.greeks.source == "local" for one in contracts)


def _sections(shape: ChainShape, contracts: Sequence[Contract], spot: float, now_ms: int) -> list[Greeks]:
    known = [
        (one.quote.bid, one.quote.ask, one.quote.ts) if one.quote else (None, None, 0) for one in contracts
    ]
    quotes, roots = quotes_of(known), len(shape.roots)
    outlook = outlook_of(shape, quotes, spot=spot, carry=np.full(roots, np.nan), now_ms=now_ms)
    valued = value_chain(shape, quotes, outlook, np.full(roots, spot))
    columns = zip(valued.figures.T.tolist(), valued.absent.tolist(), valued.ts.tolist(), strict=True)
    return [
        valued_section(figures, ts) if code == VALUED else absent_section(ABSENCES[code - 1], ts)
        for figures, code, ts in columns
    ]
