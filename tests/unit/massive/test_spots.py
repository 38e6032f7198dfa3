"""Where spot comes from, source after source."""

import pytest

from marketswarm import errors
from tests.support.scripted_vendor import Answer, rows_answer
from tests.unit.massive.builders import QUOTE_MS, QUOTE_NS, chain_row

UNIFIED = "/v3/snapshot"
INDICES = "/v3/snapshot/indices"
STOCKS = "/v2/snapshot/locale/us/markets/stocks/tickers"
CHAIN = "/v3/snapshot/options/I:SPX"
PREVIOUS = "/v2/aggs/ticker/I:SPX/prev"
CONTRACTS = "/v3/reference/options/contracts"
NOT_IN_PLAN = Answer(403, {"status": "NOT_AUTHORIZED", "message": "You are not entitled to this data."})
REFUSED_IN_A_200 = Answer(200, {"status": "NOT_AUTHORIZED", "message": "You are not entitled to this data."})


@pytest.fixture
def bare(vendor):
    """A vendor whose plan includes nothing; each test opens what it needs."""
    for path in (UNIFIED, INDICES, STOCKS, CHAIN, PREVIOUS, CONTRACTS):
        vendor.answer(path, NOT_IN_PLAN, forever=True)
    return vendor


def quoted(ticker: str, bid: float, ask: float) -> dict:
    """A chain row with that quote and without spot."""
    return chain_row(
        ticker, last_quote={"bid": bid, "ask": ask, "last_updated": QUOTE_NS}, underlying_asset=None
    )


def paths(vendor) -> list[str]:
    """What was asked, in order."""
    return [asked.path for asked in vendor.asked]


def test_nothing_asked_for(vendor, rest):
    """No symbols, no call."""
    assert rest.spots([]).found == {}
    assert vendor.asked == []


def test_a_row_may_be_an_error(bare, rest):
    """A row that says why a ticker has no price leads on to the next source, for that ticker alone."""
    refusal = {"ticker": "I:SPX", "error": "NOT_ENTITLED", "message": "Not entitled to this ticker."}
    bare.answer(UNIFIED, rows_answer({"ticker": "SPY", "last_trade": {"price": 680}}, refusal), forever=True)
    bare.answer(
        INDICES, rows_answer({"ticker": "I:SPX", "value": 6795.5, "last_updated": QUOTE_NS}), forever=True
    )

    found = rest.spots(["SPY", "SPX"]).found

    assert {symbol: reading.method for symbol, reading in found.items()} == {
        "SPY": "unified",
        "SPX": "indices",
    }
    assert paths(bare) == [UNIFIED, INDICES]
    assert bare.asked[1].query["ticker.any_of"] == "I:SPX"


@pytest.mark.parametrize("refusal", [NOT_IN_PLAN, REFUSED_IN_A_200, Answer(200, "<html>")])
def test_a_refused_first_call_leads_on(bare, rest, refusal):
    """Indices and stocks are then asked for apart, each with one call for all of them."""
    bare.answer(UNIFIED, refusal, forever=True)
    bare.answer(
        INDICES, rows_answer({"ticker": "I:SPX", "value": 1}, {"ticker": "I:NDX", "value": 2}), forever=True
    )
    stocks = [{"ticker": "SPY", "lastTrade": {"p": 3}}, {"ticker": "QQQ", "lastTrade": {"p": 4}}]
    bare.answer(STOCKS, Answer(200, {"status": "OK", "count": 2, "tickers": stocks}), forever=True)

    found = rest.spots(["SPX", "SPY", "QQQ", "NDX"]).found

    assert {symbol: reading.spot for symbol, reading in found.items()} == {
        "SPX": 1,
        "NDX": 2,
        "SPY": 3,
        "QQQ": 4,
    }
    assert {reading.method for reading in found.values()} == {"indices", "stocks"}
    assert paths(bare) == [UNIFIED, INDICES, STOCKS]


def test_spot_of_a_chain_row(bare, rest):
    """A chain row's underlying is next."""
    bare.answer(CHAIN, rows_answer(chain_row()), forever=True)

    reading = rest.spots(["SPX"]).found["SPX"]

    assert (reading.spot, reading.method, reading.as_of) == (6795.5, "chain", QUOTE_MS)


def test_the_previous_close_is_stale(bare, rest):
    """Last, the close of the session before, marked as stale."""
    bare.answer(CHAIN, rows_answer(quoted("O:SPXW261123C06800000", 1, 2)), forever=True)
    bare.answer(PREVIOUS, rows_answer({"T": "I:SPX", "c": 6790.25, "t": QUOTE_MS}), forever=True)

    reading = rest.spots(["SPX"]).found["SPX"]

    assert (reading.spot, reading.method, reading.stale) == (6790.25, "previous", True)


