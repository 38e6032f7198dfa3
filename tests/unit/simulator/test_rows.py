"""REST answers as plain data: the shapes and gaps of the wire."""

import msgspec
import numpy as np
import pytest

from marketswarm.simulator.answers import Refused
from marketswarm.simulator.api import Call, RestApi
from tests.support.simulated_market import a_market, new_york_ms, rows_of, run_events

TODAY = "2026-11-23"


@pytest.fixture(scope="module")
def market():
    """SPX and SPY on a Monday morning."""
    return a_market("SPX", "SPY")


@pytest.fixture(scope="module")
def api(market):
    """Routes over it, nothing streamed."""
    return RestApi(market, lambda: np.zeros(len(market.book.tickers), bool))


def asked(api: RestApi, path: str, parts: dict[str, str] | None = None, **parameters: str):
    """The body of one route; `__` in a parameter stands for a dot."""
    call = Call(path, parts or {}, {k.replace("__", "."): v for k, v in parameters.items()}, "http://base")
    return msgspec.json.decode(api.routes()[path](call).body)


def chain(api: RestApi, underlying: str, **parameters: str):
    """The chain route."""
    return asked(api, "/v3/snapshot/options/{underlying}", {"underlying": underlying}, **parameters)


def holes(value) -> bool:
    """Whether any member anywhere is null."""
    if isinstance(value, dict):
        return any(holes(each) for each in value.values())
    return any(holes(each) for each in value) if isinstance(value, list) else value is None


def test_index_row(api):
    """An index contract has the documented members, `value` for its underlying and no break-even price."""
    body = chain(api, "I:SPX", expiration_date=TODAY, strike_price="6800", contract_type="call")
    (row,) = body["results"]
    assert list(body) == ["results", "status", "request_id"]
    assert row["details"] == {
        "contract_type": "call",
        "exercise_style": "european",
        "expiration_date": TODAY,
        "shares_per_contract": 100,
        "strike_price": 6800,
        "ticker": "O:SPXW261123C06800000",
    }
    assert set(row["last_quote"]) >= {
        "bid",
        "ask",
        "bid_size",
        "ask_size",
        "midpoint",
        "last_updated",
        "timeframe",
    }
    assert set(row["underlying_asset"]) == {"ticker", "value", "last_updated", "timeframe"}
    assert "break_even_price" not in row


def test_stock_row(api):
    """A fund's contract has `price` for its underlying and a break-even price beyond its strike."""
    (row,) = chain(api, "SPY", expiration_date=TODAY, strike_price="681", contract_type="put")["results"]
    assert row["details"]["exercise_style"] == "american"
    assert row["break_even_price"] == pytest.approx(681 - row["last_quote"]["midpoint"])
    assert row["underlying_asset"]["change_to_break_even"] == pytest.approx(
        row["break_even_price"] - row["underlying_asset"]["price"]
    )


def test_units_and_gaps(api, market):
    """Times are ns, a day starts at midnight in New York, deep contracts have no greeks, nothing is ever null."""
    rows = []
    for strike in range(5200, 8400, 200):
        rows += chain(api, "I:SPX", limit="250", strike_price=str(strike))["results"]
    assert not holes(rows)
    assert all(row["last_quote"]["last_updated"] > 1e18 for row in rows)
    days = {row["day"]["last_updated"] for row in rows if row["day"]}
    assert days == {new_york_ms("2026-11-23 00:00") * 1_000_000}
    spot = market.spots[0]
    deep = [
        r
        for r in rows
        if r["details"]["expiration_date"] == TODAY and abs(r["details"]["strike_price"] / spot - 1) > 0.2
    ]
    in_the_money = [
        r for r in deep if (r["details"]["strike_price"] < spot) == (r["details"]["contract_type"] == "call")
    ]
    assert in_the_money
    assert all(row["greeks"] == {} and "implied_volatility" not in row for row in in_the_money)
    assert any(row["day"] == {} and "last_trade" not in row for row in rows)


def test_most_contracts_near_the_money_are_solved(api):
    """Near the money greeks are there but for a share on the last day, with signs as they should be."""
    rows = chain(
        api, "I:SPX", limit="250", expiration_date=TODAY, strike_price__gte="6750", strike_price__lte="6900"
    )["results"]
    solved = [row for row in rows if row["greeks"]]
    assert 0.8 * len(rows) < len(solved) < len(rows)
    for row in solved:
        greeks, sign = row["greeks"], 1 if row["details"]["contract_type"] == "call" else -1
        assert 0 < sign * greeks["delta"] < 1
        assert greeks["gamma"] > 0 > greeks["theta"]
        assert greeks["vega"] > 0
        assert 0.05 < row["implied_volatility"] < 0.6


def test_listing(api):
    """The listing names indices without prefix, gives both roots of a monthly, and keeps the vendor's key order."""
    body = asked(
        api,
        "/v3/reference/options/contracts",
        underlying_ticker="SPX",
        expiration_date="2026-12-18",
        limit="1000",
    )
    roots = {row["ticker"][2:].rstrip("0123456789")[:-1].rstrip("0123456789") for row in body["results"]}
    assert roots == {"SPX", "SPXW"}
    assert list(body["results"][0]) == [
        "cfi",
        "contract_type",
        "exercise_style",
        "expiration_date",
        "primary_exchange",
        "shares_per_contract",
        "strike_price",
        "ticker",
        "underlying_ticker",
    ]
    assert asked(api, "/v3/reference/options/contracts", underlying_ticker="I:SPX")["results"] == []


