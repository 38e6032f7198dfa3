"""The set-up that several measurements share: the stored chains, stream workers on them, and a feed of our own."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from msgspec.json import decode

from benchmarks.children.orders import Child, child
from benchmarks.settings import CONTRACTS, EACH_SIDE, SYMBOLS, BenchSettings, say
from benchmarks.usage import Usage, Used
from tests.support.spine import WORKER, Spine, spine

KEY = "bench"
_LOG_END = 1_500  # characters
_PATIENCE_S, _LOOK_S = 30.0, 0.01
_PRICES, _WHOLE = slice(2), slice(None)  # of a quote: bid, ask, their sizes, time
_REACH_MS = 2_000  # what was sent last is read a little later
_WARM_RATE, _WARM_S, _WARM_TRIES = 2_000, 1.0, 40
_LEAST_SHARE = 0.97  # of its rate that a feed must have sent


@dataclass(slots=True)
class StreamStage:
    """The stream under test, and who stands around it."""

    spine: Spine
    feed: Child
    reader: Child
    workers: tuple[str, ...] = ("stream",)

    @property
    def redis_url(self) -> str:
        """The data store."""
        return self.spine.env["MARKETSWARM_REDIS_URL"]

    def use_of_streams(self) -> Usage:
        """Begin to count what the stream workers use."""
        return Usage(*(self.spine.processes[name].pid for name in self.workers))

    def use_of_server(self) -> Usage:
        """Begin to count what the store uses."""
        return Usage(int(self.spine.redis.info("server")["process_id"]))

    def contracts(self) -> dict[str, dict[str, Any]]:
        """The stored contracts of all chains."""
        with self.spine.redis.pipeline(transaction=False) as asked:
            for chain in self._chains():
                asked.hgetall(chain)
            return {name: decode(text) for rows in asked.execute() for name, text in rows.items()}

    def _some(self, tickers: Sequence[str]) -> dict[str, dict[str, Any]]:
        """These contracts alone: whoever looks often must not take the machine from what it looks at."""
        with self.spine.redis.pipeline(transaction=False) as asked:
            for chain in self._chains():
                asked.hmget(chain, tickers)
            rows = asked.execute()
        return {name: decode(text) for row in rows for name, text in zip(tickers, row, strict=True) if text}

    def _chains(self) -> list[str]:
        days = self.spine.redis.hgetall("chaincurrent")
        return [f"chain:{symbol}:{days[symbol]}" for symbol in SYMBOLS]

    def tickers(self) -> list[str]:
        """Their names."""
        return list(self.contracts())

    def wrong_prices(self, last: dict[str, list[Any]]) -> int:
        """How many contracts do not hold the bid and ask that were sent last."""
        return _unlike(self.contracts(), last, _PRICES)

    def wrong_quotes(self, last: dict[str, list[Any]]) -> int:
        """How many contracts do not hold the last quote that was sent."""
        return _unlike(self.contracts(), last, _WHOLE)

    def gaps(self) -> int:
        """How many gaps the streams have announced so far, over all symbols."""
        told = (self.spine.redis.hget(f"stream:{symbol}", "gaps") for symbol in SYMBOLS)
        return sum(int(gaps or 0) for gaps in told)

    def with_local_greeks(self) -> int:
        """How many contracts have greeks that were computed from quotes."""
        all_greeks = (contract.get("greeks", {}) for contract in self.contracts().values())
        return sum(greeks.get("source") == "local" and "delta" in greeks for greeks in all_greeks)

    def wait_drained(self, last: dict[str, list[Any]]) -> float:
        """Wait until the prices that were sent last are readable; the wall time in ms when they were, or when patience ended."""
        newest = max(quote[-1] for quote in last.values())
        closing = {ticker: quote for ticker, quote in last.items() if quote[-1] == newest}
        return _when(lambda: not _unlike(self._some(list(closing)), closing, _PRICES), _PATIENCE_S)

    def wait_prices(self, last: dict[str, list[Any]], patience_s: float = _PATIENCE_S) -> float:
        """Wait until every contract holds its last prices; the wall time in ms as above."""
        return _when(lambda: not _unlike(self.contracts(), last, _PRICES), patience_s)

    def wait_right(self, last: dict[str, list[Any]], patience_s: float = _PATIENCE_S) -> float:
        """Wait until every contract holds its last quote, with sizes, which may come later; the wall time in ms as above."""
        return _when(lambda: not self.wrong_quotes(last), patience_s)


def _unlike(stored: Mapping[str, Any], last: Mapping[str, list[Any]], members: slice) -> int:
    return sum(_quote_of(stored.get(ticker, {}))[members] != quote[members] for ticker, quote in last.items())


def _when(holds: Callable[[], bool], patience_s: float) -> float:
    end_s = time.monotonic() + patience_s
    while not holds() and time.monotonic() < end_s:
        time.sleep(_LOOK_S)
    return time.time() * 1000


@dataclass(frozen=True, slots=True)
class Paced:
    """What became of quotes sent at a rate.

    Attributes:
        lags: of the quotes that were readable, in ms: `all`, those of the `first` third and of the `last`; and `entries`
            of the feed, `jumps` in its numbers.
        kept_up: whether the feed could send as fast as it was to: a client that does not read holds it up.
        wrong: contracts that did not hold the last quote in the end.
    """

    lags: dict[str, Any]
    rate: float
    kept_up: bool
    wrong: int
    streams: Used
    server: Used


def paced(stage: StreamStage, *, frame: int, seconds: float, rate: float) -> Paced:
    """Send at a rate, and wait until the last values are readable."""
    stage.feed.ask("prepare", frame=frame)
    stage.reader.ask("begin", url=stage.redis_url)
    streams, server = stage.use_of_streams(), stage.use_of_server()
    sent = stage.feed.ask("run", frame=frame, seconds=seconds, rate=rate)
    used = streams.end(), server.end()
    reach_ms = max(stage.wait_right(sent["last"]), sent["ended_ms"] + _REACH_MS)
    lags: dict[str, Any] = stage.reader.ask("end", from_ms=sent["began_ms"], until_ms=reach_ms)
    done = sent["sent"] / sent["took_s"]
    return Paced(lags, done, done >= _LEAST_SHARE * rate, stage.wrong_quotes(sent["last"]), *used)


@contextmanager
def market_process(
    settings: BenchSettings, name: str, **config: Any
) -> Iterator[tuple[Child, dict[str, str]]]:
    """The simulator as a process, and its bases."""
    with child("market", settings.room(name)) as market:
        yield market, market.ask("start", seed=7, **config)


@contextmanager
def stream_stage(
    settings: BenchSettings, name: str, *, each_side: int = EACH_SIDE, workers: int = 1
) -> Iterator[StreamStage]:
    """Everything live: chains from the simulator, quotes from our own feed.

    Args:
        each_side: strikes to each side of spot.
        workers: stream workers, each with a connection of its own.
    """
    folder = settings.room(name)
    settled = {"MASSIVE_API_KEY": KEY, "MARKETSWARM_STRIKES_EACH_SIDE": str(each_side)}
    if workers > 1:
        settled["MARKETSWARM_CONNECTIONS"] = str(workers)
    with ExitStack() as stack:
        _, bases = stack.enter_context(market_process(settings, name, events_per_second=0.0))
        feed = stack.enter_context(child("feed", folder))
        reader = stack.enter_context(child("reader", folder))
        running = stack.enter_context(spine(folder, bases["rest"], feed.ask("address"), **settled))
        say(f"{name}: starting worker, {'stream worker' if workers == 1 else 'stream workers'} and feed")
        running.start("worker", *WORKER)
        names = tuple(f"stream{at}" if at else "stream" for at in range(workers))
        for each in names:
            running.start(each, *_stream_as_up_does(each))
        try:
            feed.ask("wait", contracts=contracts_of(each_side))
            _warm_up(running, feed)
        except RuntimeError:
            _say_ends_of_logs(running, names)
            raise
        yield StreamStage(running, feed, reader, names)


def _say_ends_of_logs(running: Spine, names: Sequence[str]) -> None:
    for name in ("worker", *names):
        say(f"{name} said at last: {running.log(name)[-_LOG_END:]}")


def contracts_of(each_side: int) -> int:
    """How many contracts the chains of all symbols have with so many strikes to each side: calls and puts."""
    return CONTRACTS * (2 * each_side + 1) // (2 * EACH_SIDE + 1)


def _stream_as_up_does(name: str) -> tuple[str, ...]:
    return ("worker", "-n", f"{name}@%h", "-Q", "stream", "--streams", "-c", "1", "--without-gossip",
            "--without-mingle")  # fmt: skip


def _warm_up(running: Spine, feed: Child) -> None:
    """A trickle of quotes, until every chain is live."""
    for _ in range(_WARM_TRIES):
        feed.ask("run", frame=100, seconds=_WARM_S, rate=_WARM_RATE)
        if all(running.meta(symbol).get("state") == "live" for symbol in SYMBOLS):
            return
    running.wait_live(*SYMBOLS, timeout_s=0.1)


def _quote_of(contract: dict[str, Any]) -> list[Any]:
    quote = contract.get("quote", {})
    return [quote.get(name) for name in ("bid", "ask", "bid_size", "ask_size", "ts")]
