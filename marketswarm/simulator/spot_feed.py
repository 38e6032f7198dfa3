"""The clusters of indices and stocks: values, quotes, trades and bars of the underlyings."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from marketswarm.simulator import wire_text
from marketswarm.simulator.audience import Subscriber
from marketswarm.simulator.bars import Bars
from marketswarm.simulator.market import Market
from marketswarm.simulator.tape import STOCK_ASK_EXCHANGE, STOCK_BID_EXCHANGE, Instrument, Publication

_RATED_EVENTS_PER_SECOND = 4000.0


class Round(NamedTuple):
    """One tick's mail: who is connected, by cluster, and what each is to be sent."""

    members: Mapping[str, Iterable[Subscriber]]
    events: dict[Subscriber, list[str]]

    def tell(self, cluster: str, topic: str, ticker: str, text: str) -> None:
        """Add an event for everybody in the cluster who holds its channel."""
        for connection in self.members.get(cluster, ()):
            held = connection.conversation.held
            if f"{topic}.{ticker}" in held or f"{topic}.*" in held:
                self.events[connection].append(text)


class SpotFeed:
    """Publishes the underlyings and tells those who asked."""

    def __init__(self, market: Market, events_per_second: float) -> None:
        self._market = market
        self._pace = events_per_second / _RATED_EVENTS_PER_SECOND
        self._bars = {"A": Bars[str](1000), "AM": Bars[str](60_000)}
        self._numbers = {profile.ticker: number for number, profile in enumerate(market.profiles)}

    def tick(self, seconds: float, mail: Round) -> None:
        """Publish what is new at the market's present moment."""
        self._tell_bars(mail)
        if not self._market.is_open:
            return
        spots = self._market.spots.tolist()
        for made in self._market.tape.publish(spots, self._market.now_ms, seconds, self._pace):
            self._tell(made, mail)

    def _tell(self, made: Publication, mail: Round) -> None:
        instrument, ticker = made.instrument, made.instrument.profile.ticker
        if made.value:
            mail.tell("indices", "V", ticker, wire_text.index_value(instrument))
        if made.quote:
            mail.tell("stocks", "Q", ticker, wire_text.stock_quote(instrument))
            mail.tell("stocks", "FMV", ticker, wire_text.stock_fair_value(instrument))
            self._keep_quote(instrument)
        if made.trade:
            mail.tell("stocks", "T", ticker, wire_text.stock_trade(instrument))
        if made.value or made.trade:
            size = 0 if made.value else instrument.trade_size
            self._keep_trade(instrument, size)
            for bars in self._bars.values():
                bars.add(ticker, instrument.value, size)

    def _tell_bars(self, mail: Round) -> None:
        for topic, bars in self._bars.items():
            for ticker, bar in bars.turn(self._market.now_ms):
                number = self._numbers[ticker]
                instrument = self._market.tape.instruments[number]
                bar.start_ms += self._market.tape.shifts_ms[number]
                if topic == "AM":
                    self._market.ledger.spots.add_minute(number, bar)
                is_index = instrument.profile.is_index
                spell = wire_text.index_bar if is_index else wire_text.stock_bar
                text = spell(topic, ticker, bar, bar.start_ms + bars.length_ms, instrument.day)
                mail.tell("indices" if is_index else "stocks", topic, ticker, text)

    def _keep_quote(self, instrument: Instrument) -> None:
        self._market.ledger.spots.quotes.add(
            1,
            of=self._numbers[instrument.profile.ticker],
            ms=instrument.quote_ms,
            sequence=instrument.sequence,
            bid=instrument.bid,
            ask=instrument.ask,
            bid_size=instrument.bid_size,
            ask_size=instrument.ask_size,
            bid_exchange=STOCK_BID_EXCHANGE,
            ask_exchange=STOCK_ASK_EXCHANGE,
        )

    def _keep_trade(self, instrument: Instrument, size: int) -> None:
        """Keep a trade, or a value of an index as one of size 0."""
        self._market.ledger.spots.trades.add(
            1,
            of=self._numbers[instrument.profile.ticker],
            ms=instrument.value_ms,
            sequence=instrument.sequence,
            price=instrument.value,
            size=size,
            exchange=instrument.trade_exchange,
            number=instrument.trade_number,
        )
