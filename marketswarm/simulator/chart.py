"""Bars of any length, put together from what the ledger still holds. Pure.

Seconds come from single trades, everything up to hours from minutes, everything longer from days. The history begins with
the run and the day before it: nobody looked earlier.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from marketswarm.maths.calendar import new_york_day
from marketswarm.simulator.hours import Hours, midnight_ms
from marketswarm.simulator.ledger import Record
from marketswarm.simulator.market import Market
from marketswarm.simulator.tape import Bar

INTRADAY_MS = {"second": 1000, "minute": 60_000, "hour": 3_600_000}
TIMESPANS = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")


def bars_of(market: Market, ticker: str, multiplier: int, timespan: str) -> list[Bar]:
    """All bars of a ticker that can still be told, oldest first; none for a ticker that is not known."""
    place = _place_of(market, ticker)
    if place is None:
        return []
    is_option, number = place
    history = market.ledger.options if is_option else market.ledger.spots
    if timespan in INTRADAY_MS:
        length = INTRADAY_MS[timespan] * multiplier
        ticks = history.trades.of(number)
        base = _ticks(ticks) if timespan == "second" else _minutes(history.minutes.of(number), ticks)
        return _merged(base, lambda start_ms: start_ms // length * length)
    days = _option_days(market, number) if is_option else _spot_days(market, number)
    return _in_chunks(_merged(days, lambda start_ms: _period_ms(start_ms, timespan)), multiplier)


def previous_day(hours: Hours, now_ms: int) -> date:
    """The day before the present trading day."""
    today = hours.trading_day(now_ms)
    return today - timedelta(days=1) if hours.always else hours.calendar.previous_session(today)


def _place_of(market: Market, ticker: str) -> tuple[bool, int] | None:
    if ticker in market.book.row_of:
        return True, market.book.row_of[ticker]
    numbers = {profile.ticker: number for number, profile in enumerate(market.profiles)}
    return (False, numbers[ticker]) if ticker in numbers else None


def _ticks(records: Record) -> list[Bar]:
    return [_tick(int(one["ms"]), float(one["price"]), int(one["size"])) for one in records]


def _tick(ms: int, price: float, size: int) -> Bar:
    return Bar(ms, price, price, price, price, size, price * size, 1)


def _minutes(records: Record, ticks: Record) -> list[Bar]:
    """Finished minutes, and the trades since the last of them."""
    finished = [_bar(int(one["ms"]), one, int(one["trades"])) for one in records]
    until_ms = finished[-1].start_ms + INTRADAY_MS["minute"] if finished else 0
    return finished + _ticks(ticks[ticks["ms"] >= until_ms])


def _spot_days(market: Market, number: int) -> list[Bar]:
    instrument, today = market.tape.instruments[number], market.hours.trading_day(market.now_ms)
    before = previous_day(market.hours, market.now_ms)
    return [_started(instrument.previous, before), _started(instrument.day, today)]


def _option_days(market: Market, row: int) -> list[Bar]:
    """The day before is known by its close alone."""
    record, today = market.book.contracts[row], market.hours.trading_day(market.now_ms)
    close, start_ms = float(record["previous_close"]), midnight_ms(previous_day(market.hours, market.now_ms))
    days = [Bar(start_ms, close, close, close, close, 1, close, 1)]
    if record["volume"] > 0:
        days.append(_bar(midnight_ms(today), record, 1))
    return days


def _bar(start_ms: int, record: Any, trades: int) -> Bar:
    first, high, low, last = (float(record[name]) for name in ("open", "high", "low", "close"))
    return Bar(start_ms, first, high, low, last, int(record["volume"]), float(record["turnover"]), trades)


def _started(bar: Bar, day: date) -> Bar:
    return Bar(
        midnight_ms(day), bar.open, bar.high, bar.low, bar.close, bar.volume, bar.turnover, max(1, bar.trades)
    )


def _merged(bars: Iterable[Bar], start_of: Callable[[int], int]) -> list[Bar]:
    merged: list[Bar] = []
    for bar in bars:
        start_ms = start_of(bar.start_ms)
        if merged and merged[-1].start_ms == start_ms:
            _take_in(merged[-1], bar)
        else:
            merged.append(
                Bar(start_ms, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.turnover, bar.trades)
            )
    return merged


def _in_chunks(bars: list[Bar], size: int) -> list[Bar]:
    chunks: list[Bar] = []
    for place, bar in enumerate(bars):
        if place % size:
            _take_in(chunks[-1], bar)
        else:
            chunks.append(bar)
    return chunks


def _take_in(bar: Bar, later: Bar) -> None:
    bar.high, bar.low, bar.close = max(bar.high, later.high), min(bar.low, later.low), later.close
    bar.volume += later.volume
    bar.turnover += later.turnover
    bar.trades += later.trades


def _period_ms(start_ms: int, timespan: str) -> int:
    """The start of the day, week (from Sunday), month, quarter or year that a moment lies in."""
    day = new_york_day(start_ms)
    if timespan == "week":
        day -= timedelta(days=(day.weekday() + 1) % 7)
    elif timespan != "day":
        months = {"month": 1, "quarter": 3, "year": 12}[timespan]
        day = day.replace(month=(day.month - 1) // months * months + 1, day=1)
    return midnight_ms(day)
