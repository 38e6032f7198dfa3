"""A stored chain for other programs: one JSON document, or one CSV row a contract. Pure."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from marketswarm.model.chain import ChainMeta, StoredChain
from marketswarm.model.contract import Contract, number_text
from marketswarm.outlets.ladder import value_at

_OWN: Final = "ticker symbol root expiration strike type style multiplier open_interest v ts"
_SECTIONS: Final = {
    "quote": "bid ask mid bid_size ask_size ts",
    "trade": "price size exchange ts",
    "day": "open high low close volume vwap previous_close change change_percent ts",
    "greeks": "iv delta gamma theta vega source absent ts",
}
_PATHS: Final = (
    *_OWN.split(),
    *(f"{name}.{member}" for name, members in _SECTIONS.items() for member in members.split()),
)
CSV_COLUMNS: Final = tuple(path.replace(".", "_") for path in _PATHS)


def sorted_contracts(stored: StoredChain) -> list[Contract]:
    """By strike, then root, calls before puts."""
    return sorted(stored.contracts.values(), key=lambda one: (one.strike, one.root, one.type))


def chain_json(
    meta: ChainMeta,
    contracts: Sequence[Contract],
    *,
    state: str,
    spot: float,
    told: Mapping[str, Any] | None = None,
) -> str:
    """A chain with its cursor as one JSON document; each contract keeps the bytes in which it is stored.

    Args:
        meta: of the chain.
        contracts: all of it, or a part.
        state: as it may be shown.
        spot: the last known.
        told: how the data comes, put beside.
    """
    head: dict[str, Any] = {
        "symbol": meta.chain.symbol,
        "expiration": meta.chain.expiration.isoformat(),
        "epoch": meta.epoch,
        "seq": meta.seq,
        "state": state,
        "spot": spot,
    } | dict(told or {})
    rows = ", ".join(contract.canonical_json() for contract in contracts)
    return json.dumps(head)[:-1] + f', "contracts": [{rows}]}}'


def chain_csv(contracts: Sequence[Contract]) -> str:
    """A header and one row a contract; unknown values are empty."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(CSV_COLUMNS)
    for contract in contracts:
        values = contract.model_dump(mode="json", exclude_none=True)
        rows.writerow([_cell(value_at(values, path)) for path in _PATHS])
    return text.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return number_text(value) if isinstance(value, (int, float)) else str(value)
