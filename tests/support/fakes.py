"""Fakes of the ports: a provider and a feed that do as they are told."""

from collections import deque
from collections.abc import Collection, Sequence
from datetime import date

from marketswarm.clock import ManualClock
from marketswarm.errors import MarketSwarmError
from marketswarm.model.chain import ChainId, ChainRows, Listing
from marketswarm.model.contract import Contract, Section
from marketswarm.model.spot import SpotReading, SpotReadings
from marketswarm.model.ticker import OptionTicker
from marketswarm.ports import BadFrames, FeedFrame, FeedNotice, FeedStatus
from tests.support.builders import DAY, contract


class FakeMarket:
    """A provider with one ladder of strikes for every chain; `failures` makes the next call of that name raise.

    `roots` says for a chain or an expiration of which roots it lists contracts, one root a symbol where it says nothing.
    """

    def __init__(self, low: int = 6500, high: int = 7100, step: int = 5, spot: float = 6801.5) -> None:
        self.strikes = tuple(float(strike) for strike in range(low, high + 1, step))
        self.spot = spot
        self.days = [DAY]
        self.ts = 1000
        self.bid = 1.6
        self.lacking: set[float] = set()
        self.failures: dict[str, MarketSwarmError] = {}
        self.calls: list[str] = []
        self.roots: dict[ChainId | date, tuple[str, ...]] = {}

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if name in self.failures:
            raise self.failures.pop(name)

    def spots(self, symbols: Sequence[str]) -> SpotReadings:
        self._call("spots")
        if self.spot <= 0:
            return SpotReadings({}, dict.fromkeys(symbols, "unified: nothing"))
        return SpotReadings(
            {symbol: SpotReading(symbol, self.spot, self.ts, "unified") for symbol in symbols}
        )

    def expirations(self, symbol: str, from_day: date, count: int) -> list[date]:
        self._call("expirations")
        return [day for day in self.days if day >= from_day][:count]

    def listing(self, chain: ChainId) -> Listing:
        self._call("listing")
        roots = self._roots_of(chain)
        return Listing(chain, self.strikes if roots else (), 2 * len(self.strikes) * len(roots))

    def chain_rows(self, chain: ChainId, low: float, high: float) -> ChainRows:
        self._call("chain_rows")
        strikes = [strike for strike in self.strikes if low <= strike <= high and strike not in self.lacking]
        rows = [
            self._row(OptionTicker(root, chain.expiration, kind, round(strike * 1000)), chain.symbol)
            for strike in strikes
            for root in self._roots_of(chain)
            for kind in ("call", "put")
        ]
        return ChainRows(chain, {row.ticker: row for row in rows})

    def _roots_of(self, chain: ChainId) -> tuple[str, ...]:
        usual = ("SPXW" if chain.symbol == "SPX" else chain.symbol,)
        return self.roots.get(chain, self.roots.get(chain.expiration, usual))

    def _row(self, ticker: OptionTicker, symbol: str) -> Contract:
        return contract(
            ticker.strike,
            ticker.type,
            bid=self.bid,
            ask=self.bid + 0.05,
            ts=self.ts,
            ticker=str(ticker),
            symbol=symbol,
            root=ticker.root,
            expiration=ticker.expiration,
        )


class FakeFeed:
    """A feed that gives what is put into it; `confirm` acknowledges everything that is wanted."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.items: deque[FeedFrame | FeedNotice] = deque()
        self.wanted: set[str] = set()
        self.order: list[str] = []
        self.acknowledged: set[str] = set()
        self.up = False
        self.bad = BadFrames()
        self.stopped = 0
        self.queued = 0
        self.allowed = 1
        self.not_streamed: tuple[Section, ...] = ()
        self.delayed = False
        self.expects_data = False

    def expect_data(self, expected: bool) -> None:
        self.expects_data = expected

    def allow(self, connections: int) -> None:
        self.allowed = connections

    def want(self, tickers: Collection[str]) -> None:
        self.wanted, self.order = set(tickers), list(tickers)
        self.acknowledged &= self.wanted

    def send(self, *updates) -> None:
        self.items.append(FeedFrame(self.clock.monotonic_s(), updates))

    def confirm(self) -> None:
        self.up, self.acknowledged = True, set(self.wanted)
        self.items.append(FeedNotice("confirmed"))

    def lose(self, reason: str = "closed 1006") -> None:
        self.up, self.acknowledged = False, set()
        self.items.append(FeedNotice("lost", reason))

    def poll(self, timeout_s: float) -> list[FeedFrame | FeedNotice]:
        found, self.items = list(self.items), deque()
        return found

    def confirmed(self) -> set[str]:
        return self.acknowledged

    def status(self) -> FeedStatus:
        state = "streaming" if self.up else "connecting"
        return FeedStatus(
            state,
            desired=len(self.wanted),
            confirmed=len(self.acknowledged),
            queued_frames=self.queued,
            not_streamed=self.not_streamed,
            delayed=self.delayed,
        )

    def queued_frames(self) -> int:
        return self.queued

    def take_bad_frames(self) -> BadFrames:
        bad, self.bad = self.bad, BadFrames()
        return bad

    def stop(self) -> None:
        self.stopped += 1
