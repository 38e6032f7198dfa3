"""What one would write in an afternoon: the vendor's own client, and `HGET`, merge, `HSET` for each quote.

Orders: `connect` with contracts; `count` for so long.
"""

import json
import threading
import time
from typing import Any

from massive import WebSocketClient  # type: ignore[import-untyped]
from massive.websocket.models import WebSocketMessage  # type: ignore[import-untyped]
from redis import Redis

from benchmarks.children.orders import serve_orders


class UserLoop:
    """One quote after the other, as it comes."""

    def __init__(self) -> None:
        self._quotes = 0

    def connect(self, ws: str, redis_url: str, tickers: list[str]) -> None:
        """Subscribe the contracts, and store what comes from now on."""
        redis = Redis.from_url(redis_url, decode_responses=True)
        client = WebSocketClient(
            "bench",
            feed=ws.removeprefix("ws://"),
            market="options",
            subscriptions=[f"Q.{ticker}" for ticker in tickers],
            secure=False,
        )

        def store(quotes: list[WebSocketMessage]) -> None:
            for quote in quotes:
                self._store(redis, quote)

        threading.Thread(target=client.run, args=(store,), kwargs={"proxy": None}, daemon=True).start()

    def count(self, seconds: float) -> dict[str, Any]:
        """Quotes a second over a span of time."""
        began_s, began = time.perf_counter(), self._quotes
        time.sleep(seconds)
        return {"rate": (self._quotes - began) / (time.perf_counter() - began_s)}

    def _store(self, redis: Redis, quote: Any) -> None:
        text: Any = redis.hget("chain", quote.symbol)
        contract = json.loads(text) if text else {"ticker": quote.symbol}
        contract["quote"] = {
            "bid": quote.bid_price,
            "ask": quote.ask_price,
            "mid": (quote.bid_price + quote.ask_price) / 2,
            "bid_size": quote.bid_size,
            "ask_size": quote.ask_size,
            "ts": quote.timestamp,
        }
        contract["v"] = contract.get("v", 0) + 1
        redis.hset("chain", quote.symbol, json.dumps(contract))
        self._quotes += 1


def main() -> None:
    """Serve."""
    loop = UserLoop()
    serve_orders({"connect": loop.connect, "count": loop.count})


if __name__ == "__main__":
    main()
