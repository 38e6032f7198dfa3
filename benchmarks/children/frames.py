"""Quote frames made before they are needed: sending one costs writing its time, and nothing else."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from benchmarks.children.prices import PricedQuotes, SentQuote

_NO_TIME = b"0000000000000"
_TIME_LENGTH = 13  # ms since the epoch, until 2286
_LEAST_QUOTES = 50_000


@dataclass(slots=True)
class PremadeFrame:
    """One WebSocket frame with the places of its times."""

    wire: bytearray
    places: list[int]
    quotes: list[SentQuote]

    def stamp(self, time_text: bytes) -> bytearray:
        """The frame with all its times set."""
        for place in self.places:
            self.wire[place : place + _TIME_LENGTH] = time_text
        return self.wire


def text_frame(payload: bytes) -> bytes:
    """A whole text frame as a server sends it."""
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 65_536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


def premade_frames(tickers: Sequence[str], quotes_a_frame: int, seed: int = 1) -> list[PremadeFrame]:
    """A cycle of frames: round after round over all contracts, each in a random order of its own.

    The vendor's sequence grows through the cycle. The cycle is long enough that its repetition falls into another
    millisecond at any rate that can be sent, which the sender makes sure of.
    """
    quotes: list[SentQuote] = []
    rounds = _rounds(tickers, seed)
    while len(quotes) < max(_LEAST_QUOTES, quotes_a_frame):
        quotes += next(rounds)
    whole = len(quotes) - len(quotes) % quotes_a_frame
    return [
        _frame(quotes[first : first + quotes_a_frame], 1_000_000 + first)
        for first in range(0, whole, quotes_a_frame)
    ]


def _rounds(tickers: Sequence[str], seed: int) -> Iterator[list[SentQuote]]:
    chance = random.Random(seed)
    priced = PricedQuotes(tickers, chance)
    for at in count():
        yield [priced.quote(ticker, at) for ticker in chance.sample(tickers, len(tickers))]


def _frame(quotes: list[SentQuote], first_sequence: int) -> PremadeFrame:
    texts = [_text(quote, first_sequence + at) for at, quote in enumerate(quotes)]
    wire = text_frame(b"[" + b",".join(texts) + b"]")
    places, at = [], wire.find(_NO_TIME)
    while at >= 0:
        places.append(at)
        at = wire.find(_NO_TIME, at + _TIME_LENGTH)
    return PremadeFrame(bytearray(wire), places, quotes)


def _text(quote: SentQuote, sequence: int) -> bytes:
    ticker, bid, ask, bid_size, ask_size = quote
    return (
        (
            f'{{"ev":"Q","sym":"{ticker}","bx":302,"ax":302,"bp":{bid},"ap":{ask},"bs":{bid_size},"as":{ask_size},"t":'
        ).encode()
        + _NO_TIME
        + f',"q":{sequence}}}'.encode()
    )
