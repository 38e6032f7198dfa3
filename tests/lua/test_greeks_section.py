"""Greeks through the scripts: figures, reasons, and the way from one to the other, on every kind of server."""

import json

import pytest

from marketswarm.chain.greeks_text import absent_patch, absent_section, valued_patch, valued_section
from marketswarm.model.contract import ABSENCES, Contract, Greeks
from tests.lua.conftest import FEED
from tests.support.builders import contract, ladder, ticker

CALL = ticker(6800)
FIGURES = [0.16120001, 0.17468, 1.5204e-05, -5.99, 0.386]
PROVIDER = Greeks(iv=0.1612, delta=0.1747, source="provider", ts=1000)


@pytest.fixture
def greeks(stored):
    """The stored section as text of a model: what a reader gets."""
    return lambda name=CALL: Contract.model_validate_json(stored(name)).greeks


@pytest.mark.parametrize(
    "before", [None, PROVIDER, valued_section([0.2, 0.5, 0.01, -1, 0.3], 900), absent_section("no-bid", 900)]
)
def test_figures_take_the_place_of_whatever_stood_there(put, apply, stored, greeks, before):
    """A whole section with figures, a small one among them, is stored as a load would write it."""
    put(contract(greeks=before))
    patch = valued_patch(FIGURES, 2000, was_absent=before is None or before.absent is not None)

    assert apply((CALL, "greeks", 2000, patch))[:5] == [41, 1, 0, 0, 0]

    assert greeks() == valued_section(FIGURES, 2000)
    assert stored(CALL) == Contract.model_validate_json(stored(CALL)).canonical_json()


@pytest.mark.parametrize("reason", ABSENCES)
@pytest.mark.parametrize("before", [None, PROVIDER, valued_section([0.2, 0.5, 0.01, -1, 0.3], 900)])
def test_a_reason_takes_the_place_of_all_figures(put, apply, stored, greeks, before, reason):
    """Every reason is a word that the scripts take; no figure of any source stays beside it."""
    put(contract(greeks=before))

    assert apply((CALL, "greeks", 2000, absent_patch(reason, 2000)))[:5] == [41, 1, 0, 0, 0]

    assert greeks() == absent_section(reason, 2000)
    assert stored(CALL) == Contract.model_validate_json(stored(CALL)).canonical_json()


def test_quote_and_greeks_of_one_batch_are_one_version(put, apply, stored, entries):
    """What a flush writes of a contract is one change of it, and one entry that holds both sections."""
    put(contract(greeks=valued_section([0.2, 0.5, 0.01, -1, 0.3], 900)))
    quote = '"bid":1.7,"ask":1.75,"mid":1.725,"bid_size":10,"ask_size":20,"ts":2000'

    apply(
        (CALL, "quote", "2000 5", quote),
        (CALL, "greeks", 2000, valued_patch(FIGURES, 2000, was_absent=False)),
    )

    row = json.loads(stored(CALL))
    assert (row["v"], row["quote"]["bid"], row["greeks"]["iv"]) == (2, 1.7, 0.16120001)
    ((_, told),) = [(entry["seq"], entry["updates"][CALL]) for entry in entries(FEED)]
    assert told["greeks"] == {"iv": 0.16120001, "delta": 0.17468, "gamma": 1.5204e-05, "theta": -5.99,
                              "vega": 0.386, "ts": 2000}  # fmt: skip


def test_greeks_at_the_same_time_are_replaced(put, apply, greeks):
    """Time alone moves greeks on, and spot does: at the time of the same quote the later figures stand."""
    put(contract(greeks=valued_section([0.2, 0.5, 0.01, -1, 0.3], 1000)))

    assert apply((CALL, "greeks", 1000, valued_patch(FIGURES, 1000, was_absent=False)))[1] == 1

    assert greeks() == valued_section(FIGURES, 1000)


def test_a_load_brings_reasons_and_figures(commit, stored):
    """Rows with reasons and rows with figures are staged, committed, and replaced by a newer load in full."""
    rows = [
        row.model_copy(
            update={"greeks": absent_section("wide", 900) if n % 2 else valued_section(FIGURES, 900)}
        )
        for n, row in enumerate(ladder())
    ]
    commit(rows)
    swapped = [
        row.model_copy(
            update={"greeks": valued_section(FIGURES, 950) if n % 2 else absent_section("no-quote", 950)}
        )
        for n, row in enumerate(rows)
    ]

    commit(swapped, reason="manual")

    found = [Contract.model_validate_json(stored(row.ticker)).greeks for row in rows]
    assert found == [row.greeks for row in swapped]
