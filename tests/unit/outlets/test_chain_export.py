"""A chain for other programs: the stored bytes in JSON, fixed columns in CSV."""

import csv
import io
import json

from marketswarm.model.chain import ChainMeta, StoredChain
from marketswarm.model.contract import Greeks
from marketswarm.outlets.chain_export import CSV_COLUMNS, chain_csv, chain_json, sorted_contracts
from tests.support.builders import SPX, contract

META = ChainMeta(SPX, 7, 9, "live", 6801.5, 6800, 6780, 6820, 2, 1, 2, "sim")
RICH = contract(greeks=Greeks(iv=0.1612, gamma=1.5e-05, source="local", ts=1))


def test_json_keeps_every_byte() -> None:
    """Each contract stands in the document as it is stored, behind the chain's cursor."""
    text = chain_json(META, [RICH], state="stale", spot=6800.12)
    assert RICH.canonical_json() in text
    document = json.loads(text)
    assert list(document) == ["symbol", "expiration", "epoch", "seq", "state", "spot", "contracts"]
    assert [document[name] for name in ("epoch", "seq", "state", "spot")] == [7, 9, "stale", 6800.12]
    assert json.loads(chain_json(META, [], state="live", spot=1))["contracts"] == []


def test_csv_has_fixed_columns() -> None:
    """The columns are the same for every chain; what is unknown is empty, numbers are as stored."""
    [row] = csv.DictReader(io.StringIO(chain_csv([RICH])))
    assert tuple(row) == CSV_COLUMNS
    assert {"ticker", "strike", "quote_bid", "trade_price", "day_vwap", "greeks_source"} < row.keys()
    assert [row[name] for name in ("strike", "quote_bid", "greeks_gamma", "trade_price")] == [
        "6800",
        "1.6",
        "0.000015",
        "",
    ]


def test_every_stored_member_has_its_column() -> None:
    """Nothing that a contract may hold is missing in CSV."""
    plain = {name for name in type(RICH).model_fields if name not in ("quote", "trade", "day", "greeks")}
    assert plain < set(CSV_COLUMNS)
    for section in ("quote", "trade", "day", "greeks"):
        kind = type(RICH).model_fields[section].annotation.__args__[0]
        assert {f"{section}_{member}" for member in kind.model_fields} < set(CSV_COLUMNS)


def test_order() -> None:
    """By strike, calls before puts."""
    rows = [contract(6805), contract(6800, "put"), contract(6800)]
    ordered = sorted_contracts(StoredChain(META, {one.ticker: one for one in rows}))
    assert [(one.strike, one.type) for one in ordered] == [(6800, "call"), (6800, "put"), (6805, "call")]
