"""The WebSocket clusters: who is connected, and what happens in the market told to those who asked for it."""

import asyncio
import math
from collections import defaultdict
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from marketswarm.clock import Clock
from marketswarm.simulator import wire_text
from marketswarm.simulator.audience import QUOTED, TOPICS, Audience, OptionTopic, Subscriber
from marketswarm.simulator.bars import Bars
from marketswarm.simulator.config import RATED_CONTRACTS, SimulatorConfig
from marketswarm.simulator.conversation import MAX_CONNECTIONS
from marketswarm.simulator.desk import OptionTrade
from marketswarm.simulator.framing import Framing
from marketswarm.simulator.market import Market
from marketswarm.simulator.spot_feed import Round, SpotFeed
from marketswarm.simulator.tape import Bar

_IDLE_TICK_S = 0.1
_WILDCARD_TRADES_SHARE = 0.03
_LONGEST_TICK_S = 0.25  # of real time: what was slept through is not made up for
_MOST_EVENTS = 25_000  # of one tick, whoever calls it
_MOST_LIVE_EVENTS = (
    5_000  # of one tick in real time; what asks for more has fewer, and connections are still served
)
_BREATH_S = 0.001


class _Active(NamedTuple):
    """Contracts that anybody named on any topic: these live. And how likely each is the next one, as of one listing."""

    rows: NDArray[np.int64]
    heat: NDArray[np.float64]
    version: int


