"""Quotes and trades that the simulator still knows."""

import msgspec
import numpy as np
import pytest

from marketswarm.simulator.answers import Refused
from marketswarm.simulator.routing import Call
from marketswarm.simulator.tick_api import TickApi
from tests.support.simulated_market import a_market, rows_of, run_events


@pytest.fixture(scope="module")
def market():
    """SPX with some minutes behind it."""
    made = a_market("SPX", "SPY")
    run_events(made, rows_of(made, "SPXW", "2026-11-23")[60:80], 400, events=8.0)
    return made


@pytest.fixture(scope="module")
def ticker(market) -> str:
    """The contract that traded most."""
    return market.book.tickers[int(np.argmax(np.bincount(all_trades(market)["of"])))]


def all_trades(market):
    """Every trade since the simulator began."""
    ring = market.ledger.options.trades
    return ring._records[: ring._added][ring._records[: ring._added]["sequence"] > 1_000_000]


def pages(market, kind: str, ticker: str, **parameters: str) -> list[list[dict]]:
    """All pages of one list; `__` in a parameter stands for a dot."""
    handler = TickApi(market).routes()[f"/v3/{kind}/{{ticker}}"].handler
    asked, found = {name.replace("__", "."): text for name, text in parameters.items()}, []
    while True:
        body = msgspec.json.decode(
            handler(Call(f"/v3/{kind}/{ticker}", {"ticker": ticker}, asked, "http://b")).body
        )
        found.append(body["results"])
        if "next_url" not in body:
            return found
        asked = {"cursor": body["next_url"].partition("cursor=")[2]}


@pytest.mark.parametrize("kind", ["quotes", "trades"])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_pages_are_whole(market, ticker, kind, order):
    """Small pages and one large one hold the same rows, each once, in order of time and sequence."""
    small = [row for page in pages(market, kind, ticker, limit="3", order=order) for row in page]
    (large,) = pages(market, kind, ticker, limit="50000", order=order)
    assert small == large
    keys = [(row["sip_timestamp"], row["sequence_number"]) for row in large]
    assert keys == sorted(set(keys), reverse=order == "desc")
    assert len(keys) > 3


def test_the_newest_come_first(market, ticker):
    """Without a word, the first page begins with the last quote, which is that of the snapshot."""
    record = market.book.contracts[market.book.row_of[ticker]]
    newest = pages(market, "quotes", ticker, limit="1")[0][0]
    assert (newest["bid_price"], newest["ask_price"]) == (record["bid"], record["ask"])
    assert newest["sip_timestamp"] == record["quote_ms"] * 1_000_000


def test_ranges_of_time(market, ticker):
    """A range keeps what lies in it, given in ns, as a day or as a moment, and travels in the cursor."""
    (rows,) = pages(market, "quotes", ticker, limit="50000", order="asc")
    middle = str(rows[len(rows) // 2]["sip_timestamp"])
    below = pages(market, "quotes", ticker, limit="2", timestamp__lt=middle)
    assert sum(map(len, below)) + sum(
        map(len, pages(market, "quotes", ticker, timestamp__gte=middle))
    ) == len(rows)
    assert all(row["sip_timestamp"] < int(middle) for page in below for row in page)
    today = pages(market, "quotes", ticker, limit="50000", timestamp="2026-11-23")
    assert today == pages(market, "quotes", ticker, limit="50000", timestamp__gt="2026-11-23T00:00:00-05:00")
    assert pages(market, "quotes", ticker, timestamp="2026-11-24") == [[]]


@pytest.mark.parametrize("name", ["NONE", "O:NONE", "I:SPX"])
def test_nothing_known(market, name):
    """A ticker without trades has an empty list, an index among them."""
    assert pages(market, "trades", name) == [[]]


@pytest.mark.parametrize("cursor", ["YXA9eA", "YXA9MSZhcz14", "!", ""])
def test_cursors_that_are_none(market, ticker, cursor):
    """A cursor that the simulator did not make is refused with 400."""
    with pytest.raises(Refused) as refused:
        pages(market, "quotes", ticker, cursor=cursor)
    assert refused.value.answer.status == 400
