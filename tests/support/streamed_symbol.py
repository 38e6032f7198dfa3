"""One symbol of the stream, without the stream: what is stored of its chains, and the states they come to."""

import itertools
from datetime import timedelta

from marketswarm.chain.stored import Universe
from marketswarm.chain.streamed import Circumstances, StreamedSymbol
from marketswarm.model.chain import ChainId
from tests.support.builders import DAY, SPX

NEXT = ChainId("SPX", DAY + timedelta(days=1))
AT_WORK = Circumstances(in_session=True, now_s=0.0, heard_s=0.0)


def universe(request="1", *, chain=SPX, tickers="ab", epoch=7, seq=5, of=1, state="loading", doubt=""):
    """What is stored of a chain: one contract a letter."""
    return Universe(chain, epoch, seq, state, request, of, dict.fromkeys(tickers, b"{}"), doubt)


def symbol():
    """A symbol that was just taken; its requests are numbered from 1."""
    numbers = itertools.count(1)
    return StreamedSymbol("SPX", 3, lambda: str(next(numbers)))


def begun(tickers="ab"):
    """A symbol whose only chain is live."""
    mine = symbol()
    mine.see([universe("1", tickers=tickers)])
    mine.confirm(set(tickers))
    mine.see([universe("2", tickers=tickers)])
    assert states(mine) == ["live"]
    return mine


def states(mine, at=AT_WORK):
    """The states of its chains."""
    return [mine.state_of(chain, at) for chain in mine.chains.values()]
