"""A simulated day in process: the feed's own frames, without a socket, on a clock that moves when told."""

import hashlib
import json

import numpy as np

from marketswarm.clock import ManualClock
from marketswarm.simulator.config import SimulatorConfig
from marketswarm.simulator.conversation import Conversation, Status
from marketswarm.simulator.market import Market
from marketswarm.simulator.server import SimulatorServer
from tests.support.simulated_market import new_york_ms

MOST_CONTRACTS = 1000


class Hearer:
    """A subscriber in process: counts frames and quotes, and keeps a hash of every byte, or the frames themselves."""

    def __init__(self, cluster: str, channels: list[str], *, key: str = "k", keep: bool = False) -> None:
        self.conversation = Conversation(cluster, lambda account: account, MOST_CONTRACTS)
        for action, parameters in (("auth", key), ("subscribe", ",".join(channels))):
            self.conversation.hear(json.dumps({"action": action, "params": parameters}))
        self.frames: list[str] = []
        self.count = self.quotes = 0
        self._keep, self._hash = keep, hashlib.sha256()

    @property
    def digest(self) -> str:
        """Of everything heard."""
        return self._hash.hexdigest()

    def post(self, frame: str) -> None:
        """Hear a frame."""
        self.count += 1
        self.quotes += frame.count('"ev":"Q"')
        self._hash.update(frame.encode())
        if self._keep:
            self.frames.append(frame)

    def end(self, last: Status | None) -> None:
        """Nobody ends it."""
        raise AssertionError(last)


class SimulatedDay:
    """A simulator on a clock of its own, moved tick by tick."""

    def __init__(self, start: str, **config: object) -> None:
        self.clock = ManualClock(new_york_ms(start))
        server = SimulatorServer(SimulatorConfig(**{"port": 0} | config), self.clock)
        self.market, self.feed = server.market, server.feed

    def hear(self, cluster: str, channels: list[str], *, key: str = "k", keep: bool = False) -> Hearer:
        """Let somebody hear these channels from now on."""
        hearer = Hearer(cluster, channels, key=key, keep=keep)
        self.feed.admit(hearer)
        return hearer

    def pass_until(self, moment: str, every_s: float = 1.0) -> None:
        """Tick until a moment in New York."""
        end_ms = new_york_ms(moment)
        while self.clock.now_ms() < end_ms:
            self.clock.advance(every_s)
            self.feed.tick(self.clock.now_ms())


def quotes_near_the_money(market: Market, each_side: int, symbol: int = 0) -> list[str]:
    """Quote channels of so many strikes to each side of spot, of the expiration that settles next in the evening."""
    book = market.book
    evening = [n for n, s in enumerate(book.series) if s.settles == "pm" and s.shares == 100]
    rows = book.listed_rows(symbol)
    offered = [n for n in evening if n in set(book.contracts["series"][rows].tolist())]
    first = min(offered, key=lambda n: book.series[n].settlement_ms)
    rows = rows[book.contracts["series"][rows] == first]
    strikes = np.unique(book.contracts["strike"][rows])
    centre = int(np.abs(strikes - market.spots[symbol]).argmin())
    wanted = strikes[max(0, centre - each_side) : centre + each_side + 1]
    return [f"Q.{book.tickers[row]}" for row in rows[np.isin(book.contracts["strike"][rows], wanted)]]
