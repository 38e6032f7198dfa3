"""Rows of a load with greeks of our own."""

import pytest

from marketswarm.chain.valued_rows import has_local_greeks, with_local_greeks
from marketswarm.model.contract import Greeks
from tests.support.priced_chain import CLOSE_MS, PricedChain

CHAIN = PricedChain()
PROVIDER = Greeks(iv=0.1, delta=0.4, source="provider", ts=CHAIN.now_ms)


def load(contracts, **more):
    """The rows as they are staged."""
    return with_local_greeks(
        contracts, spot=6_800.0, now_ms=CHAIN.now_ms, settles_ms=lambda _root: CLOSE_MS, **more
    )


def without_quotes(contracts):
    """The same rows, as a plan without quotes gives them."""
    return [one.model_copy(update={"quote": None}) for one in contracts]


def test_a_chain_with_quotes_has_local_greeks_and_no_others():
    """Whatever the provider says is replaced, contract by contract."""
    rows = load(CHAIN.contracts(greeks=PROVIDER))
    assert {one.greeks.source for one in rows} == {"local"}
    assert {one.greeks.absent for one in rows} == {None}
    assert [one.greeks.iv for one in rows] == pytest.approx([0.25] * len(rows))
    assert has_local_greeks(rows)


def test_what_cannot_be_valued_has_a_reason_and_no_figures():
    """A far call without a bid, and its put, are local and absent; the provider's figures do not stay."""
    contracts = CHAIN.contracts(greeks=PROVIDER)
    quote = contracts[-2].quote.model_copy(update={"bid": 0})
    contracts[-2] = contracts[-2].model_copy(update={"quote": quote})
    rows = load(contracts)
    assert [one.greeks for one in rows[-2:]] == [
        Greeks(source="local", absent="no-bid", ts=CHAIN.now_ms) for _ in range(2)
    ]


def test_a_chain_of_which_nothing_can_be_valued_keeps_what_the_provider_says():
    """A plan without quotes: rows go through as they came."""
    rows = without_quotes(CHAIN.contracts(greeks=PROVIDER))
    assert load(rows) == rows
    assert not has_local_greeks(rows)


def test_a_chain_that_is_local_stays_so():
    """When quotes vanish from a chain with local greeks, reasons take their place, and no provider's figures."""
    rows = load(without_quotes(CHAIN.contracts(greeks=PROVIDER)), stay_local=True)
    assert {(one.greeks.source, one.greeks.absent) for one in rows} == {("local", "no-quote")}


def test_a_contract_is_as_new_as_its_newest_part():
    """Greeks take the time of the newest quote that they come from, and the contract is never older than they are."""
    contracts = CHAIN.contracts()
    newest = max(contracts, key=lambda one: -abs(one.strike - CHAIN.forward))
    at = contracts.index(newest)
    quote = newest.quote.model_copy(update={"ts": CHAIN.now_ms - 40})
    contracts = [
        one.model_copy(update={"quote": one.quote.model_copy(update={"ts": CHAIN.now_ms - 500})})
        for one in contracts
    ]
    contracts = [one.model_copy(update={"ts": CHAIN.now_ms - 500}) for one in contracts]
    contracts[at] = contracts[at].model_copy(update={"quote": quote})
    rows = load(contracts)
    assert {one.greeks.ts for one in rows} == {CHAIN.now_ms - 40}
    assert {one.ts for one in rows} == {CHAIN.now_ms - 40}


def test_no_rows_no_greeks():
    """Nothing in, nothing out."""
    assert load([]) == []
