"""The vendor's own REST client over every route that it has for options, indices and snapshots."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from massive import RESTClient

from tests.support.raw_talk import RawTalk
from tests.support.simulator import running_simulator

# Methods of the client that are about other things, by the module that holds them.
OTHER_MODULES = frozenset({"benzinga", "economy", "etf_global", "financials", "futures", "tmx", "vX", "base"})
# And one by one, where a module mixes them with what is ours.
OTHER_METHODS = {
    "get_grouped_daily_aggs": "the whole stock market at once",
    "get_last_forex_quote": "currencies",
    "get_real_time_currency_conversion": "currencies",
    "get_last_crypto_trade": "crypto",
    "get_snapshot_crypto_book": "crypto",
    "get_ticker_events": "companies",
    "get_related_companies": "companies",
    "list_ticker_news": "companies",
    "list_splits": "companies",
    "list_dividends": "companies",
    "list_stocks_splits": "companies",
    "list_stocks_dividends": "companies",
    "list_short_interest": "companies",
    "list_short_volume": "companies",
    "list_stocks_filings_risk_factors": "filings",
    "list_stocks_taxonomies_risk_factors": "filings",
    "list_stocks_filings_8k_disclosures": "filings",
    "list_stocks_taxonomies_disclosures": "filings",
    "list_stocks_filings_10k_sections": "filings",
    "list_stocks_filings_8k_text": "filings",
    "list_stocks_filings_index": "filings",
    "list_stocks_filings_13f": "filings",
    "list_stocks_filings_form_3": "filings",
    "list_stocks_filings_form_4": "filings",
}


@dataclass(frozen=True)
class World:
    """A client, a contract that trades, and the days around now."""

    rest: RESTClient
    contract: str
    today: str
    yesterday: str


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Four symbols with a contract whose trades have begun."""
    with running_simulator(key="k", events_per_second=20_000) as simulator:
        rest = RESTClient("k", base=simulator.rest, retries=0)
        listed = list(rest.list_options_contracts("SPX", sort="expiration_date", limit=1000))
        spot = rest.get_snapshot_indices("I:SPX")[0].value
        near = sorted(listed[:200], key=lambda row: abs(row.strike_price - spot))[:20]
        with RawTalk(simulator.ws + "/options") as talk:
            talk.say("subscribe", ",".join(f"{topic}.{row.ticker}" for row in near for topic in "QT"))
            events = talk.events(20, enough=2000)
            traded = next(event["sym"] for event in events if event["ev"] == "T")
            today = date.fromisoformat(rest.get_market_status().server_time[:10])
            yield World(rest, traded, today.isoformat(), (today - timedelta(days=1)).isoformat())


def first(rows: Any, count: int = 3) -> list[Any]:
    """A few of what a list gives."""
    return [row for _, row in zip(range(count), rows, strict=False)]


Ask = Callable[[World], Any]
ALL = ("I:SPX", "SPY")
BARS = ("open", "high", "low", "close", "timestamp")
TRADED_BARS = (*BARS, "volume", "vwap", "transactions")
QUOTE = ("ask_price", "ask_size", "bid_price", "bid_size", "sip_timestamp", "sequence_number")
TRADE = ("price", "size", "exchange", "sip_timestamp", "sequence_number")
INDICATOR = {"timespan": "second", "window": 1, "limit": 5}

