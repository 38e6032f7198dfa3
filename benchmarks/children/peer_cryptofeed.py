"""cryptofeed's own writers to Redis, told of quotes by objects in memory: no socket and no decoding before them.

Runs in an environment of its own, where cryptofeed is installed. Orders: `write` so many quotes with one kind of writer.
"""

import asyncio
import random
import time
from decimal import Decimal
from typing import Any

from cryptofeed.backends.redis import BookSnapshotRedisKey, TickerRedis, TickerStream
from cryptofeed.types import OrderBook, Ticker

from benchmarks.children.orders import serve_orders

_EXCHANGE = "BENCH"
_BATCH = 100  # quotes that come at once, as in a frame; then the writer gets its turn
_WRITERS = {"stream": TickerStream, "zset": TickerRedis, "last": BookSnapshotRedisKey}


def write(kind: str, port: int, tickers: list[str], quotes: int) -> dict[str, Any]:
    """Seconds until the last quote has been written, and each ticker's last bid.

    Args:
        kind: `stream` appends, `zset` keeps all by time, `last` keeps the last value of each ticker.
    """
    return asyncio.run(_write(kind, port, tickers, quotes))


async def _write(kind: str, port: int, tickers: list[str], quotes: int) -> dict[str, Any]:
    writer = _WRITERS[kind](host="127.0.0.1", port=port)
    writer.snapshots_only = True  # the last one is told so by its maker, and forgets it
    made = _quotes(tickers, quotes, books=kind == "last")
    writer.start(asyncio.get_running_loop())
    began_s = time.perf_counter()
    for at, (_, _, quote, now_s) in enumerate(made):
        await writer(quote, now_s)
        if at % _BATCH == _BATCH - 1:
            await asyncio.sleep(0)
    await writer.queue.join()
    took_s = time.perf_counter() - began_s
    writer.worker.cancel()  # not stop(): the last one would fall over its own end
    await asyncio.gather(writer.worker, return_exceptions=True)
    return {"took_s": took_s, "last": {ticker: bid for ticker, bid, _, _ in made}}


def _quotes(tickers: list[str], quotes: int, *, books: bool) -> list[tuple[str, float, Any, float]]:
    """Made before the clock runs: round after round over all tickers, in orders of their own."""
    chance = random.Random(1)
    made = []
    now_s = time.time()
    while len(made) < quotes:
        for ticker in chance.sample(tickers, len(tickers)):
            bid = Decimal(chance.randint(1, 100_000)) / 100
            ask = bid + Decimal("0.05")
            stamp = now_s + len(made) / 1e6
            quote = _book(ticker, bid, ask, stamp) if books else Ticker(_EXCHANGE, ticker, bid, ask, stamp)
            made.append((ticker, float(bid), quote, stamp))
    return made[:quotes]


def _book(ticker: str, bid: Decimal, ask: Decimal, stamp: float) -> OrderBook:
    book = OrderBook(_EXCHANGE, ticker, bids={bid: Decimal(1)}, asks={ask: Decimal(1)})
    book.timestamp = stamp
    return book


def main() -> None:
    """Serve."""
    serve_orders({"write": write})


if __name__ == "__main__":
    main()