def test_parity_goes_before_an_earlier_session(bare, rest):
    """Then put-call parity over the quotes of the next expiration; the next look asks for strikes around it only."""
    pair = [quoted("O:SPXW261123C06795000", 8, 9), quoted("O:SPXW261123P06795000", 7.5, 8.5)]
    bare.answer(CHAIN, rows_answer(*pair), forever=True)
    bare.answer(
        CONTRACTS,
        rows_answer({"ticker": "x", "expiration_date": "2026-11-23", "strike_price": 1}),
        forever=True,
    )

    reading = rest.spots(["SPX"]).found["SPX"]

    assert (reading.spot, reading.method) == (6795.5, "parity")
    assert paths(bare) == [UNIFIED, INDICES, CHAIN, CONTRACTS, CHAIN]
    assert "strike_price.gte" not in bare.asked[-1].query

    assert rest.spots(["SPX"]).found["SPX"].method == "parity"
    asked = bare.asked[-1].query
    assert (asked["strike_price.gte"], asked["strike_price.lte"]) == ("6659.59", "6931.41")


def test_parity_looks_everywhere_when_spot_is_gone_from_where_it_was(bare, rest):
    """Nothing around the last one: all strikes are asked for again."""
    pair = [quoted("O:SPXW261123C06795000", 8, 9), quoted("O:SPXW261123P06795000", 7.5, 8.5)]
    bare.answer(
        CONTRACTS,
        rows_answer({"ticker": "x", "expiration_date": "2026-11-23", "strike_price": 1}),
        forever=True,
    )
    without_spot = rows_answer(pair[0])
    bare.answer(CHAIN, without_spot, rows_answer(*pair), without_spot, rows_answer(), rows_answer(*pair))

    assert [rest.spots(["SPX"]).found["SPX"].spot for _ in range(2)] == [6795.5, 6795.5]
    assert "strike_price.gte" not in bare.asked[-1].query


def test_no_source_at_all(bare, rest):
    """A symbol that no source gives is in `failed`, with what each of them said; the others are found all the same."""
    bare.answer(
        STOCKS,
        Answer(200, {"status": "OK", "tickers": [{"ticker": "SPY", "lastTrade": {"p": 3}}]}),
        forever=True,
    )

    readings = rest.spots(["SPX", "SPY"])

    assert set(readings.found) == {"SPY"}
    assert all(
        method in readings.failed["SPX"] for method in ("unified", "indices", "chain", "previous", "parity")
    )
    assert "not entitled" in readings.failed["SPX"]


def test_an_outage_behind_the_first_call_costs_only_its_symbols(bare, rest):
    """A fallback that cannot be reached does not take away what was found."""
    bare.answer(UNIFIED, rows_answer({"ticker": "SPY", "last_trade": {"price": 680}}), forever=True)
    bare.answer(INDICES, Answer(503), forever=True)
    bare.answer(CHAIN, rows_answer(chain_row()), forever=True)

    assert set(rest.spots(["SPY", "SPX"]).found) == {"SPY", "SPX"}


def test_an_outage_leaves_it_unsure(bare, rest):
    """A symbol that was not found while a source could not be reached may be found by the next look."""
    bare.answer(INDICES, Answer(503), forever=True)

    readings = rest.spots(["SPX", "XYZ"])

    assert set(readings.failed) == {"SPX", "XYZ"}
    assert readings.unsure == {"SPX"}


def test_a_refused_key_ends_the_search(bare, rest):
    """No other source would take a key that is refused."""
    bare.answer(UNIFIED, Answer(401, {"error": "Unknown API Key"}), forever=True)

    with pytest.raises(errors.KeyRefused):
        rest.spots(["SPX"])

    assert paths(bare) == [UNIFIED]


def test_a_provider_that_cannot_be_reached(bare, rest):
    """When the first call cannot reach the provider, that is the answer, after one more try."""
    bare.answer(UNIFIED, Answer(503), forever=True)

    with pytest.raises(errors.ProviderUnavailable):
        rest.spots(["SPX"])

    assert paths(bare) == [UNIFIED, UNIFIED]


@pytest.mark.parametrize("status", ["OK", "DELAYED"])
def test_delay_is_passed_on(bare, rest, status):
    """A delayed answer's readings are marked."""
    bare.answer(UNIFIED, rows_answer({"ticker": "I:SPX", "value": 1}, status=status), forever=True)

    assert rest.spots(["SPX"]).found["SPX"].delayed is (status == "DELAYED")


def test_rows_of_others_and_broken_rows_are_passed_over(bare, rest):
    """Rows that nobody asked for, or in no documented shape, change nothing."""
    rows = [
        7,
        {"ticker": "I:VIX", "value": 20},
        {"ticker": "I:SPX", "value": "x"},
        {"ticker": "I:SPX", "value": 2},
    ]
    bare.answer(UNIFIED, rows_answer(*rows), forever=True)

    assert [reading.spot for reading in rest.spots(["SPX"]).found.values()] == [2]
