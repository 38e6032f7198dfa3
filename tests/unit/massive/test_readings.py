"""Spot out of the vendor's rows."""

from datetime import date

import msgspec
import pytest

from marketswarm.massive.readings import (
    parity_reading,
    previous_reading,
    snapshot_reading,
    stock_reading,
    underlying_reading,
)
from marketswarm.massive.rows import decode_rows
from marketswarm.massive.wire import SnapshotRow, StockBar, StockRow, UnderlyingAsset
from marketswarm.model.spot import SpotReading
from tests.unit.massive.builders import QUOTE_MS, QUOTE_NS, chain_row, raw, universe, without

TODAY = date(2026, 11, 23)  # the day of QUOTE_MS in New York


def snapshot(delayed: bool = False, **members) -> SpotReading | None:
    """The reading of a unified row."""
    row = msgspec.convert({"ticker": "X"} | members, SnapshotRow)
    return snapshot_reading(row, "X", "unified", TODAY, delayed=delayed)


def stock(**members) -> SpotReading | None:
    """The reading of a stocks row."""
    row = msgspec.convert({"ticker": "SPY"} | members, StockRow)
    return stock_reading(row, "SPY", TODAY, delayed=False)


def test_an_index_states_its_value():
    """An index's spot is its value, with the vendor's time in ms."""
    assert snapshot(value=6795.5, last_updated=QUOTE_NS) == SpotReading("X", 6795.5, QUOTE_MS, "unified")


@pytest.mark.parametrize(
    ("members", "spot"),
    [
        (("trade", "quote", "minute", "session"), 680.0),
        (("quote", "minute", "session"), 681.0),
        (("minute", "session"), 682.0),
        (("session",), 683.0),
        ((), None),
    ],
)
def test_a_stocks_sources_in_order(members, spot):
    """A stock's last trade goes before the middle of its quote, its last minute and its session's price."""
    parts = {
        "trade": {"last_trade": {"price": 680, "last_updated": QUOTE_NS}},
        "quote": {"last_quote": {"bid": 680.9, "ask": 681.1, "last_updated": QUOTE_NS}},
        "minute": {"last_minute": {"close": 682}},
        "session": {"session": {"price": 683}},
    }
    reading = snapshot(**{name: value for member in members for name, value in parts[member].items()})

    assert (reading.spot if reading else None) == spot


@pytest.mark.parametrize(
    "members", [{}, {"value": 0}, {"last_quote": {"bid": 0, "ask": 681}}, {"session": {}}]
)
def test_no_price(members):
    """A price of 0 is none, and neither is half a quote."""
    assert snapshot(**members) is None


@pytest.mark.parametrize(
    ("members", "envelope", "delayed"),
    [({}, False, False), ({}, True, True), ({"timeframe": "DELAYED"}, False, True)],
)
def test_delay_is_passed_on(members, envelope, delayed):
    """A delayed plan shows, whether the answer or the row says it."""
    assert snapshot(delayed=envelope, value=1, **members).delayed is delayed


@pytest.mark.parametrize(
    ("members", "stale"),
    [
        ({"value": 6795, "last_updated": QUOTE_NS}, False),
        ({"value": 6795, "last_updated": QUOTE_NS - 86_400 * 10**9}, True),
        ({"value": 6795}, False),
        ({"session": {"close": 680}}, False),
        ({"session": {"previous_close": 679}}, True),
    ],
)
def test_a_price_of_an_earlier_session_is_stale(members, stale):
    """A price is stale when its day in New York is over, or when it says itself that it is the day before's."""
    assert snapshot(**members).stale is stale


@pytest.mark.parametrize(
    ("left", "spot", "as_of", "stale"),
    [
        (("lastTrade", "lastQuote", "min", "day", "prevDay"), 680.0, QUOTE_MS, False),
        (("lastQuote", "min", "day", "prevDay"), 681.0, QUOTE_MS, False),
        (("min", "day", "prevDay"), 682.0, QUOTE_MS, False),
        (("day", "prevDay"), 683.0, QUOTE_MS, False),
        (("prevDay",), 679.0, None, True),
    ],
)
def test_the_stocks_snapshot_in_order(left, spot, as_of, stale):
    """Trade, quote, minute, day, then the day before, which is stale."""
    parts = {
        "lastTrade": {"p": 680, "t": QUOTE_NS, "c": None},
        "lastQuote": {"p": 680.9, "P": 681.1, "t": QUOTE_NS},
        "min": {"c": 682, "t": QUOTE_MS},
        "day": {"c": 683},
        "prevDay": {"c": 679},
    }
    reading = stock(updated=QUOTE_NS, **{name: parts[name] for name in left})

    assert (reading.spot, reading.as_of, reading.stale) == (spot, as_of, stale)


def test_before_the_days_first_trade_bars_are_zero():
    """Bars of zeros, as the vendor sends them before the first trade, are passed over."""
    assert stock(day={"c": 0}, min={"c": 0}, prevDay={"c": 679}).spot == 679.0
    assert stock() is None


