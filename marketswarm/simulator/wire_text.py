"""Events as they stand on the wire, ready to be joined into a frame."""

from collections.abc import Iterable, Iterator

from marketswarm.simulator import spot_rows
from marketswarm.simulator.answers import decimal
from marketswarm.simulator.book import Book, Rows
from marketswarm.simulator.desk import OptionTrade
from marketswarm.simulator.option_rows import fair_value
from marketswarm.simulator.tape import STOCK_ASK_EXCHANGE, STOCK_BID_EXCHANGE, Bar, Instrument

# The vendor's own client refuses frames of more than 1 MiB, others read at most 1,000,000 bytes.
LARGEST_FRAME = 900_000


def frames(events: Iterable[str]) -> Iterator[str]:
    """Events as JSON arrays, none larger than a client may refuse."""
    gathered, size = list[str](), 2
    for event in events:
        if size + len(event) + 1 > LARGEST_FRAME:
            yield f"[{','.join(gathered)}]"
            gathered, size = [], 2
        gathered.append(event)
        size += len(event) + 1
    if gathered:
        yield f"[{','.join(gathered)}]"


def option_quotes(book: Book, rows: Rows) -> list[str]:
    """`Q` events of contracts, in order."""
    records, tickers = book.contracts[rows], book.tickers
    names = ("bid_exchange", "ask_exchange", "bid", "ask", "bid_size", "ask_size", "quote_ms", "sequence")
    columns = (records[name].tolist() for name in names)
    return [
        f'{{"ev":"Q","sym":"{tickers[row]}","bx":{bx},"ax":{ax},"bp":{_number(bp)},"ap":{_number(ap)},'
        f'"bs":{bs},"as":{size},"t":{ms},"q":{sequence}}}'
        for row, bx, ax, bp, ap, bs, size, ms, sequence in zip(rows.tolist(), *columns, strict=True)
    ]


def option_fair_values(book: Book, rows: Rows) -> list[str]:
    """`FMV` events of contracts, in order; their times are ns, alone among all events."""
    tickers = book.tickers
    return [
        f'{{"ev":"FMV","fmv":{fair_value(record)},"sym":"{tickers[row]}","t":{int(record["quote_ms"]) * 1_000_000}}}'
        for row, record in zip(rows.tolist(), book.contracts[rows], strict=True)
    ]


def stock_fair_value(instrument: Instrument) -> str:
    """An `FMV` event of a stock or fund."""
    value, when = spot_rows.fair_value(instrument), instrument.quote_ms * 1_000_000
    return f'{{"ev":"FMV","fmv":{value},"sym":"{instrument.profile.ticker}","t":{when}}}'


def option_trade(book: Book, trade: OptionTrade) -> str:
    """A `T` event of a contract."""
    return (
        f'{{"ev":"T","sym":"{book.tickers[trade.row]}","x":{trade.exchange},"p":{_number(trade.price)},'
        f'"s":{trade.size},"c":[{trade.condition}],"t":{trade.ms},"q":{trade.sequence}}}'
    )


def traded_bar(event: str, ticker: str, bar: Bar, end_ms: int, day: Bar) -> str:
    """An `A` or `AM` event of an option or a stock, with the running figures of its day."""
    return (
        f'{{"ev":"{event}","sym":"{ticker}","v":{bar.volume},"av":{day.volume},"op":{_number(day.open)},'
        f'"vw":{_number(round(bar.vwap, 4))},"o":{_number(bar.open)},"c":{_number(bar.close)},'
        f'"h":{_number(bar.high)},"l":{_number(bar.low)},"a":{_number(round(day.vwap, 4))},'
        f'"z":{bar.volume // max(1, bar.trades)},"s":{bar.start_ms},"e":{end_ms}}}'
    )


def stock_bar(event: str, ticker: str, bar: Bar, end_ms: int, day: Bar) -> str:
    """An `A` or `AM` event of a stock: volumes stand in it a second time, as decimals."""
    text = traded_bar(event, ticker, bar, end_ms, day)
    return f'{text[:-1]},"dv":"{decimal(bar.volume)}","dav":"{decimal(day.volume)}"}}'


def index_bar(event: str, ticker: str, bar: Bar, end_ms: int, day: Bar) -> str:
    """An `A` or `AM` event of an index: no volume."""
    return (
        f'{{"ev":"{event}","sym":"{ticker}","op":{_number(day.open)},"o":{_number(bar.open)},'
        f'"c":{_number(bar.close)},"h":{_number(bar.high)},"l":{_number(bar.low)},"s":{bar.start_ms},"e":{end_ms}}}'
    )


def index_value(instrument: Instrument) -> str:
    """A `V` event."""
    return f'{{"ev":"V","val":{_number(instrument.value)},"T":"{instrument.profile.ticker}","t":{instrument.value_ms}}}'


def stock_quote(instrument: Instrument) -> str:
    """A `Q` event of a stock."""
    return (
        f'{{"ev":"Q","sym":"{instrument.profile.ticker}","bx":{STOCK_BID_EXCHANGE},"bp":{_number(instrument.bid)},'
        f'"bs":{instrument.bid_size},"ax":{STOCK_ASK_EXCHANGE},"ap":{_number(instrument.ask)},"as":{instrument.ask_size},"c":0,'
        f'"t":{instrument.quote_ms},"q":{instrument.sequence},"z":1}}'
    )


def stock_trade(instrument: Instrument) -> str:
    """A `T` event of a stock."""
    return (
        f'{{"ev":"T","sym":"{instrument.profile.ticker}","x":{instrument.trade_exchange},'
        f'"i":"{instrument.trade_number}","z":1,"p":{_number(instrument.value)},"s":{instrument.trade_size},"c":[],'
        f'"t":{instrument.value_ms},"q":{instrument.sequence},"ds":"{decimal(instrument.trade_size)}"}}'
    )


def _number(value: float) -> float:
    whole = int(value)
    return whole if whole == value else value