def test_adjusted_contracts_are_listed(api):
    """The adjusted series shows its shares and what else is delivered."""
    body = asked(
        api, "/v3/reference/options/contracts", underlying_ticker="SPY", expiration_date=TODAY, limit="1000"
    )
    odd = [row for row in body["results"] if row["shares_per_contract"] != 100]
    assert odd
    assert all(row["ticker"].startswith("O:SPY1") and row["additional_underlyings"] for row in odd)


def test_expired_contracts_only_when_asked_for():
    """After the close, today's contracts are in the listing with `expired=true` only, and in no chain."""
    market = a_market("SPY", at="2026-11-23 15:59")
    api = RestApi(market, lambda: np.zeros(len(market.book.tickers), bool))
    market.advance(new_york_ms("2026-11-23 16:01"))
    listing = "/v3/reference/options/contracts"
    assert asked(api, listing, expiration_date=TODAY)["results"] == []
    assert asked(api, listing, expiration_date=TODAY, expired="true", as_of=TODAY)["results"]
    assert chain(api, "SPY", expiration_date=TODAY)["results"] == []


@pytest.mark.parametrize("sort", ["ticker", "strike_price", "expiration_date"])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_pages_are_the_whole_in_order(api, sort, order):
    """Pages through cursors give every row once, in the order of the sort column."""
    whole = chain(api, "I:SPX", strike_price="6800", limit="250", sort=sort, order=order)["results"]
    paged, parameters = [], {"strike_price": "6800", "limit": "7", "sort": sort, "order": order}
    while parameters:
        body = chain(api, "I:SPX", **parameters)
        paged += body["results"]
        following = body.get("next_url")
        assert following is None or following.startswith("http://base/v3/snapshot/options/")
        parameters = {"cursor": following.split("cursor=")[1]} if following else {}
    tickers = [row["details"]["ticker"] for row in paged]
    assert tickers == [row["details"]["ticker"] for row in whole]
    values = [row["details"][sort] for row in paged]
    assert values == sorted(values, reverse=order == "desc")
    assert len(set(tickers)) == len(tickers) > 30


def test_unknown_objects(api):
    """An unknown underlying has an empty chain; an unknown contract or stock is 404 in JSON."""
    assert chain(api, "I:ABC")["results"] == []
    assert chain(api, "SPX")["results"] == []
    for path, parts in (
        (
            "/v3/snapshot/options/{underlying}/{contract}",
            {"underlying": "I:SPX", "contract": "O:SPXW261123C00000001"},
        ),
        (
            "/v3/snapshot/options/{underlying}/{contract}",
            {"underlying": "SPY", "contract": "O:SPXW261123C06800000"},
        ),
        ("/v3/reference/options/contracts/{ticker}", {"ticker": "O:X"}),
        ("/v2/snapshot/locale/us/markets/stocks/tickers/{ticker}", {"ticker": "ABC"}),
        ("/v2/last/trade/{ticker}", {"ticker": "I:SPX"}),
    ):
        with pytest.raises(Refused) as caught:
            asked(api, path, parts)
        assert caught.value.answer.status == 404
        assert msgspec.json.decode(caught.value.answer.body)["status"] == "NOT_FOUND"


def test_unified_snapshot_mixes_classes(api):
    """One call gives a stock, an index, an option, and an error row for what does not exist."""
    wanted = "SPY,I:SPX,O:SPXW261123C06800000,QQQQ"
    rows = {row["ticker"]: row for row in asked(api, "/v3/snapshot", ticker__any_of=wanted)["results"]}
    assert {ticker: row.get("type") for ticker, row in rows.items()} == {
        "SPY": "stocks",
        "I:SPX": "indices",
        "O:SPXW261123C06800000": "options",
        "QQQQ": None,
    }
    assert rows["QQQQ"] == {"ticker": "QQQQ", "error": "NOT_FOUND", "message": "Ticker not found."}
    assert rows["I:SPX"]["value"] > 0
    assert rows["SPY"]["last_trade"]["price"] > 0
    assert not holes(list(rows.values()))


def test_ticker_lists_page_too(api):
    """Index and unified snapshots page by ticker with their filters inside the cursor."""
    first = asked(api, "/v3/snapshot", ticker__any_of="SPY,I:SPX,QQQQ", limit="2")
    second = asked(api, "/v3/snapshot", cursor=first["next_url"].split("cursor=")[1])
    assert [row["ticker"] for row in first["results"] + second["results"]] == ["I:SPX", "QQQQ", "SPY"]
    assert "next_url" not in second


def test_last_trade_of_an_option_is_its_last_print(api, market):
    """The last trade route and the chain row tell of the same print."""
    rows = rows_of(market, "SPXW", TODAY)
    run_events(market, rows, ticks=20)
    traded = rows[np.argmax(market.book.contracts["trade_ms"][rows])]
    ticker = market.book.tickers[traded]
    trade = asked(api, "/v2/last/trade/{ticker}", {"ticker": ticker})["results"]
    parts = {"underlying": "I:SPX", "contract": ticker}
    row = asked(api, "/v3/snapshot/options/{underlying}/{contract}", parts)["results"]
    assert (trade["p"], trade["s"], trade["t"]) == tuple(
        row["last_trade"][k] for k in ("price", "size", "sip_timestamp")
    )
