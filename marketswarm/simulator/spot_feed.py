"""The clusters of indices and stocks: values, quotes, trades and bars of the underlyings."""

from collections.abc import Iterable, Mapping

from marketswarm.simulator import wire_text
from marketswarm.simulator.bars import Bars
from marketswarm.simulator.connection import Connection
from marketswarm.simulator.market import Market
from marketswarm.simulator.tape import Instrument, Publication

Members = Mapping[str, Iterable[Connection]]
Events = dict[Connection, list[str]]

_RATED_EVENTS_PER_SECOND = 4000.0


class SpotFeed:
    """Publishes the underlyings and tells those who asked."""

    def __init__(self, market: Market, events_per_second: float) -> None:
        self._market = market
        self._pace = events_per_second / _RATED_EVENTS_PER_SECOND
        self._bars = {"A": Bars[str](1000), "AM": Bars[str](60_000)}
        self._by_ticker = {instrument.profile.ticker: instrument for instrument in market.tape.instruments}

    def tick(self, seconds: float, members: Members, events: Events) -> None:
        """Publish what is new at the market's present moment."""
        self._tell_bars(members, events)
        if not self._market.is_open:
            return
        spots = self._market.spots.tolist()
        for made in self._market.tape.publish(spots, self._market.now_ms, seconds, self._pace):
            self._tell(made, members, events)

    def _tell(self, made: Publication, members: Members, events: Events) -> None:
        instrument = made.instrument
        if made.value:
            _send("indices", "V", instrument, wire_text.index_value(instrument), members, events)
        if made.quote:
            _send("stocks", "Q", instrument, wire_text.stock_quote(instrument), members, events)
        if made.trade:
            _send("stocks", "T", instrument, wire_text.stock_trade(instrument), members, events)
        if made.value or made.trade:
            for bars in self._bars.values():
                size = 0 if made.value else instrument.trade_size
                bars.add(instrument.profile.ticker, instrument.value, size)

    def _tell_bars(self, members: Members, events: Events) -> None:
        for topic, bars in self._bars.items():
            for ticker, bar in bars.turn(self._market.now_ms):
                instrument = self._by_ticker[ticker]
                is_index = instrument.profile.is_index
                spell = wire_text.index_bar if is_index else wire_text.traded_bar
                text = spell(topic, ticker, bar, bar.start_ms + bars.length_ms, instrument.day)
                _send("indices" if is_index else "stocks", topic, instrument, text, members, events)


def _send(cluster: str, topic: str, about: Instrument, text: str, members: Members, events: Events) -> None:
    for connection in members.get(cluster, ()):
        held = connection.conversation.held
        if f"{topic}.{about.profile.ticker}" in held or f"{topic}.*" in held:
            events[connection].append(text)
