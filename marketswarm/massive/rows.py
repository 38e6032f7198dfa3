"""Rows of the chain snapshot into contracts. Pure: a row that cannot be used is counted, never raised."""

from collections import Counter
from collections.abc import Iterable

import msgspec
from pydantic import ValidationError

from marketswarm.massive.decode import UNUSABLE
from marketswarm.massive.eligibility import Rejection, Stated, Universe, eligible
from marketswarm.massive.wire import ChainRow, DayBar, LastQuote, LastTrade, UnderlyingAsset
from marketswarm.model.chain import ChainRows
from marketswarm.model.contract import Contract, Day, Greeks, Quote, Trade, mid_price
from marketswarm.model.ticker import OptionTicker

_ROW = msgspec.json.Decoder(ChainRow)

# The vendor's solver stops at this volatility and then reports delta 1 and gamma 0: nothing was solved.
_UNSOLVED_IV = 5.0
_DELAYED = "DELAYED"


def decode_rows(
    rows: Iterable[msgspec.Raw], universe: Universe, *, pages: int = 1, delayed: bool = False
) -> ChainRows:
    """The chain behind all rows of all pages: each contract once, the one with the newest quote.

    What is kept out is counted under `malformed`, `adjusted`, `expiration` or `settled`.
    """
    newest: dict[str, tuple[int, Contract]] = {}
    rejected: Counter[str] = Counter()
    underlying: UnderlyingAsset | None = None
    for raw in rows:
        row = _decode(raw)
        delayed = delayed or (row is not None and is_marked_delayed(row))
        contract = "malformed" if row is None else contract_of(row, universe)
        if row is None or isinstance(contract, str):
            rejected[str(contract)] += 1
            continue
        underlying = newer_underlying(underlying, row.underlying_asset)
        quoted_ns = (row.last_quote.last_updated if row.last_quote else None) or 0
        if contract.ticker not in newest or quoted_ns >= newest[contract.ticker][0]:
            newest[contract.ticker] = (quoted_ns, contract)
    return ChainRows(
        chain=universe.chain,
        contracts={ticker: contract for ticker, (_, contract) in newest.items()},
        rejected=dict(rejected),
        underlying_price=underlying_price(underlying),
        pages=pages,
        delayed=delayed,
    )


def contract_of(row: ChainRow, universe: Universe) -> Contract | Rejection:
    """One row as a contract of the chain, or why it is kept out."""
    details = row.details
    stated = Stated(
        details.expiration_date, details.strike_price, details.shares_per_contract, details.contract_type
    )
    ticker = eligible(details.ticker, stated, universe)
    if not isinstance(ticker, OptionTicker):
        return ticker
    try:
        return _build(row, ticker, universe)
    except (ValidationError, ValueError, OverflowError):
        return "malformed"


def readable_rows(rows: Iterable[msgspec.Raw]) -> list[ChainRow]:
    """The rows that are in the documented shape."""
    return [row for raw in rows if (row := _decode(raw)) is not None]


def underlying_of(rows: Iterable[msgspec.Raw]) -> UnderlyingAsset | None:
    """What the rows say of their underlying, from the row with the newest stamp; None when none says a price."""
    newest: UnderlyingAsset | None = None
    for raw in rows:
        row = _decode(raw)
        newest = newer_underlying(newest, row.underlying_asset if row else None)
    return newest


def is_marked_delayed(row: ChainRow) -> bool:
    """Whether the row says that its quote or trade is delayed; an answer may be OK as a whole and say so here alone."""
    return any(part is not None and part.timeframe == _DELAYED for part in (row.last_quote, row.last_trade))


def newer_underlying(known: UnderlyingAsset | None, other: UnderlyingAsset | None) -> UnderlyingAsset | None:
    """The one of the two that has a price and the later stamp."""
    if other is None or underlying_price(other) is None:
        return known
    if known is None or (other.last_updated or 0) >= (known.last_updated or 0):
        return other
    return known


