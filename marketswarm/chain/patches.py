"""The latest state of a contract as patches for the Lua step: flat canonical members, `null` for what is unknown now."""

from functools import lru_cache

from msgspec import UNSET, UnsetType

from marketswarm.chain.conflate import Latest
from marketswarm.chain.stored import Change
from marketswarm.model.contract import Day, mid_price, number_text
from marketswarm.model.update import QuoteUpdate, TradeUpdate


def changes_of(latest: Latest) -> list[Change]:
    """One change for each section that waits."""
    ticker, quote, trade, day = latest.ticker, latest.quote, latest.trade, latest.day
    changes = []
    if latest.quote_waits and quote is not None:
        changes.append(Change(ticker, "quote", quote.ts, quote.seq or None, quote_patch(quote)))
    if latest.trade_waits and trade is not None:
        changes.append(Change(ticker, "trade", trade.ts, trade.seq or None, trade_patch(trade)))
    if latest.day_waits and day is not None:
        changes.append(Change(ticker, "day", day.ts or 0, None, day_patch(day)))
    return changes


def quote_patch(quote: QuoteUpdate) -> str:
    """A whole quote; the mid is absent where nobody offers or the market is crossed."""
    return (
        f"{_prices_text(quote.bid, quote.ask)},"
        f'"bid_size":{_text(quote.bid_size)},"ask_size":{_text(quote.ask_size)},"ts":{quote.ts}'
    )


@lru_cache(maxsize=16_384)  # prices come back again and again, and making their text is most of the work
def _prices_text(bid: float, ask: float) -> str:
    bid, ask = bid + 0.0, ask + 0.0  # -0.0 is found under 0.0, and is to be the same text
    return f'"bid":{number_text(bid)},"ask":{number_text(ask)},"mid":{_text(mid_price(bid, ask))}'


def trade_patch(trade: TradeUpdate) -> str:
    """A whole trade."""
    return (
        f'"price":{number_text(trade.price)},"size":{number_text(trade.size)},'
        f'"exchange":{_text(trade.exchange)},"ts":{trade.ts}'
    )


def day_patch(day: Day) -> str:
    """A whole day's bar; what is unknown is not touched, since bars never take knowledge away."""
    return ",".join(
        f'"{name}":{number_text(value)}' for name, value in day.model_dump(exclude_none=True).items()
    )


def _text(value: float | UnsetType | None) -> str:
    if type(value) is int:
        return str(value)
    return "null" if value is None or value is UNSET else number_text(value)
