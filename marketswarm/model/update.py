"""What a live feed says of one contract: typed for speed, since these are made hundreds of thousands of times a second.

`seq` is the vendor's sequence: it orders events of the same kind and contract within one millisecond, and skips numbers.
"""

from typing import ClassVar

from msgspec import UNSET, Struct, UnsetType


class QuoteUpdate(Struct, gc=False):
    """A new best bid and offer: the whole quote.

    Attributes:
        is_checked: whether whoever makes this type of it lets no negative price pass.
    """

    is_checked: ClassVar[bool] = False

    ticker: str
    ts: int
    bid: float
    ask: float
    seq: int = 0
    bid_size: int | UnsetType = UNSET
    ask_size: int | UnsetType = UNSET


class TradeUpdate(Struct, gc=False):
    """A trade."""

    ticker: str
    ts: int
    price: float
    size: int
    seq: int = 0
    exchange: int | UnsetType = UNSET


class BarUpdate(Struct, gc=False):
    """A finished bar of seconds or a minute, with the running totals of the day.

    `high`, `low` and `close` are the bar's own; `day_open`, `day_volume` and `day_vwap` the session's so far.
    """

    ticker: str
    ts: int
    close: float
    high: float
    low: float
    day_volume: float | UnsetType = UNSET
    day_open: float | UnsetType = UNSET
    day_vwap: float | UnsetType = UNSET


Update = QuoteUpdate | TradeUpdate | BarUpdate
