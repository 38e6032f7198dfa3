"""The vendor's own client, unmodified, against the simulator."""

import threading
import time
from datetime import date

import pytest
from massive import RESTClient, WebSocketClient
from massive.exceptions import AuthError, BadResponse

from tests.support.simulator import running_simulator


@pytest.fixture(scope="module")
def simulator():
    """One simulator that knows one key."""
    with running_simulator(key="k", symbols=("SPX", "SPY")) as running:
        yield running


@pytest.fixture(scope="module")
def rest(simulator):
    """The official REST client."""
    return RESTClient("k", base=simulator.rest, retries=0)


@pytest.fixture(scope="module")
def today(rest) -> str:
    """The first expiration on offer, as a client finds it."""
    listed = rest.list_options_contracts("SPX", sort="expiration_date", order="asc", limit=1)
    return next(iter(listed)).expiration_date


def test_whole_chain_in_small_pages(rest, today):
    """A chain read 50 rows at a time through `next_url` is complete, without doubles, all of the asked day."""
    parameters = {"expiration_date": today, "strike_price.gte": 6500, "strike_price.lte": 7100}
    paged = list(rest.list_snapshot_options_chain("I:SPX", params=parameters | {"limit": 50}))
    at_once = list(rest.list_snapshot_options_chain("I:SPX", params=parameters | {"limit": 250}))
    tickers = [row.details.ticker for row in paged]
    assert tickers == [row.details.ticker for row in at_once] == sorted(set(tickers))
    assert len(tickers) > 200
    assert {row.details.expiration_date for row in paged} == {today}
    assert all(row.last_quote.ask > row.last_quote.bid >= 0 for row in paged)
    assert all(row.underlying_asset.value > 0 for row in paged)


def test_contracts_reference(rest, today):
    """The listing and its single contracts agree, and a listed contract is in the snapshot."""
    listed = list(rest.list_options_contracts("SPX", expiration_date=today, contract_type="call", limit=1000))
    assert {row.underlying_ticker for row in listed} == {"SPX"}
    assert [row.exercise_style for row in listed] == ["european"] * len(listed)
    one = listed[len(listed) // 2]
    assert rest.get_options_contract(one.ticker).strike_price == one.strike_price
    assert rest.get_snapshot_option("I:SPX", one.ticker).details.strike_price == one.strike_price


def test_adjusted_series_is_listed(rest):
    """The listing of SPY holds contracts that no standard chain may hold."""
    rows = rest.list_options_contracts("SPY", limit=1000)
    assert {row.shares_per_contract for row in rows} == {10, 100}


def test_spots(rest):
    """Indices, unified and stock snapshots tell about the same prices."""
    (index,) = rest.get_snapshot_indices("I:SPX")
    unified = {
        row.ticker: row for row in rest.list_universal_snapshots(ticker_any_of=["SPY", "I:SPX", "NONE"])
    }
    stock = rest.get_snapshot_ticker("stocks", "SPY")
    assert unified["I:SPX"].value == pytest.approx(index.value, rel=0.002)
    assert stock.last_trade.price == pytest.approx(unified["SPY"].last_trade.price, rel=0.002)
    assert stock.last_trade.price == pytest.approx(index.value / 10, rel=0.01)
    assert unified["NONE"].error == "NOT_FOUND"
    assert rest.get_last_trade("SPY").price == pytest.approx(stock.last_trade.price, rel=0.002)
    assert rest.get_previous_close_agg("I:SPX")[0].close == pytest.approx(index.session.previous_close)
    assert [t.ticker for t in rest.get_snapshot_all("stocks", ["SPY", "QQQ"])] == ["SPY"]


def test_market_status(rest):
    """The market is open, and the next closures are known."""
    assert rest.get_market_status().market == "open"
    holidays = rest.get_market_holidays()
    assert holidays
    assert all(date.fromisoformat(row.date) for row in holidays)


def test_refusals(simulator, rest):
    """A wrong key, a page that is too large and an unknown contract are refused as the vendor does."""
    with pytest.raises(BadResponse, match="Unknown API Key"):
        RESTClient("wrong", base=simulator.rest, retries=0).get_market_status()
    with pytest.raises(BadResponse, match="'Limit' failed on the 'max' tag"):
        list(rest.list_snapshot_options_chain("SPY", params={"limit": 251}))
    with pytest.raises(BadResponse, match="not found"):
        rest.get_options_contract("O:SPY261123C00000001")


def streamed(simulator, market: str, channels: list[str], enough: int) -> list:
    """Messages that the official streaming client receives until there are enough."""
    found: list = []
    finished = threading.Event()
    address = simulator.ws.removeprefix("ws://")
    client = WebSocketClient(
        "k", feed=address, market=market, secure=False, subscriptions=channels, max_reconnects=0
    )

    def take(messages: list) -> None:
        found.extend(messages)
        if len(found) >= enough:
            finished.set()

    thread = threading.Thread(target=client.run, args=(take,), daemon=True)
    thread.start()
    assert finished.wait(30), f"{len(found)} of {enough} messages came"
    # The client closes from its own loop only; leaving it to the simulator's end is what its users do as well.
    return found[:enough]


def test_streaming_client_gets_what_it_subscribed_to(simulator, rest, today):
    """Quotes come for the subscribed contracts and no other, with rising sequences and ms times."""
    rows = rest.list_options_contracts("SPX", expiration_date=today, limit=1000)
    near = [row.ticker for row in rows if 6750 <= row.strike_price <= 6900]
    quotes = streamed(simulator, "options", [f"Q.{ticker}" for ticker in near], 200)
    assert {quote.event_type for quote in quotes} == {"Q"}
    assert {quote.symbol for quote in quotes} <= set(near)
    assert len({quote.symbol for quote in quotes}) > 20
    for ticker in near:
        sequences = [quote.sequence_number for quote in quotes if quote.symbol == ticker]
        assert sequences == sorted(set(sequences))
    now_ms = time.time() * 1000
    assert all(abs(quote.timestamp - now_ms) < 60_000 for quote in quotes)


def test_streaming_client_on_other_clusters(simulator):
    """Index values and stock trades arrive on their own clusters."""
    (value,) = streamed(simulator, "indices", ["V.I:SPX"], 1)
    assert (value.event_type, value.ticker) == ("V", "I:SPX")
    assert {event.event_type for event in streamed(simulator, "stocks", ["T.SPY", "Q.SPY"], 6)} <= {"T", "Q"}


def test_streaming_client_with_a_wrong_key(simulator):
    """A wrong key ends in the client's own error."""
    address = simulator.ws.removeprefix("ws://")
    client = WebSocketClient("wrong", feed=address, market="options", secure=False, max_reconnects=0)
    with pytest.raises(AuthError, match="authentication failed"):
        client.run(lambda _messages: None)
