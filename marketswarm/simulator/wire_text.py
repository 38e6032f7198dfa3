"""Events as they stand on the wire, ready to be joined into a frame."""

import numpy as np

from marketswarm.simulator import spot_rows
from marketswarm.simulator.answers import decimal
from marketswarm.simulator.book import Book, Rows
from marketswarm.simulator.desk import OptionTrade
from marketswarm.simulator.option_rows import fair_value
from marketswarm.simulator.tape import STOCK_ASK_EXCHANGE, STOCK_BID_EXCHANGE, Bar, Instrument

_IDS = [str(number) for number in range(400)]  # of exchanges


class QuoteTexts:
    """`Q` events of contracts. What never changes of a contract's events, and prices that were written before, are kept."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._heads: list[str] = []
        self._prices = _PriceTexts()

    def of(self, rows: Rows) -> list[str]:
        """The present quotes of contracts that were all made at one moment, in order."""
        if not len(rows):
            return []
        records, heads, prices, ids = self._book.contracts[rows], self._known_heads(), self._prices, _IDS
        names = ("bid_exchange", "ask_exchange", "bid_size", "ask_size", "sequence")
        columns = (records[name].tolist() for name in names)
        cents = (np.rint(records[side] * 100).astype(np.int64).tolist() for side in ("bid", "ask"))
        stamp = f',"t":{records["quote_ms"][0]},"q":'
        return [
            f'{heads[row]}{ids[bx]},"ax":{ids[ax]},"bp":{prices[bp]},"ap":{prices[ap]},"bs":{bs},"as":{size}{stamp}{sequence}}}'
            for row, bp, ap, bx, ax, bs, size, sequence in zip(rows.tolist(), *cents, *columns, strict=True)
        ]

    def _known_heads(self) -> list[str]:
        fresh = self._book.tickers[len(self._heads) :]
        self._heads += [f'{{"ev":"Q","sym":"{ticker}","bx":' for ticker in fresh]
        return self._heads


class _PriceTexts(dict[int, str]):
    """Cents → the number as it is written; there are as many as there are prices, so they are all kept."""

    def __missing__(self, cents: int) -> str:
        self[cents] = text = str(_number(cents / 100))
        return text


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
