"""Chains and series as data frames. The only file of the client that knows pandas, which an extra brings."""

from typing import TYPE_CHECKING, Any, Final

from marketswarm.errors import ExtraMissing
from marketswarm.model.contract import Contract

if TYPE_CHECKING:
    import pandas as pd

    from marketswarm.client.chain import Chain
    from marketswarm.client.spot import SpotSeries

CHAIN_TYPES: Final = {
    "ts": "datetime64[ms, UTC]",
    "symbol": "string",
    "expiration": "datetime64[s]",
    "strike": "float64",
    "type": "category",
    "bid": "float64",
    "ask": "float64",
    "mid": "float64",
    "bid_size": "Int64",
    "ask_size": "Int64",
    "last": "float64",
    "volume": "Int64",
    "open_interest": "Int64",
    "iv": "float64",
    "delta": "float64",
    "gamma": "float64",
    "theta": "float64",
    "vega": "float64",
    "age_ms": "Int64",
}
"""Column → type, the same whatever the chain holds: a column without a value has its type, too."""

SPOT_TYPES: Final = {"spot": "float64", "seq": "Int64"}
_SIDES: Final = ("call", "put")


def chain_frame(chain: "Chain") -> "pd.DataFrame":
    """One row a contract, indexed by ticker, in the chain's order."""
    pandas = _pandas("Chain.to_pandas")
    index = pandas.Index([one.ticker for one in chain.contracts], dtype="string", name="ticker")
    rows = [_row(contract, chain.now_ms) for contract in chain.contracts]
    frame = pandas.DataFrame(
        {name: _column(pandas, [row[name] for row in rows], kind) for name, kind in CHAIN_TYPES.items()}
    )
    return frame.set_index(index)


def spot_frame(series: "SpotSeries") -> "pd.DataFrame":
    """One row a tick, indexed by its slot's time."""
    pandas = _pandas("SpotSeries.to_pandas")
    index = pandas.DatetimeIndex(
        _column(pandas, [tick.ts for tick in series.ticks], "datetime64[ms, UTC]"), name="ts"
    )
    columns = {
        name: _column(pandas, [getattr(tick, name) for tick in series.ticks], kind)
        for name, kind in SPOT_TYPES.items()
    }
    return pandas.DataFrame(columns).set_index(index)


def _row(contract: Contract, now_ms: int) -> dict[str, Any]:
    quote, trade, day, greeks = contract.quote, contract.trade, contract.day, contract.greeks
    return {
        "ts": contract.ts,
        "symbol": contract.symbol,
        "expiration": contract.expiration.isoformat(),
        "strike": contract.strike,
        "type": contract.type,
        **{name: getattr(quote, name, None) for name in ("bid", "ask", "mid", "bid_size", "ask_size")},
        "last": None if trade is None else trade.price,
        "volume": None if day is None else day.volume,
        "open_interest": contract.open_interest,
        **{name: getattr(greeks, name, None) for name in ("iv", "delta", "gamma", "theta", "vega")},
        # Of the quote: greeks are computed anew while a quote stands still.
        "age_ms": None if quote is None else max(0, now_ms - quote.ts),
    }


def _column(pandas: Any, values: list[Any], kind: str) -> Any:
    if kind == "category":
        return pandas.Series(pandas.Categorical(values, categories=_SIDES))
    if kind == "Int64":  # counts come as 120 and as 120.0
        return pandas.Series([None if value is None else round(value) for value in values], dtype=kind)
    if kind == "datetime64[ms, UTC]":
        moments = pandas.Series(values, dtype="int64").astype("datetime64[ms]")
        return moments.dt.tz_localize("UTC")
    return pandas.Series(values, dtype=kind)


def _pandas(what: str) -> Any:
    try:
        import pandas as pd  # noqa: PLC0415  heavy, and optional
    except ImportError as error:
        raise ExtraMissing(what, "pandas", "frames") from error
    return pd
