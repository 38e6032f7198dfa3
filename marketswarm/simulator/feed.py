"""The WebSocket clusters: who is connected, and what happens in the market told to those who asked for it."""

import asyncio
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from marketswarm.clock import Clock
from marketswarm.simulator import wire_text
from marketswarm.simulator.audience import TOPICS, Audience
from marketswarm.simulator.bars import Bars
from marketswarm.simulator.config import RATED_CONTRACTS, SimulatorConfig
from marketswarm.simulator.connection import Connection
from marketswarm.simulator.conversation import MAX_CONNECTIONS
from marketswarm.simulator.desk import OptionTrade
from marketswarm.simulator.market import Market
from marketswarm.simulator.spot_feed import Round, SpotFeed
from marketswarm.simulator.tape import Bar

_IDLE_TICK_S = 0.1
_WILDCARD_TRADES_SHARE = 0.03
_LONGEST_TICK_S = 0.25


class Feed:
    """Moves the market on and sends what happened, tick by tick.

    Args:
        config: rates and limits.

    Attributes:
        is_held: the market stands still: no time passes in it and nothing happens.
    """

    def __init__(self, market: Market, config: SimulatorConfig, clock: Clock) -> None:
        self._market, self._config, self._clock = market, config, clock
        self._members: dict[str, list[Connection]] = defaultdict(list)
        self._audiences: dict[Connection, Audience] = {}
        self._spots = SpotFeed(market, config.events_per_second)
        self._bars = {"A": Bars[int](1000), "AM": Bars[int](60_000)}
        self._last_ms = market.now_ms
        self.is_held = False

    def admit(self, connection: Connection) -> None:
        """Take in an authenticated connection; the account's oldest ones beyond its allowance are evicted."""
        members = self._members[connection.conversation.cluster]
        account = connection.conversation.account
        held = [other for other in members if other.conversation.account == account]
        for oldest in held[: max(0, len(held) + 1 - self._config.connections)]:
            oldest.end(MAX_CONNECTIONS)
            self.leave(oldest)
        members.append(connection)
        if connection.conversation.cluster == "options":
            self._audiences[connection] = Audience(connection.conversation, self._market.book)

    def leave(self, connection: Connection) -> None:
        """Forget a connection."""
        members = self._members[connection.conversation.cluster]
        if connection in members:
            members.remove(connection)
        self._audiences.pop(connection, None)

    def streamed(self) -> NDArray[np.bool_]:
        """Which contracts' quotes are being streamed to anybody, by row of the book."""
        flags = np.zeros(len(self._market.book.tickers), np.bool_)
        for audience in self._audiences.values():
            flags |= audience.named("Q")
        return flags

    async def run(self) -> None:
        """Tick for ever."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            busy = bool(self._audiences)
            due = max(due, loop.time() - _LONGEST_TICK_S) + (
                self._config.tick_ms / 1000 if busy else _IDLE_TICK_S
            )
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not self.is_held:
                self.tick(self._clock.now_ms())

    def tick(self, now_ms: int) -> None:
        """Bring the market to a moment and send what happened until then."""
        began_ms, self._last_ms = self._last_ms, now_ms
        seconds = min(_LONGEST_TICK_S, max(0, now_ms - began_ms) / 1000)
        events: dict[Connection, list[str]] = defaultdict(list)
        active = np.flatnonzero(self._active())
        mean = self._config.events_per_second * seconds * len(active) / RATED_CONTRACTS
        steps = self._market.steps_for(len(active), mean)
        for step in range(1, steps + 1):
            self._market.advance(began_ms + (now_ms - began_ms) * step // steps)
            self._tell_bars(events)
            happened = self._market.happen(active, mean / steps)
            self._tell_quotes(happened.quotes, events)
            self._tell_trades(happened.trades, events)
        if self._anyone_wants_all():
            share = self._config.events_per_second * seconds * _WILDCARD_TRADES_SHARE
            self._tell_trades(self._market.trade_anywhere(share, self.streamed()), events)
        self._spots.tick(seconds, Round(self._members, events))
        for connection, texts in events.items():
            for frame in wire_text.frames(texts):
                connection.post(frame)

    def _active(self) -> NDArray[np.bool_]:
        """Contracts that anybody named on any topic: these live."""
        flags = np.zeros(len(self._market.book.tickers), np.bool_)
        for audience in self._audiences.values():
            for topic in TOPICS:
                flags |= audience.named(topic)
        return flags

    def _anyone_wants_all(self) -> bool:
        return any(audience.wants_all(topic) for audience in self._audiences.values() for topic in TOPICS)

    def _tell_quotes(self, rows: NDArray[np.int64], events: dict[Connection, list[str]]) -> None:
        if not len(rows):
            return
        texts = wire_text.option_quotes(self._market.book, rows)
        for connection, audience in self._audiences.items():
            wanted = audience.named("Q")[rows]
            if wanted.all():
                events[connection] += texts
            else:
                events[connection] += [texts[n] for n in np.flatnonzero(wanted)]

    def _tell_trades(self, trades: list[OptionTrade], events: dict[Connection, list[str]]) -> None:
        for trade in trades:
            for bars in self._bars.values():
                bars.add(trade.row, trade.price, trade.size)
            text = wire_text.option_trade(self._market.book, trade)
            for connection, audience in self._audiences.items():
                if audience.wants("T", trade.row):
                    events[connection].append(text)

    def _tell_bars(self, events: dict[Connection, list[str]]) -> None:
        """Tell of finished bars, before anything of the present moment goes into new ones."""
        for topic in ("A", "AM"):
            bars = self._bars[topic]
            for row, bar in bars.turn(self._market.now_ms):
                ticker, day = self._market.book.tickers[row], self._day_of(row)
                text = wire_text.traded_bar(topic, ticker, bar, bar.start_ms + bars.length_ms, day)
                for connection, audience in self._audiences.items():
                    if audience.wants(topic, row):
                        events[connection].append(text)

    def _day_of(self, row: int) -> Bar:
        record = self._market.book.contracts[row]
        first, high, low, last = (float(record[name]) for name in ("open", "high", "low", "close"))
        return Bar(0, first, high, low, last, int(record["volume"]), float(record["turnover"]))