# method → what is asked, and the attributes that every answer must have under the client's own names
ROUTES: dict[str, list[tuple[Ask, tuple[str, ...]]]] = {
    "list_aggs": [
        (lambda w: w.rest.list_aggs("I:SPX", 1, "day", w.yesterday, w.today), BARS),
        (lambda w: w.rest.list_aggs("SPY", 1, "minute", w.yesterday, w.today, limit=1), TRADED_BARS),
        (lambda w: w.rest.list_aggs(w.contract, 1, "second", w.yesterday, w.today, limit=2), TRADED_BARS),
    ],
    "get_aggs": [
        (lambda w: w.rest.get_aggs(w.contract, 1, "hour", w.yesterday, w.today, sort="desc"), TRADED_BARS),
        (lambda w: w.rest.get_aggs("I:NDX", 5, "minute", w.yesterday, w.today), BARS),
    ],
    "get_daily_open_close_agg": [
        (
            lambda w: [w.rest.get_daily_open_close_agg(t, w.today) for t in ALL],
            ("open", "high", "close", "symbol"),
        ),
        (lambda w: [w.rest.get_daily_open_close_agg(w.contract, w.yesterday)], ("close", "volume", "status")),
    ],
    "get_previous_close_agg": [
        (lambda w: w.rest.get_previous_close_agg("I:SPX"), (*BARS, "ticker")),
        (lambda w: w.rest.get_previous_close_agg(w.contract), (*BARS, "ticker", "volume", "vwap")),
    ],
    "get_sma": [(lambda w: indicated(w, "get_sma", **INDICATOR), ("timestamp", "value"))],
    "get_ema": [(lambda w: indicated(w, "get_ema", **INDICATOR), ("timestamp", "value"))],
    "get_rsi": [(lambda w: indicated(w, "get_rsi", **INDICATOR), ("timestamp", "value"))],
    "get_macd": [
        (
            lambda w: indicated(
                w, "get_macd", timespan="second", short_window=1, long_window=2, signal_window=1, limit=5
            ),
            ("timestamp", "value", "signal", "histogram"),
        )
    ],
    "list_quotes": [
        (lambda w: first(w.rest.list_quotes(w.contract, limit=2)), QUOTE),
        (lambda w: first(w.rest.list_quotes("SPY", timestamp_gte=w.today, order="asc", limit=2)), QUOTE),
    ],
    "get_last_quote": [
        (lambda w: [w.rest.get_last_quote("QQQ")], (*QUOTE, "ticker", "ask_exchange", "tape"))
    ],
    "list_trades": [
        (lambda w: first(w.rest.list_trades(w.contract, limit=1)), (*TRADE, "conditions")),
        (lambda w: first(w.rest.list_trades("SPY", limit=2)), (*TRADE, "id", "tape")),
    ],
    "get_last_trade": [
        (lambda w: [w.rest.get_last_trade(w.contract)], (*TRADE, "ticker", "conditions")),
        (lambda w: [w.rest.get_last_trade("SPY")], (*TRADE, "ticker", "id")),
    ],
    "get_market_holidays": [(lambda w: w.rest.get_market_holidays(), ("date", "exchange", "name", "status"))],
    "get_market_status": [
        (lambda w: [w.rest.get_market_status()], ("market", "exchanges", "currencies", "server_time"))
    ],
    "list_tickers": [
        (lambda w: w.rest.list_tickers(market="indices", limit=1), ("ticker", "name", "market", "active")),
        (lambda w: w.rest.list_tickers(search="trust"), ("ticker", "type", "primary_exchange")),
    ],
    "get_ticker_details": [
        (lambda w: [w.rest.get_ticker_details(t) for t in ALL], ("ticker", "name", "market"))
    ],
    "get_ticker_types": [
        (lambda w: w.rest.get_ticker_types("stocks"), ("code", "description", "asset_class"))
    ],
    "list_conditions": [
        (lambda w: w.rest.list_conditions("options", limit=1), ("id", "name", "sip_mapping", "update_rules"))
    ],
    "get_exchanges": [
        (lambda w: w.rest.get_exchanges("options"), ("id", "mic", "name", "type", "asset_class"))
    ],
    "get_options_contract": [
        (
            lambda w: [w.rest.get_options_contract(w.contract)],
            ("ticker", "cfi", "contract_type", "strike_price", "expiration_date", "shares_per_contract"),
        )
    ],
    "list_options_contracts": [
        (
            lambda w: first(w.rest.list_options_contracts("NDX", expiration_date_gte=w.today, limit=2)),
            ("ticker", "underlying_ticker", "exercise_style", "primary_exchange"),
        )
    ],
    "list_universal_snapshots": [
        (
            lambda w: w.rest.list_universal_snapshots(ticker_any_of=[*ALL, w.contract], limit=2),
            ("ticker", "type", "name", "market_status", "session"),
        ),
        (
            lambda w: w.rest.list_universal_snapshots(type="options", ticker_any_of=[w.contract]),
            ("details", "greeks", "implied_volatility", "last_quote", "last_trade", "underlying_asset"),
        ),
    ],
    "get_snapshot_all": [
        (lambda w: w.rest.get_snapshot_all("stocks", ["SPY", "QQQ"]), ("ticker", "day", "last_trade", "min"))
    ],
    "get_snapshot_direction": [
        (
            lambda w: [
                row for way in ("gainers", "losers") for row in w.rest.get_snapshot_direction("stocks", way)
            ],
            ("ticker", "todays_change_percent", "prev_day"),
        )
    ],
    "get_snapshot_ticker": [
        (lambda w: [w.rest.get_snapshot_ticker("stocks", "SPY")], ("last_quote", "last_trade", "updated"))
    ],
    "get_snapshot_option": [
        (
            lambda w: [w.rest.get_snapshot_option("I:SPX", w.contract)],
            ("details", "day", "last_quote", "last_trade", "open_interest", "underlying_asset"),
        )
    ],
    "list_snapshot_options_chain": [
        (
            lambda w: first(w.rest.list_snapshot_options_chain("QQQ", params={"limit": 2})),
            ("details", "greeks", "last_quote", "open_interest", "break_even_price", "underlying_asset"),
        )
    ],
    "get_snapshot_indices": [
        (
            lambda w: w.rest.get_snapshot_indices(["I:SPX", "I:NDX"]),
            ("value", "name", "session", "market_status", "last_updated", "timeframe"),
        )
    ],
    "list_snapshot_indices": [
        (
            lambda w: w.rest.list_snapshot_indices(ticker_any_of=["I:SPX", "I:NDX"], limit=1),
            ("value", "ticker"),
        )
    ],
    "get_summaries": [
        (
            lambda w: w.rest.get_summaries([*ALL, w.contract]),
            ("price", "name", "ticker", "market_status", "type", "session"),
        )
    ],
}


