"""Quotes that a market could have made: every price is the model's around one forward, so that greeks can be had of all of them."""

import math
import random
import re
from collections import defaultdict
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

_TICKER = re.compile(r"O:(\w+?)(\d{6})([CP])(\d{8})")
_DEVIATIONS = 1.8  # from the forward to the strike farthest away: its option is still worth several ticks
_SWING, _ROUNDS_A_SWING = 1e-4, 60  # the forward goes up and down by one basis point
_EDGES = [
    (below, above) for below in range(3) for above in range(3)
]  # of bid and ask around the price, in ticks
_DEAR, _TICK, _FINE_TICK = 2_000, 0.05, 0.01  # from such a forward on options trade in the coarser tick


class SentQuote(NamedTuple):
    """One quote as it was sent."""

    ticker: str
    bid: float
    ask: float
    bid_size: int
    ask_size: int


class _Option(NamedTuple):
    strike: float
    is_call: bool
    forward: float
    deviation: float  # one standard deviation of the underlying until expiration, as a share of the forward


class PricedQuotes:
    """Makes quotes of the contracts given: bid and ask around Black's price, at most a few ticks apart.

    The forward of each root and expiration is the middle of its strikes, as it is when a chain is loaded around spot.
    """

    def __init__(self, tickers: Sequence[str], chance: random.Random) -> None:
        self._chance = chance
        self._options = _options(tickers)
        self._edges = {ticker: chance.sample(_EDGES, len(_EDGES)) for ticker in tickers}
        self._before: dict[str, tuple[int, int]] = {}

    def quote(self, ticker: str, at: int) -> SentQuote:
        """The quote of a contract in a round; at other prices than its quote before, and nearly always than the
        eight before: a quote that only changes a size may be written later, and would cost less."""
        option, chance = self._options[ticker], self._chance
        tick = _TICK if option.forward >= _DEAR else _FINE_TICK
        swing = _SWING * math.sin(2 * math.pi * at / _ROUNDS_A_SWING)
        price = black_price(
            option.forward * (1 + swing), option.strike, option.deviation, is_call=option.is_call
        )
        below, above = self._edges[ticker][at % len(_EDGES)]
        bid = max(1, math.floor(price / tick) - below)
        ask = max(bid + 1, math.ceil(price / tick) + above)
        if self._before.get(ticker) == (bid, ask):
            ask += 1
        self._before[ticker] = bid, ask
        sizes = chance.randint(1, 400), chance.randint(1, 400)
        return SentQuote(ticker, round(bid * tick, 2), round(ask * tick, 2), *sizes)


def black_price(forward: float, strike: float, deviation: float, *, is_call: bool) -> float:
    """Black's price of an option, undiscounted; `deviation` is volatility times the root of time."""
    d1 = math.log(forward / strike) / deviation + deviation / 2
    call = forward * _normal(d1) - strike * _normal(d1 - deviation)
    return call if is_call else call - forward + strike


def _options(tickers: Sequence[str]) -> dict[str, _Option]:
    parts = {ticker: _TICKER.fullmatch(ticker) for ticker in tickers}
    strikes: dict[tuple[str, str], set[float]] = defaultdict(set)
    for found in parts.values():
        assert found is not None
        strikes[found[1], found[2]].add(int(found[4]) / 1000)
    forwards = {name: (float(median(all_)), _deviation(all_)) for name, all_ in strikes.items()}
    return {
        ticker: _Option(int(found[4]) / 1000, found[3] == "C", *forwards[found[1], found[2]])
        for ticker, found in parts.items()
        if found is not None
    }


def _deviation(strikes: set[float]) -> float:
    half = (max(strikes) - min(strikes)) / 2
    return max(half / median(strikes) / _DEVIATIONS, 0.005)


def _normal(x: float) -> float:
    return math.erfc(-x / math.sqrt(2)) / 2
