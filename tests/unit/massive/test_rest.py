"""The provider's snapshots over REST."""

import logging
from datetime import date

import pytest

from marketswarm import errors
from marketswarm.massive.rest import MassiveRest
from marketswarm.model.chain import ChainId
from tests.support.scripted_vendor import Answer, rows_answer
from tests.unit.massive.builders import EXPIRATION, TODAY, chain_row

CONTRACTS = "/v3/reference/options/contracts"
SPX_CHAIN = "/v3/snapshot/options/I:SPX"
SPX = ChainId("SPX", EXPIRATION)


def listed(day: str) -> dict:
    """A reference row that expires on that day."""
    return {"ticker": "O:SPXW", "expiration_date": day, "strike_price": 1, "shares_per_contract": 100}


def test_a_chain_of_several_pages(vendor, rest):
    """All pages make one chain: repeated rows once with the newest quote, adjusted ones counted."""
    chain = ChainId(vendor.chain.symbol, vendor.chain.expiration)

    rows = rest.chain_rows(chain, 0, 1000)

    assert set(rows.contracts) == set(vendor.chain.tickers())
    assert (rows.rejected, rows.pages, rows.underlying_price) == ({"adjusted": 1}, 3, vendor.chain.spot)
    assert min(contract.quote.bid for contract in rows.contracts.values()) > 0.01
    assert rows.contracts[vendor.chain.ticker(vendor.chain.deep_strike)].greeks is None


def test_the_window_is_asked_for(vendor, rest):
    """The chain is asked for by expiration and strikes, in full pages, an index under its prefix."""
    vendor.answer(SPX_CHAIN, rows_answer(chain_row()))

    rest.chain_rows(SPX, 6795, 6802.5)

    assert vendor.asked[0].query == {
        "expiration_date": "2026-11-23",
        "strike_price.gte": "6795",
        "strike_price.lte": "6802.5",
        "limit": "250",
        "sort": "strike_price",
        "order": "asc",
    }


def test_a_failed_later_page_fails_the_chain(vendor, rest):
    """When a later page fails for good, the call raises: never a part of a chain."""
    vendor.answer(SPX_CHAIN, rows_answer(chain_row(), next_url=f"https://x{SPX_CHAIN}?cursor=a"))
    vendor.answer(SPX_CHAIN, Answer(500), forever=True)

    with pytest.raises(errors.ProviderUnavailable):
        rest.chain_rows(SPX, 0, 9999)


@pytest.mark.parametrize("status", ["OK", "DELAYED"])
def test_delayed_rows_say_so(vendor, rest, status):
    """A delayed plan's chain is accepted and marked."""
    vendor.answer(SPX_CHAIN, rows_answer(chain_row(), status=status))

    assert rest.chain_rows(SPX, 0, 9999).delayed is (status == "DELAYED")


def test_today_comes_from_the_clock(vendor, rest, clock):
    """Whether AM-settled contracts still trade is decided by New York's date on the clock."""
    row = chain_row("O:SPX261218C06800000")
    vendor.answer(SPX_CHAIN, rows_answer(row), forever=True)
    chain = ChainId("SPX", date(2026, 12, 18))

    assert len(rest.chain_rows(chain, 0, 9999).contracts) == 1
    clock.advance(25 * 86_400)
    assert rest.chain_rows(chain, 0, 9999).rejected == {"settled": 1}


def test_an_unknown_underlying_is_an_empty_chain(vendor, rest):
    """A chain without rows is empty, and no error: what to make of it is the loader's decision."""
    vendor.answer(SPX_CHAIN, rows_answer())

    assert rest.chain_rows(SPX, 0, 9999).contracts == {}


