"""Bars put together from what is remembered."""

from datetime import date

import pytest

from marketswarm.simulator.chart import bars_of, previous_day
from marketswarm.simulator.hours import midnight_ms
from marketswarm.simulator.tape import Bar
from tests.support.simulated_market import a_market, new_york_ms, rows_of, run_events

MINUTE = 60_000


@pytest.fixture
def market():
    """SPX and SPY on a Monday morning, with two finished minutes of SPY and one trade after them."""
    made = a_market("SPX", "SPY")
    ten = made.now_ms
    made.ledger.spots.add_minute(1, Bar(ten - 3 * MINUTE, 10.0, 13.0, 9.0, 12.0, 5, 55.0, 2))
    made.ledger.spots.add_minute(1, Bar(ten - 2 * MINUTE, 12.0, 12.5, 11.0, 11.0, 7, 80.0, 3))
    made.ledger.spots.trades.add(1, of=1, ms=ten - 2 * MINUTE + 5, price=99.0, size=1)
    made.ledger.spots.trades.add(1, of=1, ms=ten - MINUTE + 5, price=14.0, size=2)
    return made


def test_minutes(market):
    """Finished minutes as they were, then the trades since; a trade inside a finished minute is not told twice."""
    first, second, third = bars_of(market, "SPY", 1, "minute")
    assert (first.open, first.high, first.low, first.close, first.volume, first.trades) == (
        10,
        13,
        9,
        12,
        5,
        2,
    )
    assert second.volume == 7
    assert (third.start_ms, third.open, third.close, third.volume) == (market.now_ms - MINUTE, 14, 14, 2)


def test_longer_bars(market):
    """Longer bars hold what the shorter ones hold: first open, extremes, last close, sums; they start on whole lengths."""
    (bar,) = bars_of(market, "SPY", 1, "hour")
    assert bar.start_ms == market.now_ms - 60 * MINUTE
    assert (bar.open, bar.high, bar.low, bar.close, bar.volume, bar.trades) == (10, 14, 9, 14, 14, 6)
    assert bar.turnover == 55 + 80 + 28
    starts = [bar.start_ms for bar in bars_of(market, "SPY", 2, "minute")]
    assert all(start % (2 * MINUTE) == 0 for start in starts)
    assert len(starts) == 2


def test_seconds(market):
    """Seconds come from single trades."""
    assert [bar.close for bar in bars_of(market, "SPY", 1, "second")] == [99.0, 14.0]


@pytest.mark.parametrize("timespan", ["week", "month", "quarter", "year"])
def test_calendar_bars(market, timespan):
    """Bars of weeks and more hold both known days, and start at midnight in New York."""
    day, today = bars_of(market, "SPY", 1, "day")
    starts = {"week": date(2026, 11, 22), "month": date(2026, 11, 1), "quarter": date(2026, 10, 1)}
    bars = bars_of(market, "SPY", 1, timespan)
    assert bars[0].start_ms == midnight_ms(starts.get(timespan, date(2026, 1, 1)))
    assert sum(bar.volume for bar in bars) == day.volume + today.volume
    assert bars[-1].close == today.close
    assert len(bars_of(market, "SPY", 2, "day")) == 1


def test_contracts():
    """A contract's days are its close of the day before and its bar of today; its trades make its minutes."""
    market = a_market("SPX")
    rows = rows_of(market, "SPXW", "2026-11-23")[60:90]
    run_events(market, rows, 400)
    row = max(rows.tolist(), key=lambda n: market.book.contracts["volume"][n])
    record, ticker = market.book.contracts[row], market.book.tickers[row]
    before, today = bars_of(market, ticker, 1, "day")
    assert before.close == record["previous_close"]
    assert (today.high, today.low, today.volume) == (record["high"], record["low"], record["volume"])
    assert bars_of(market, ticker, 1, "minute")[-1].close == record["trade_price"]


def test_unknown_tickers(market):
    """What is not known has no bars."""
    assert bars_of(market, "NONE", 1, "day") == bars_of(market, "O:NONE", 1, "minute") == []


@pytest.mark.parametrize(
    ("session", "at", "day"),
    [
        ("calendar", "2026-11-23 10:00", date(2026, 11, 20)),
        ("calendar", "2026-11-27 10:00", date(2026, 11, 25)),
        ("always", "2026-11-23 10:00", date(2026, 11, 22)),
    ],
)
def test_the_day_before(session, at, day):
    """By the calendar the day before is the last session, around the clock it is yesterday."""
    market = a_market("SPX", at=at, session=session)
    assert previous_day(market.hours, new_york_ms(at)) == day