class Feed:
    """Moves the market on and sends what happened, tick by tick.

    Args:
        config: rates and limits.

    Attributes:
        is_held: the market stands still: no time passes in it and nothing happens.
    """

    def __init__(self, market: Market, config: SimulatorConfig, clock: Clock) -> None:
        self._market, self._config, self._clock = market, config, clock
        self._members: dict[str, list[Subscriber]] = defaultdict(list)
        self._audiences: dict[Subscriber, Audience] = {}
        self._spots = SpotFeed(market, config.events_per_second)
        self._bars = {"A": Bars[int](1000), "AM": Bars[int](60_000)}
        self._quote_texts = wire_text.QuoteTexts(market.book)
        self._last_ms = market.now_ms
        self.is_held = False

    def admit(self, connection: Subscriber) -> None:
        """Take in an authenticated connection; the account's oldest ones beyond its allowance are evicted."""
        members = self._members[connection.conversation.cluster]
        account = connection.conversation.account
        held = [other for other in members if other.conversation.account == account]
        plan = self._market.terms.plans.of(connection.conversation.cluster)
        allowed = self._config.connections or plan.connections
        for oldest in held[: max(0, len(held) + 1 - allowed)]:
            oldest.end(MAX_CONNECTIONS)
            self.leave(oldest)
        members.append(connection)
        if connection.conversation.cluster == "options":
            self._audiences[connection] = Audience(connection.conversation, self._market.book)

    def leave(self, connection: Subscriber) -> None:
        """Forget a connection."""
        members = self._members[connection.conversation.cluster]
        if connection in members:
            members.remove(connection)
        self._audiences.pop(connection, None)

    def streamed(self) -> NDArray[np.bool_]:
        """Which contracts' quotes are being streamed to anybody, by row of the book."""
        flags = np.zeros(len(self._market.book.tickers), np.bool_)
        for audience in self._audiences.values():
            for topic in QUOTED:
                flags |= audience.named(topic)
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
            await asyncio.sleep(max(_BREATH_S, due - loop.time()))
            if not self.is_held:
                now_ms = self._clock.now_ms() - self._market.terms.plans.delay_ms
                self.tick(now_ms, _LONGEST_TICK_S * self._config.speed, _MOST_LIVE_EVENTS)

    def tick(self, now_ms: int, most_s: float = math.inf, most_events: float = _MOST_EVENTS) -> None:
        """Bring the market to a moment and send what happened until then, but the events of at most so many seconds."""
        began_ms, self._last_ms = self._last_ms, now_ms
        seconds = min(most_s, max(0, now_ms - began_ms) / 1000)
        events: dict[Subscriber, list[str]] = defaultdict(list)
        rated = self._config.events_per_second * seconds
        self._live(began_ms, now_ms, rated, most_events, events)
        if self._anyone_wants_all():
            share = min(most_events, rated) * _WILDCARD_TRADES_SHARE
            self._tell_trades(self._market.trade_anywhere(share, self.streamed()), events)
        self._spots.tick(seconds, Round(self._members, events))
        framing = Framing(self._config.quotes_per_frame)
        for subscriber, texts in events.items():
            for frame in framing.frames(texts):
                subscriber.post(frame)

    def _live(
        self, began_ms: int, now_ms: int, rated: float, most: float, events: dict[Subscriber, list[str]]
    ) -> None:
        active = self._active()
        mean = min(most, rated * len(active.rows) / RATED_CONTRACTS)
        steps = self._market.steps_for(len(active.rows), mean)
        for step in range(1, steps + 1):
            self._market.advance(began_ms + (now_ms - began_ms) * step // steps)
            self._tell_bars(events)
            if self._market.book.version != active.version:
                active = self._active()
            happened = self._market.happen(active.rows, mean / steps, active.heat)
            self._tell_quotes(happened.quotes, events)
            self._tell_trades(happened.trades, events)

    def _active(self) -> "_Active":
        rows = np.flatnonzero(self._named())
        heat = self._market.heat(rows) if len(rows) else np.zeros(0)
        return _Active(rows, heat, self._market.book.version)

    def _named(self) -> NDArray[np.bool_]:
        flags = np.zeros(len(self._market.book.tickers), np.bool_)
        for audience in self._audiences.values():
            for topic in TOPICS:
                flags |= audience.named(topic)
        return flags

    def _anyone_wants_all(self) -> bool:
        return any(audience.wants_all(topic) for audience in self._audiences.values() for topic in TOPICS)

    def _tell_quotes(self, rows: NDArray[np.int64], events: dict[Subscriber, list[str]]) -> None:
        if not len(rows):
            return
        self._tell_each("Q", self._quote_texts.of(rows), rows, events)
        if self._market.terms.plans.options.gives("fmv"):
            self._tell_each("FMV", wire_text.option_fair_values(self._market.book, rows), rows, events)

    def _tell_each(
        self,
        topic: OptionTopic,
        texts: list[str],
        rows: NDArray[np.int64],
        events: dict[Subscriber, list[str]],
    ) -> None:
        for connection, audience in self._audiences.items():
            wanted = audience.named(topic)[rows]
            if wanted.all():
                events[connection] += texts
            else:
                events[connection] += [texts[n] for n in np.flatnonzero(wanted)]

    def _tell_trades(self, trades: list[OptionTrade], events: dict[Subscriber, list[str]]) -> None:
        for trade in trades:
            for bars in self._bars.values():
                bars.add(trade.row, trade.price, trade.size)
            text = wire_text.option_trade(self._market.book, trade)
            for connection, audience in self._audiences.items():
                if audience.wants("T", trade.row):
                    events[connection].append(text)

    def _tell_bars(self, events: dict[Subscriber, list[str]]) -> None:
        """Tell of finished bars, before anything of the present moment goes into new ones."""
        for topic in ("A", "AM"):
            bars = self._bars[topic]
            for row, bar in bars.turn(self._market.now_ms):
                if topic == "AM":
                    self._market.ledger.options.add_minute(row, bar)
                ticker, day = self._market.book.tickers[row], self._day_of(row)
                text = wire_text.traded_bar(topic, ticker, bar, bar.start_ms + bars.length_ms, day)
                for connection, audience in self._audiences.items():
                    if audience.wants(topic, row):
                        events[connection].append(text)

    def _day_of(self, row: int) -> Bar:
        record = self._market.book.contracts[row]
        first, high, low, last = (float(record[name]) for name in ("open", "high", "low", "close"))
        return Bar(0, first, high, low, last, int(record["volume"]), float(record["turnover"]))