def test_listing(vendor, rest):
    """The listing asks for both rights under the plain symbol, and counts what is not standard."""
    chain = vendor.chain

    found = rest.listing(ChainId(chain.symbol, chain.expiration))

    assert found.strikes == tuple(map(float, (chain.deep_strike, *chain.strikes)))
    assert (found.contracts, found.nonstandard) == (len(chain.tickers()), 1)
    assert vendor.asked[0].query == {
        "underlying_ticker": "SPY",
        "expiration_date": str(chain.expiration),
        "limit": "1000",
        "sort": "strike_price",
        "order": "asc",
    }


def test_the_reference_names_indices_without_prefix(vendor, rest):
    """Only the reference endpoint takes an index without `I:`."""
    vendor.answer(CONTRACTS, rows_answer(), forever=True)

    rest.listing(SPX)
    rest.expirations("SPX", TODAY, 1)

    assert {asked.query["underlying_ticker"] for asked in vendor.asked} == {"SPX"}


def test_expirations_one_after_the_other(vendor, rest):
    """Each expiration is the first one listed behind the last, until there are enough."""
    vendor.answer(
        CONTRACTS, *(rows_answer(listed(day)) for day in ("2026-11-20", "2026-11-23", "2026-11-24"))
    )

    found = rest.expirations("SPX", TODAY, 2)

    assert found == [date(2026, 11, 20), date(2026, 11, 23)]
    bounds = [{k: v for k, v in asked.query.items() if "date." in k} for asked in vendor.asked]
    assert bounds == [{"expiration_date.gte": "2026-11-20"}, {"expiration_date.gt": "2026-11-20"}]
    assert vendor.asked[0].query["limit"] == "1"


def test_fewer_expirations_than_asked_for(vendor, rest):
    """When nothing more is listed, there are fewer."""
    vendor.answer(CONTRACTS, rows_answer(listed("2026-11-23")), rows_answer())

    assert rest.expirations("SPX", TODAY, 5) == [date(2026, 11, 23)]


def test_an_empty_page_before_the_first_expiration(vendor, rest):
    """An empty page with a next one behind it does not mean that nothing is listed."""
    vendor.answer(
        CONTRACTS, rows_answer(next_url=f"https://x{CONTRACTS}?cursor=a"), rows_answer(listed("2026-11-23"))
    )

    assert rest.expirations("SPX", TODAY, 1) == [date(2026, 11, 23)]


@pytest.mark.parametrize(
    "days", [["2026-11-19"], ["2026-11-23", "2026-11-23"], ["soon"]], ids=["past", "twice", "no date"]
)
def test_an_answer_to_another_question(vendor, rest, days):
    """An expiration that does not fit the question is an error, not a loop."""
    vendor.answer(CONTRACTS, *(rows_answer(listed(day)) for day in days))

    with pytest.raises(errors.WireError):
        rest.expirations("SPX", TODAY, 2)


def test_spots_of_all_symbols_in_one_call(vendor, rest):
    """Spot of all symbols is one call where the plan allows it."""
    rows = [{"ticker": "I:SPX", "value": 6795.5}, {"ticker": "SPY", "last_trade": {"price": 680}}]
    vendor.answer("/v3/snapshot", rows_answer(*rows))

    found = rest.spots(["SPX", "SPY"]).found

    assert {symbol: reading.spot for symbol, reading in found.items()} == {"SPX": 6795.5, "SPY": 680.0}
    assert len(vendor.asked) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 200])
def test_the_key_is_in_no_error_and_no_log(vendor, clock, caplog, status):
    """Neither errors nor logs hold the key, not even when the vendor repeats it."""
    key = "very-secret-key-0123456789"
    caplog.set_level(logging.DEBUG)
    vendor.answer(SPX_CHAIN, Answer(status, f"your key {key} is wrong"), forever=True)
    client = MassiveRest(vendor.rest_url, key, indices=frozenset({"SPX"}), clock=clock, random=lambda: 0.0)

    with pytest.raises(errors.ProviderError) as caught:
        client.chain_rows(SPX, 0, 1)

    assert key not in f"{caught.value!s} {caught.value!r} {caught.value.args} {client!r} {caplog.text}"
