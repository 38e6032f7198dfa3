"""Changes that are on their way to the store."""

from marketswarm.chain.stored import Applied, ChainChanges, Change
from marketswarm.errors import EpochChanged
from tests.support.builders import SPX, contract, ticker


def test_outcomes_are_told_chain_by_chain(redis, store, commit):
    """What became of each batch of a chain, or why the chain took none, as if one had waited."""
    commit([contract()])
    redis.set("writertoken:SPX", 1)
    change = Change(ticker(6800), "quote", 5000, None, '"bid":1.9,"ts":5000')
    epoch = store.meta(SPX).epoch
    writing = store.begin()
    writing.send(ChainChanges(SPX, epoch, 1, [change]))
    writing.send(ChainChanges(SPX, 99, 1, [change]))
    while not writing.is_answered():
        pass

    (applied,), refused = writing.outcomes()
    assert applied == Applied(seq=store.meta(SPX).seq, applied=1, same=0, stale=0, unlisted=0)
    assert isinstance(refused, EpochChanged)
    assert store.read("SPX").contracts[ticker(6800)].quote.bid == 1.9