def indicated(world: World, method: str, **parameters: Any) -> list[Any]:
    """An indicator over a contract, an index and a fund; each must have values and name its bars."""
    values: list[Any] = []
    for ticker in (world.contract, *ALL):
        results = getattr(world.rest, method)(ticker, **parameters)
        assert f"/v2/aggs/ticker/{ticker}/range/1/second/" in results.underlying.url
        values += results.values
    return values


def client_methods() -> dict[str, str]:
    """Every call that the client offers, with the module that holds it."""
    found = {}
    for owner in RESTClient.__mro__:
        for name, value in vars(owner).items():
            if callable(value) and not name.startswith("_") and owner.__module__.startswith("massive.rest."):
                found[name] = owner.__module__.rpartition(".")[2]
    return found


def test_the_client_has_no_route_that_nobody_tries():
    """Each call of the client is tried here, or is named above as one about something else."""
    ours = {name for name, module in client_methods().items() if module not in OTHER_MODULES}
    assert ours == set(ROUTES) | set(OTHER_METHODS)
    assert not set(ROUTES) & set(OTHER_METHODS)


@pytest.mark.parametrize(
    ("method", "case"), [(name, n) for name, asked in ROUTES.items() for n in range(len(asked))]
)
def test_a_route(world, method, case):
    """The client gets rows from the route, and reads what it needs of each under its own names."""
    ask, needed = ROUTES[method][case]
    # A second's bar of a fund, a first rise: what has not happened yet happens soon.
    until = time.monotonic() + 20
    rows: list[Any] = []
    while not rows and time.monotonic() < until:
        with contextlib.suppress(AssertionError):
            rows = list(ask(world))
    rows = rows or list(ask(world))
    assert rows
    for row in rows:
        assert not [name for name in needed if getattr(row, name) is None], row


def test_bars_tell_what_the_snapshot_tells(world):
    """Today's bar and the day before it, the snapshot's day, and the open and close are one and the same."""
    rest = world.rest
    before, _ = rest.get_aggs("I:SPX", 1, "day", world.yesterday, world.today)
    assert before.close == rest.get_previous_close_agg("I:SPX")[0].close
    assert before.close == rest.get_snapshot_indices("I:SPX")[0].session.previous_close
    assert before.close == rest.get_daily_open_close_agg("I:SPX", world.yesterday).close
    day = rest.get_snapshot_option("I:SPX", world.contract).day
    (bar,) = rest.get_aggs(world.contract, 1, "day", world.today, world.today)
    assert bar.open == day.open
    assert bar.volume >= day.volume
    assert rest.get_previous_close_agg(world.contract)[0].close == day.previous_close


def test_pages_of_ticks_through_the_client(world):
    """Ticks read through `next_url`, three at a time, are whole and in order; a range is kept on every page."""
    stamp = max(q.sip_timestamp for q in first(world.rest.list_quotes(world.contract, limit=30), 30)) - 1
    asked = {"timestamp_lte": stamp, "order": "asc"}
    large = [q.sequence_number for q in world.rest.list_quotes(world.contract, limit=50_000, **asked)]
    small = [q.sequence_number for q in world.rest.list_quotes(world.contract, limit=50, **asked)]
    assert small == large == sorted(set(large))


def test_a_range_without_bars(world):
    """Where nothing traded there is no `results` at all, which the client takes for no bars."""
    assert world.rest.get_aggs("SPY", 1, "day", "2020-01-02", "2020-01-03") == []
