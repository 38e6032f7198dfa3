"""What the vendor sends, field by field, under the vendor's names. Pure: shapes only, nothing is computed here.

Streamed events extend the model's updates, so that one decode of a frame already gives what every stage reads. Only the
fields that somebody reads are declared; all others are ignored. WebSocket times are ms, REST times are ns.
"""

from datetime import date
from typing import Annotated, ClassVar

from msgspec import UNSET, Meta, Raw, Struct, UnsetType, field

from marketswarm.model.update import BarUpdate, QuoteUpdate, TradeUpdate

# A stamp of the wrong unit (seconds, ns) would order everything behind it wrongly: what is no ms between 2001 and 2286 is
# refused. A price of 0 says that nobody quotes the side; below 0 there is none.
StampMs = Annotated[int, Meta(ge=10**12, lt=10**13)]
# REST stamps fit 64 bits (until 2262); 0 stands for none.
StampNs = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Price = Annotated[float, Meta(ge=0, le=1e9)]
Size = Annotated[int, Meta(ge=0)]
Ticker = Annotated[str, Meta(min_length=1)]


class QuoteEvent(QuoteUpdate, tag_field="ev", tag="Q", gc=False):
    """`Q`: the national best bid and offer of one contract."""

    is_checked: ClassVar[bool] = True  # by `Price`

    ticker: Ticker = field(name="sym")
    ts: StampMs = field(name="t")
    bid: Price = field(name="bp")
    ask: Price = field(name="ap")
    seq: int = field(name="q", default=0)
    bid_size: Size | UnsetType = field(name="bs", default=UNSET)
    ask_size: Size | UnsetType = field(name="as", default=UNSET)


class TradeEvent(TradeUpdate, tag_field="ev", tag="T", gc=False):
    """`T`: one trade."""

    ticker: Ticker = field(name="sym")
    ts: StampMs = field(name="t")
    price: Price = field(name="p")
    size: Size = field(name="s")
    seq: int = field(name="q", default=0)
    exchange: int | UnsetType = field(name="x", default=UNSET)


class SecondBarEvent(BarUpdate, tag_field="ev", tag="A", gc=False):
    """`A`: the bar of one second. Its time is its end, when it is known."""

    ticker: Ticker = field(name="sym")
    ts: StampMs = field(name="e")
    close: Price = field(name="c")
    high: Price = field(name="h")
    low: Price = field(name="l")
    day_volume: Price | UnsetType = field(name="av", default=UNSET)
    day_open: Price | UnsetType = field(name="op", default=UNSET)
    day_vwap: Price | UnsetType = field(name="a", default=UNSET)


class MinuteBarEvent(SecondBarEvent, tag_field="ev", tag="AM", gc=False):
    """`AM`: the bar of one minute, in the shape of the bar of a second."""


class StatusEvent(Struct, tag_field="ev", tag="status", gc=False):
    """What the server says of the connection or of one channel."""

    status: str
    message: str = ""


DataEvent = QuoteEvent | TradeEvent | SecondBarEvent | MinuteBarEvent
EVENT_KINDS = frozenset({"Q", "T", "A", "AM", "status"})


class Envelope(Struct):
    """The frame of a REST answer. A list of rows stands in `results` or `tickers`, each still undecoded."""

    status: str = ""
    results: list[Raw] | None = None
    tickers: list[Raw] | None = None
    next_url: str | None = None
    error: str | None = None
    message: str | None = None


class Refusal(Struct):
    """The text of a refused request: one or the other member carries it."""

    status: str = ""
    error: str | None = None
    message: str | None = None


class Details(Struct):
    """Identity of a contract in a snapshot row."""

    ticker: str
    contract_type: str
    expiration_date: date
    strike_price: float
    exercise_style: str = "unknown"
    shares_per_contract: float = 100.0


class DayBar(Struct):
    """The contract's bar of the session; `{}` when it has none."""

    open: float | None = None
    high: float | None = None
    low: float | None = None
    close: float | None = None
    volume: float | None = None
    vwap: float | None = None
    previous_close: float | None = None
    change: float | None = None
    change_percent: float | None = None
    last_updated: StampNs | None = None


class LastQuote(Struct):
    """The last quote of a snapshot row."""

    bid: float | None = None
    ask: float | None = None
    bid_size: float | None = None
    ask_size: float | None = None
    last_updated: StampNs | None = None
    timeframe: str | None = None


class LastTrade(Struct):
    """The last trade of a snapshot row. Contracts carry `sip_timestamp`, stocks `last_updated`."""

    price: float | None = None
    size: float | None = None
    exchange: int | None = None
    sip_timestamp: StampNs | None = None
    last_updated: StampNs | None = None
    timeframe: str | None = None


class VendorGreeks(Struct):
    """The vendor's greeks; `{}` when it could not solve them."""

    delta: float | None = None
    gamma: float | None = None
    theta: float | None = None
    vega: float | None = None


class UnderlyingAsset(Struct):
    """Spot as a chain row states it: `price` for stocks and funds, `value` for indices."""

    ticker: str = ""
    price: float | None = None
    value: float | None = None
    last_updated: StampNs | None = None
    timeframe: str | None = None


class ChainRow(Struct):
    """One contract of the chain snapshot."""

    details: Details
    day: DayBar | None = None
    last_quote: LastQuote | None = None
    last_trade: LastTrade | None = None
    greeks: VendorGreeks | None = None
    implied_volatility: float | None = None
    open_interest: float | None = None
    underlying_asset: UnderlyingAsset | None = None


class ListedContract(Struct):
    """One row of the contracts reference."""

    ticker: str
    expiration_date: date
    strike_price: float
    shares_per_contract: float = 100.0


class SessionPrices(Struct):
    """The session of a unified or index snapshot row."""

    price: float | None = None
    close: float | None = None
    previous_close: float | None = None


class MinuteBar(Struct):
    """The last minute of a unified snapshot row."""

    close: float | None = None
    last_updated: StampNs | None = None


class SnapshotRow(Struct):
    """One row of the unified or the indices snapshot; `error` says why a ticker has none."""

    ticker: str
    value: float | None = None
    last_updated: StampNs | None = None
    timeframe: str | None = None
    session: SessionPrices | None = None
    last_trade: LastTrade | None = None
    last_quote: LastQuote | None = None
    last_minute: MinuteBar | None = None
    error: str | None = None
    message: str | None = None


class StockTrade(Struct):
    """`lastTrade` of the stocks snapshot."""

    price: float | None = field(name="p", default=None)
    ts_ns: StampNs | None = field(name="t", default=None)


class StockQuote(Struct):
    """`lastQuote` of the stocks snapshot: capitals are the ask."""

    bid: float | None = field(name="p", default=None)
    ask: float | None = field(name="P", default=None)
    ts_ns: StampNs | None = field(name="t", default=None)


class StockBar(Struct):
    """A bar of the stocks snapshot or of the aggregates; `t` is ms here."""

    close: float | None = field(name="c", default=None)
    ts_ms: StampMs | None = field(name="t", default=None)


class StockRow(Struct):
    """One ticker of the stocks snapshot."""

    ticker: str
    last_trade: StockTrade | None = field(name="lastTrade", default=None)
    last_quote: StockQuote | None = field(name="lastQuote", default=None)
    minute: StockBar | None = field(name="min", default=None)
    day: StockBar | None = None
    previous_day: StockBar | None = field(name="prevDay", default=None)
    updated: StampNs | None = None
