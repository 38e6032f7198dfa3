"""Spot out of the vendor's rows. Pure: each function reads one kind of row and says None when it holds no price.

A price counts only above 0: before the day's first trade the vendor's bars are all zeros.
"""

from collections.abc import Callable, Iterable
from datetime import date
from operator import itemgetter

from marketswarm.massive.rows import ms_of, underlying_price
from marketswarm.massive.wire import (
    LastQuote,
    LastTrade,
    SnapshotRow,
    StockBar,
    StockRow,
    UnderlyingAsset,
)
from marketswarm.maths.calendar import new_york_day
from marketswarm.model.contract import Contract, mid_price
from marketswarm.model.spot import SpotMethod, SpotReading
from marketswarm.model.ticker import parse_option_ticker

_DELAYED = "DELAYED"
_NEAREST = 5  # strikes

# One candidate: price, its time in ms, and whether it is known to be of an earlier session.
_Candidate = tuple[float | None, int | None, bool]


def snapshot_reading(
    row: SnapshotRow, symbol: str, method: SpotMethod, today: date, *, delayed: bool
) -> SpotReading | None:
    """Spot from a row of the unified or the indices snapshot.

    An index states its `value`. A stock's last trade goes before the middle of its quote, its last minute and its
    session's price.
    """
    session = row.session
    candidates: list[_Candidate] = [
        (row.value, ms_of(row.last_updated), False),
        _traded(row.last_trade),
        _quoted(row.last_quote),
    ]
    if row.last_minute is not None:
        candidates.append((row.last_minute.close, ms_of(row.last_minute.last_updated), False))
    if session is not None:
        candidates += [
            (session.price, None, False),
            (session.close, None, False),
            (session.previous_close, None, True),
        ]
    told = {part.timeframe for part in (row, row.last_trade, row.last_quote) if part is not None}
    return _first(candidates, symbol, method, today, delayed=delayed or _DELAYED in told)


def stock_reading(row: StockRow, symbol: str, today: date, *, delayed: bool) -> SpotReading | None:
    """Spot from a row of the stocks snapshot: trade, middle of the quote, minute, day, then the day before."""
    trade, quote = row.last_trade, row.last_quote
    updated = ms_of(row.updated)
    candidates: list[_Candidate] = []
    if trade is not None:
        candidates.append((trade.price, ms_of(trade.ts_ns), False))
    if quote is not None:
        candidates.append((_two_sided(quote.bid, quote.ask), ms_of(quote.ts_ns), False))
    candidates.append((row.minute.close, row.minute.ts_ms, False) if row.minute else (None, None, False))
    candidates.append((row.day.close, updated, False) if row.day else (None, None, False))
    candidates.append((row.previous_day.close, None, True) if row.previous_day else (None, None, True))
    return _first(candidates, symbol, "stocks", today, delayed=delayed)


def underlying_reading(
    asset: UnderlyingAsset, symbol: str, today: date, *, delayed: bool
) -> SpotReading | None:
    """Spot as a row of the option chain states it."""
    candidates: list[_Candidate] = [(underlying_price(asset), ms_of(asset.last_updated), False)]
    return _first(candidates, symbol, "chain", today, delayed=delayed or asset.timeframe == _DELAYED)


def previous_reading(bar: StockBar, symbol: str, today: date, *, delayed: bool) -> SpotReading | None:
    """The close of the previous session: always stale."""
    return _first([(bar.close, bar.ts_ms, True)], symbol, "previous", today, delayed=delayed)


def parity_reading(
    contracts: Iterable[Contract], symbol: str, today: date, *, delayed: bool
) -> SpotReading | None:
    """Spot by put-call parity: strike + call - put, where call and put are closest in price.

    Only PM-settled contracts count. Interest and dividends are left out: between strike and expiration of the nearest chain
    they are far below a strike's step. Two-sided quotes go first; the time is that of the older of both. A plan without
    quotes leaves the last prices, each of another moment: then it is the median of the nearest strikes.
    """
    pairs: dict[float, dict[str, Contract]] = {}
    for contract in contracts:
        if parse_option_ticker(contract.ticker).settlement == "pm":
            pairs.setdefault(contract.strike, {})[contract.type] = contract
    both = [(pair["call"], pair["put"]) for pair in pairs.values() if len(pair) == 2]
    is_quoted = any(contract.quote is not None for pair in both for contract in pair)
    price_of, count = (_mid, 1) if is_quoted else (_last_paid, _NEAREST)
    nearest = sorted(filter(None, (_parity(pair, price_of) for pair in both)))[:count]
    if not nearest:
        return None
    _, price, as_of = sorted(nearest, key=itemgetter(1))[len(nearest) // 2]
    return _first([(price, as_of or None, False)], symbol, "parity", today, delayed=delayed)


def _parity(
    pair: tuple[Contract, Contract], price_of: Callable[[Contract], tuple[float, int] | None]
) -> tuple[float, float, int] | None:
    """Distance between the two prices, spot, and the older of both times; None where one of them has no price."""
    call, put = map(price_of, pair)
    if call is None or put is None:
        return None
    difference = call[0] - put[0]
    return abs(difference), round(pair[0].strike + difference, 6), min(call[1], put[1])


def _mid(contract: Contract) -> tuple[float, int] | None:
    quote = contract.quote
    return None if quote is None or quote.mid is None else (quote.mid, quote.ts)


def _last_paid(contract: Contract) -> tuple[float, int] | None:
    """The last trade; without trades the day's last price, whose time is not told."""
    if contract.trade is not None:
        return contract.trade.price, contract.trade.ts
    if contract.day is not None and contract.day.close and contract.day.volume:
        return contract.day.close, 0
    return None


def _traded(trade: LastTrade | None) -> _Candidate:
    if trade is None:
        return None, None, False
    return trade.price, ms_of(trade.last_updated or trade.sip_timestamp), False


def _quoted(quote: LastQuote | None) -> _Candidate:
    if quote is None:
        return None, None, False
    return _two_sided(quote.bid, quote.ask), ms_of(quote.last_updated), False


def _two_sided(bid: float | None, ask: float | None) -> float | None:
    """The middle of a quote with both sides; half an ask alone would be no price of the underlying."""
    return mid_price(bid, ask) if bid else None


def _first(
    candidates: Iterable[_Candidate], symbol: str, method: SpotMethod, today: date, *, delayed: bool
) -> SpotReading | None:
    for price, as_of, earlier in candidates:
        if price is not None and price > 0:
            stale = earlier or (as_of is not None and new_york_day(as_of) < today)
            return SpotReading(symbol, price, as_of, method, delayed=delayed, stale=stale)
    return None
