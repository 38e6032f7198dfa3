"""A chain that moves through a scenario of the simulator, tick by tick, as its contracts are stored."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from benchmarks.settings import EACH_SIDE
from marketswarm.maths.calendar import NEW_YORK
from marketswarm.model.chain import ChainId
from marketswarm.model.contract import Contract
from marketswarm.model.ticker import OptionTicker
from marketswarm.rehearsal.stage import Scene, Stage, StagedMarket
from marketswarm.vigil.columns import ChainColumns

_OPEN = datetime(2026, 11, 23, 9, 30, tzinfo=NEW_YORK)
_LEAD_S = 2_700.0
_SIZE = 17  # contracts offered and wanted
_GREEKS = ("iv", "delta", "gamma", "theta", "vega")


@dataclass(frozen=True, slots=True)
class StoredScene:
    """One tick: its slot in ms, spot in points, the chain, and its contracts as JSON."""

    ts: int
    spot: float
    chain: ChainId
    contracts: dict[str, bytes]


def stored_scenes(scenario: str, ticks: int, *, symbol: str = "SPX", seed: int = 7) -> Iterator[StoredScene]:
    """Tick after tick from an open on; the scenario itself begins after three quarters of an hour, so that all is warm."""
    begin_ms = round(_OPEN.timestamp() * 1000)
    stage = Stage(scenario, seed, begin_ms, ticks, symbol, lead_s=_LEAD_S, each_side=EACH_SIDE)
    for scene in StagedMarket(stage).scenes():
        yield StoredScene(scene.ts, scene.spot, scene.columns.chain, contracts_of(scene))


def contracts_of(scene: Scene) -> dict[str, bytes]:
    """Ticker → JSON."""
    rows = (_contract(scene.columns, at) for at in range(scene.columns.size))
    return {one.ticker: one.canonical_json().encode() for one in rows}


def _contract(columns: ChainColumns, at: int) -> Contract:
    root, strike = columns.roots[columns.root[at]], float(columns.strike[at])
    kind: Any = "call" if columns.is_call[at] else "put"
    quoted_ms, open_interest = int(columns.quote_ts[at]), float(columns.open_interest[at])
    quote = {name: float(getattr(columns, name)[at]) for name in ("bid", "ask", "mid")}
    greeks = {name: _rounded(float(getattr(columns, name)[at])) for name in _GREEKS}
    return Contract.model_validate({
        "ticker": str(OptionTicker(root, columns.chain.expiration, kind, round(strike * 1000))),
        "symbol": columns.chain.symbol, "root": root, "expiration": columns.chain.expiration, "strike": strike,
        "type": kind, "style": "european", "multiplier": 100, "open_interest": open_interest, "ts": quoted_ms,
        "quote": _known(quote) | {"bid_size": _SIZE, "ask_size": _SIZE, "ts": quoted_ms},
        "day": {"volume": float(columns.volume[at])},
        "greeks": _known(greeks) | {"source": "local", "ts": int(columns.greeks_ts[at])},
    })  # fmt: skip


def _known(fields: dict[str, float]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if np.isfinite(value)}


def _rounded(value: float) -> float:
    """As long as a stored greek is."""
    return float(f"{value:.6g}")
