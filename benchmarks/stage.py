"""The set-up that several measurements share: the stored chains, a stream worker on them, and a feed of our own."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import psutil

from benchmarks.children.orders import Child, child
from benchmarks.settings import CONTRACTS, SYMBOLS, BenchSettings, say
from tests.support.spine import WORKER, Spine, spine

KEY = "bench"
STREAM_AS_UP_DOES = (
    "worker", "-n", "stream@%h", "-Q", "stream", "--streams", "-c", "1", "--without-gossip", "--without-mingle",
)  # fmt: skip
_WARM_RATE, _WARM_S, _WARM_TRIES = 2_000, 1.0, 40
_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Used:
    """What a process used over a span of time: share of one core, and resident memory at its end."""

    cpu: float
    rss_mb: float


class Usage:
    """Begins to count the use of a process and its children."""

    def __init__(self, pid: int) -> None:
        self._family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        self._began_s, self._busy_s = time.perf_counter(), self._busy()

    def so_far(self) -> Used:
        """Since it began."""
        took_s = time.perf_counter() - self._began_s
        resident = sum(process.memory_info().rss for process in self._family)
        return Used((self._busy() - self._busy_s) / took_s, resident / _MB)

    def _busy(self) -> float:
        return sum(sum(process.cpu_times()[:2]) for process in self._family)


@dataclass(slots=True)
class StreamStage:
    """The stream under test, and who stands around it."""

    spine: Spine
    feed: Child
    reader: Child

    @property
    def redis_url(self) -> str:
        """The data store."""
        return self.spine.env["MARKETSWARM_REDIS_URL"]

    def pid_of_server(self) -> int:
        """The store's process."""
        return int(self.spine.redis.info("server")["process_id"])

    def tickers(self) -> list[str]:
        """The stored contracts of all chains."""
        return [name for symbol in SYMBOLS for name in self.spine.chain(symbol)]

    def wrong_quotes(self, last: dict[str, list[Any]]) -> int:
        """How many contracts do not hold the last quote that was sent."""
        stored = {name: row for symbol in SYMBOLS for name, row in self.spine.chain(symbol).items()}
        return sum(_quote_of(stored.get(ticker, {})) != quote for ticker, quote in last.items())

    def wait_drained(self, last: dict[str, list[Any]], patience_s: float = 30.0) -> float:
        """Wait until the last values are readable; the wall time in ms when they were, or when patience ended."""
        end_s = time.monotonic() + patience_s
        newest = max(last.values(), key=lambda quote: int(quote[-1]))[-1]
        closing = {ticker: quote for ticker, quote in last.items() if quote[-1] == newest}
        while self.wrong_quotes(closing) and time.monotonic() < end_s:
            time.sleep(0.005)
        return time.time() * 1000


@contextmanager
def market_process(
    settings: BenchSettings, name: str, **config: Any
) -> Iterator[tuple[Child, dict[str, str]]]:
    """The simulator as a process, and its bases."""
    with child("market", settings.room(name)) as market:
        yield market, market.ask("start", seed=7, **config)


@contextmanager
def stream_stage(settings: BenchSettings, name: str) -> Iterator[StreamStage]:
    """Everything live: chains from the simulator, quotes from our own feed."""
    folder = settings.room(name)
    with ExitStack() as stack:
        _, bases = stack.enter_context(market_process(settings, name, events_per_second=0.0))
        feed = stack.enter_context(child("feed", folder))
        reader = stack.enter_context(child("reader", folder))
        running = stack.enter_context(spine(folder, bases["rest"], feed.ask("address"), MASSIVE_API_KEY=KEY))
        say(f"{name}: starting worker, stream worker and feed")
        running.start("worker", *WORKER)
        running.start("stream", *STREAM_AS_UP_DOES)
        feed.ask("wait", contracts=CONTRACTS)
        _warm_up(running, feed)
        yield StreamStage(running, feed, reader)


def _warm_up(running: Spine, feed: Child) -> None:
    """A trickle of quotes, until every chain is live."""
    for _ in range(_WARM_TRIES):
        feed.ask("run", frame=100, seconds=_WARM_S, rate=_WARM_RATE)
        if all(running.meta(symbol).get("state") == "live" for symbol in SYMBOLS):
            return
    running.wait_live(*SYMBOLS, timeout_s=0.1)


def sent_fast_enough(sent: dict[str, Any], rate: float) -> bool:
    """Whether the feed could keep to its rate: a client that does not read holds it up."""
    return bool(sent["sent"] / sent["took_s"] >= 0.97 * rate)


def _quote_of(contract: dict[str, Any]) -> list[Any]:
    quote = contract.get("quote", {})
    return [quote.get(name) for name in ("bid", "ask", "bid_size", "ask_size", "ts")]


def prepared(feed: Child, frames: Sequence[int]) -> None:
    """Make the frames before the clock runs."""
    for frame in frames:
        feed.ask("prepare", frame=frame)
