"""Columns of chains made by hand, and of the simulated market."""

import math
from datetime import date

import numpy as np

from marketswarm.maths.exposure import Holdings
from marketswarm.model.chain import ChainId
from marketswarm.vigil.columns import ChainColumns
from tests.support.simulated_market import a_market, rows_of

CHAIN = ChainId("SPX", date(2026, 11, 23))
NAN = math.nan


def holdings(rows, *, years=0.25, volatility=0.2, carry=1.0):
    """Holdings of rows given as strike, `call` or `put`, and units; volatility one for all or one a row."""
    strike, type, units = zip(*rows, strict=True)
    everywhere = np.ones(len(rows))
    return Holdings(
        np.array(strike, dtype=float),
        np.array([one == "call" for one in type]),
        years * everywhere,
        volatility * everywhere,
        carry * everywhere,
        np.array(units, dtype=float),
    )


def held_columns(rows, *, spot, roots=("SPXW",), **columns):
    """Columns of rows given as strike, `call` or `put`, and open interest; further columns by name, one value or one a row."""
    strike, type, interest = zip(*rows, strict=True) if rows else ((), (), ())
    known = {
        "strike": strike,
        "open_interest": interest,
        "multiplier": 100.0,
        "volume": NAN,
        "iv": 0.2,
        "years": 0.25,
        **dict.fromkeys(("bid", "ask", "mid", "delta", "gamma", "vega", "theta"), NAN),
    } | columns
    root = np.broadcast_to(np.array(known.pop("root", 0), dtype=np.intp), len(rows))
    return ChainColumns(
        chain=CHAIN,
        now_ms=0,
        spot=spot,
        roots=roots,
        root=root,
        is_call=np.array([one == "call" for one in type], dtype=bool),
        quote_ts=np.zeros(len(rows), dtype=np.int64),
        greeks_ts=np.zeros(len(rows), dtype=np.int64),
        greeks_source="local",
        **{name: np.broadcast_to(np.array(values, dtype=float), len(rows)) for name, values in known.items()},
    )


def simulated_columns(each_side=50, *, seed=7, at="2026-11-23 10:00"):
    """The front chain of a simulated SPX, so many strikes on each side of spot, its own volatilities and open interest."""
    market = a_market("SPX", seed=seed, at=at)
    spot = float(market.spots[0])
    contracts = market.book.contracts
    rows = rows_of(market, "SPXW", "2026-11-23")
    listed = np.unique(contracts["strike"][rows])
    nearest = int(np.argmin(np.abs(listed - spot)))
    window = listed[max(0, nearest - each_side) : nearest + each_side + 1]
    rows = rows[np.isin(contracts["strike"][rows], window)]
    order = np.lexsort((~contracts["call"][rows], contracts["strike"][rows]))
    rows = rows[order]
    shared = market.slices().of(contracts["series"][rows])
    return held_columns(
        [
            (strike, "call" if call else "put", interest)
            for strike, call, interest in zip(
                *(contracts[name][rows].tolist() for name in ("strike", "call", "open_interest")), strict=True
            )
        ],
        spot=spot,
        iv=market.sensitivities(rows).volatility,
        years=shared.years,
        volume=contracts["volume"][rows].astype(float),
        mid=(contracts["bid"][rows] + contracts["ask"][rows]) / 2,
    )