def underlying_price(asset: UnderlyingAsset | None) -> float | None:
    """Spot of the underlying: `value` for an index, `price` for a stock; None when absent or not positive."""
    if asset is None:
        return None
    price = asset.price if asset.price is not None else asset.value
    return price if price is not None and price > 0 else None


def ms_of(ns: int | None) -> int | None:
    """A REST time in ms; None when absent or not after the epoch's start."""
    return ns // 1_000_000 if ns and ns > 0 else None


def _decode(raw: msgspec.Raw) -> ChainRow | None:
    try:
        return _ROW.decode(raw)
    except UNUSABLE:
        return None


def _build(row: ChainRow, ticker: OptionTicker, universe: Universe) -> Contract:
    row_ms = _row_ms(row)
    quote = _quote(row.last_quote, row_ms)
    return Contract(
        ticker=str(ticker),
        symbol=universe.chain.symbol,
        root=ticker.root,
        expiration=ticker.expiration,
        strike=ticker.strike,
        type=ticker.type,
        style=row.details.exercise_style,
        multiplier=row.details.shares_per_contract,
        open_interest=row.open_interest,
        ts=row_ms,
        quote=quote,
        trade=_trade(row.last_trade, row_ms),
        day=_day(row.day, row.last_trade),
        greeks=_greeks(row, quote.ts if quote else row_ms),
    )


def _row_ms(row: ChainRow) -> int:
    quoted = row.last_quote.last_updated if row.last_quote else None
    traded = row.last_trade.sip_timestamp if row.last_trade else None
    summed = row.day.last_updated if row.day else None
    return max(ms_of(stamp) or 0 for stamp in (quoted, traded, summed))


def _quote(last: LastQuote | None, row_ms: int) -> Quote | None:
    if last is None or (last.bid is None and last.ask is None):
        return None
    return Quote(
        bid=last.bid,
        ask=last.ask,
        mid=mid_price(last.bid, last.ask),
        bid_size=_count(last.bid_size),
        ask_size=_count(last.ask_size),
        ts=ms_of(last.last_updated) or row_ms,
    )


def _trade(last: LastTrade | None, row_ms: int) -> Trade | None:
    if last is None or last.price is None:
        return None
    ts = ms_of(last.sip_timestamp) or row_ms
    return Trade(price=last.price, size=_count(last.size), exchange=last.exchange, ts=ts)


def _day(bar: DayBar | None, last: LastTrade | None) -> Day | None:
    """The day's bar. The vendor stamps it with midnight, but it holds the last trade: the later of the two is its time."""
    if bar is None:
        return None
    values = {name: getattr(bar, name) for name in DayBar.__struct_fields__ if name != "last_updated"}
    if all(value is None for value in values.values()):
        return None
    stamps = [ms_of(stamp) for stamp in (bar.last_updated, last.sip_timestamp if last else None)]
    return Day(**values, ts=max((stamp for stamp in stamps if stamp is not None), default=None))


def _greeks(row: ChainRow, ts: int) -> Greeks | None:
    iv, vendor = row.implied_volatility, row.greeks
    if iv is not None and not 0 < iv < _UNSOLVED_IV:
        return None
    delta, gamma, theta, vega = (
        (vendor.delta, vendor.gamma, vendor.theta, vendor.vega) if vendor else (None,) * 4
    )
    if all(value is None for value in (iv, delta, gamma, theta, vega)):
        return None
    return Greeks(
        iv=iv,
        delta=delta,
        gamma=_not_negative(gamma),
        theta=theta,
        vega=_not_negative(vega),
        source="provider",
        ts=ts,
    )


def _not_negative(value: float | None) -> float | None:
    """A long option's gamma and vega are never below 0; the vendor's solver leaves noise of -1e-5 there."""
    return None if value is None else max(value, 0.0)


def _count(value: float | None) -> int | None:
    return None if value is None else int(value)
