"""Builders of the things that tests are about, with one word for what matters in each."""

from datetime import date
from typing import Any

from marketswarm.model.chain import ChainId
from marketswarm.model.contract import Contract, Quote, mid_price
from marketswarm.model.ticker import OptionTicker
from marketswarm.model.update import BarUpdate, QuoteUpdate, TradeUpdate

DAY = date(2026, 11, 23)
SPX = ChainId("SPX", DAY)
EXPIRE_MS = 4_102_444_800_000  # far away


def ticker(strike: float = 6800, type: str = "call", root: str = "SPXW") -> str:
    """An option ticker."""
    return str(OptionTicker(root, DAY, type, round(strike * 1000)))  # type: ignore[arg-type]


def contract(
    strike: float = 6800,
    type: str = "call",
    *,
    bid: float = 1.6,
    ask: float = 1.65,
    ts: int = 1000,
    **more: Any,
):
    """A contract with a quote."""
    quote = Quote(bid=bid, ask=ask, mid=mid_price(bid, ask), bid_size=10, ask_size=20, ts=ts)
    fields = {
        "ticker": ticker(strike, type),
        "symbol": "SPX",
        "root": "SPXW",
        "expiration": DAY,
        "strike": strike,
        "type": type,
        "style": "european",
        "multiplier": 100,
        "open_interest": 4501,
        "ts": ts,
        "quote": quote,
    }
    return Contract(**(fields | more))


def ladder(low: int = 6780, high: int = 6820, step: int = 5, **more: Any) -> list[Contract]:
    """Calls and puts over a range of strikes."""
    return [
        contract(strike, type, **more) for strike in range(low, high + 1, step) for type in ("call", "put")
    ]


def quote(
    name: str | None = None, *, bid: float = 1.7, ask: float = 1.75, ts: int = 2000, seq: int = 1
) -> QuoteUpdate:
    """A quote from the feed."""
    return QuoteUpdate(ticker=name or ticker(), ts=ts, bid=bid, ask=ask, seq=seq, bid_size=5, ask_size=6)


def trade(
    name: str | None = None, *, price: float = 1.7, size: int = 2, ts: int = 2000, seq: int = 1
) -> TradeUpdate:
    """A trade from the feed."""
    return TradeUpdate(ticker=name or ticker(), ts=ts, price=price, size=size, seq=seq, exchange=302)


def bar(
    name: str | None = None,
    *,
    close: float = 1.7,
    high: float = 1.8,
    low: float = 1.6,
    ts: int = 2000,
    volume: int = 10,
):
    """A bar from the feed."""
    return BarUpdate(
        ticker=name or ticker(),
        ts=ts,
        close=close,
        high=high,
        low=low,
        day_volume=volume,
        day_open=1.5,
        day_vwap=1.65,
    )