def test_chain_row():
    """A chain row's underlying gives spot under the method `chain`."""
    asset = UnderlyingAsset("I:SPX", value=6795.5, last_updated=QUOTE_NS, timeframe="DELAYED")

    reading = underlying_reading(asset, "SPX", TODAY, delayed=False)

    assert reading == SpotReading("SPX", 6795.5, QUOTE_MS, "chain", delayed=True)


def test_previous_close():
    """The close of the session before is always stale."""
    assert previous_reading(StockBar(6790.0, QUOTE_MS), "SPX", TODAY, delayed=False).stale
    assert previous_reading(StockBar(None), "SPX", TODAY, delayed=False) is None


def quoted(ticker: str, bid: float, ask: float, late_ms: int = 0) -> msgspec.Raw:
    """A row with that quote."""
    stamp = QUOTE_NS + late_ms * 10**6
    return raw(chain_row(ticker, last_quote={"bid": bid, "ask": ask, "last_updated": stamp}))


def parity(*rows: msgspec.Raw, **kept) -> SpotReading | None:
    """The parity reading of some rows."""
    contracts = decode_rows(rows, universe(**kept)).contracts.values()
    return parity_reading(contracts, "SPX", TODAY, delayed=False)


def test_parity_takes_the_closest_pair():
    """Spot is strike + call - put at the strike where both are closest, as old as the older of the two quotes."""
    reading = parity(
        quoted("O:SPXW261123C06790000", 11, 12),
        quoted("O:SPXW261123P06790000", 5, 6),
        quoted("O:SPXW261123C06795000", 8, 9, late_ms=40),
        quoted("O:SPXW261123P06795000", 7.5, 8.5),
        quoted("O:SPXW261123C06800000", 1, 2),
    )

    assert reading == SpotReading("SPX", 6795.5, QUOTE_MS, "parity")


def test_parity_needs_two_sided_pm_quotes():
    """Crossed quotes and AM-settled contracts say nothing of spot now."""
    friday = date(2026, 12, 18)
    rows = [quoted("O:SPXW261218C06800000", 9, 8), quoted("O:SPXW261218P06800000", 8, 9)]
    rows += [quoted("O:SPX261218C06805000", 8, 9), quoted("O:SPX261218P06805000", 8, 9)]

    assert parity(*rows, expiration=friday) is None


def paid(ticker: str, price: float, ts_ns: int = QUOTE_NS) -> msgspec.Raw:
    """A row of a plan without quotes, traded at that price."""
    row = without(chain_row(ticker, day={}), "last_quote", "greeks", "underlying_asset")
    return raw(row | {"last_trade": {"price": price, "size": 1, "sip_timestamp": ts_ns}})


def test_parity_without_quotes_is_the_median_of_last_prices():
    """Prices of other moments are off by much or little: of the five strikes nearest to spot the middle one counts."""
    rows = []
    for strike, off in ((6790, 0), (6795, 0.4), (6800, -9), (6805, -0.2), (6810, 0.1), (6900, 50)):
        call = max(0.0, 6800.5 - strike) + 4 + off
        rows += [
            paid(f"O:SPXW261123C{strike:05d}000", call),
            paid(f"O:SPXW261123P{strike:05d}000", max(0.0, strike - 6800.5) + 4, QUOTE_NS - 10**9),
        ]

    reading = parity(*rows)

    assert (reading.method, reading.spot, reading.as_of) == ("parity", 6800.5, QUOTE_MS - 1000)


def test_parity_of_the_days_prices_has_no_time():
    """A plan without trades has the day's last price alone; a day without volume is of an earlier one."""
    day = {"close": 8.0, "volume": 3, "last_updated": QUOTE_NS}
    call = without(chain_row("O:SPXW261123C06795000", day=day), "last_quote", "last_trade")
    put = without(chain_row("O:SPXW261123P06795000", day=day | {"close": 7.5}), "last_quote", "last_trade")

    reading = parity(raw(call), raw(put))

    assert (reading.spot, reading.as_of) == (6795.5, None)
    assert parity(raw(call), raw(put | {"day": day | {"volume": 0}})) is None


def test_one_quoted_pair_goes_before_all_last_prices():
    """Quotes are of one moment."""
    quotes = [chain_row(f"O:SPXW261123{side}06795000") for side in "CP"]
    reading = parity(*map(raw, quotes), paid("O:SPXW261123C06800000", 1), paid("O:SPXW261123P06800000", 1))
    assert reading.spot == 6795.0


@pytest.mark.parametrize("part", ["last_trade", "last_quote"])
def test_a_part_that_is_delayed_makes_the_reading_delayed(part):
    """The unified snapshot says it of a stock's trade and quote."""
    priced = {"last_trade": {"price": 680}} | {
        part: {"price": 680, "bid": 1, "ask": 2, "timeframe": "DELAYED"}
    }
    assert snapshot(**priced).delayed
    assert not snapshot(last_trade={"price": 680, "timeframe": "REAL-TIME"}).delayed
