"""Data frames: columns and types are the same whatever a chain holds."""

import json
import sys

import pandas as pd
import pytest

from marketswarm.client.chain import Chain
from marketswarm.client.frames import CHAIN_TYPES
from marketswarm.client.spot import SpotSeries
from marketswarm.errors import ExtraMissing
from marketswarm.model.contract import Day, Greeks, Trade
from tests.support.builders import contract, ticker
from tests.support.gateway_documents import CURSOR, chain_document
from tests.support.vigil_documents import TS

COLUMNS = (
    "ts symbol expiration strike type bid ask mid bid_size ask_size last volume open_interest "
    "iv delta gamma theta vega age_ms"
)


def frame_of(*contracts, **more):
    """The frame of a chain of those."""
    rows = {one.ticker: json.loads(one.canonical_json()) for one in contracts}
    return Chain.of(chain_document(contracts=rows, **more)).to_pandas()


WHOLE = contract(
    6800,
    ts=TS - 250,
    trade=Trade(price=1.65, ts=1),
    day=Day(volume=1204.0),
    greeks=Greeks(iv=0.16, delta=0.17, gamma=0.015, theta=-5.99, vega=0.386, source="local", ts=1),
)
BARE = contract(6795, "put", quote=None, open_interest=None)


def test_columns_are_fixed():
    """Their names and order; one row a contract, by strike and then type, indexed by ticker."""
    frame = frame_of(WHOLE, BARE, contract(6800, "put"))
    assert " ".join(frame.columns) == COLUMNS
    assert list(frame["strike"]) == [6795, 6800, 6800]
    assert list(frame["type"]) == ["put", "call", "put"]
    assert list(frame.index) == [ticker(6795, "put"), ticker(), ticker(6800, "put")]


@pytest.mark.parametrize("contracts", [(), (BARE,), (WHOLE,), (WHOLE, BARE)], ids=len)
def test_types_are_fixed(contracts):
    """Also of a chain that is empty, or in which nobody knows a value."""
    types = frame_of(*contracts).dtypes
    assert {name: str(kind) for name, kind in types.items()} == CHAIN_TYPES


def test_values_are_the_contracts():
    """Every figure in its column; the age is the quote's, by the gateway's clock."""
    row = frame_of(WHOLE).loc[ticker()]
    assert row["ts"] == pd.Timestamp(TS - 250, unit="ms", tz="UTC")
    assert (row["bid"], row["ask"], row["mid"], row["bid_size"], row["ask_size"]) == (
        1.6,
        1.65,
        1.625,
        10,
        20,
    )
    assert (row["last"], row["volume"], row["open_interest"]) == (1.65, 1204, 4501)
    assert (row["iv"], row["delta"], row["gamma"], row["theta"], row["vega"]) == (
        0.16,
        0.17,
        0.015,
        -5.99,
        0.386,
    )
    assert (row["age_ms"], row["symbol"], row["expiration"]) == (250, "SPX", pd.Timestamp("2026-11-23"))


def test_what_is_unknown_is_missing():
    """NaN or NA, never 0; a bid of 0 is one."""
    row = frame_of(BARE).iloc[0]
    known = ["ts", "symbol", "expiration", "strike", "type"]
    assert row.drop(known).isna().all()
    assert frame_of(contract(bid=0)).iloc[0]["bid"] == 0


def test_numbers_can_be_counted_with():
    """Sums and means pass over what is missing."""
    frame = frame_of(WHOLE, BARE)
    assert frame["open_interest"].sum() == 4501
    assert frame["iv"].mean() == 0.16


def test_an_age_is_never_negative():
    """A contract that changed behind the gateway's last heartbeat is new, not of the future."""
    assert frame_of(contract(ts=TS + 5)).iloc[0]["age_ms"] == 0


def test_a_series_is_a_frame():
    """Ticks by time; an empty one has its types, too."""
    ticks = [{"ts": TS, "spot": 6800.5, "seq": 1}]
    told = {"symbol": "SPX", "now_ms": TS, "cursor": CURSOR}
    frame = SpotSeries.of(told | {"ticks": ticks}).to_pandas()
    assert frame.loc[pd.Timestamp(TS, unit="ms", tz="UTC"), "spot"] == 6800.5
    empty = SpotSeries.of(told | {"ticks": []}).to_pandas()
    assert list(empty.dtypes) == list(frame.dtypes)
    assert empty.index.dtype == frame.index.dtype


def test_without_pandas_the_extra_is_named(monkeypatch):
    """What to install stands in the error."""
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(
        ExtraMissing, match=r"Chain.to_pandas needs pandas: pip install 'marketswarm\[frames\]'"
    ):
        frame_of(WHOLE)
