"""Which strikes the stored chains hold."""

from marketswarm.chain.strikes import HeldStrikes, StrikeBook
from tests.support.builders import SPX, contract, ladder, ticker


def test_strikes_are_counted_and_sorted(store, commit):
    """Two contracts a strike, three where a second root stands; both ways of settlement are seen."""
    am = contract(6800, ticker=ticker(6800, root="SPX"), root="SPX")
    commit([*ladder(6795, 6805), am])

    held = StrikeBook(store).of(store.meta(SPX))

    assert list(held.counts.items()) == [(6795, 2), (6800, 3), (6805, 2)]
    assert held.settlements == {"am", "pm"}


def test_an_unchanged_chain_is_not_read_again(store, commit, redis):
    """The epoch says whether the set has changed."""
    commit(ladder())
    book, meta = StrikeBook(store), store.meta(SPX)
    first = book.of(meta)

    redis.delete("chain:SPX:2026-11-23")

    assert book.of(meta) is first
    redis.hset("chainmeta:SPX:2026-11-23", "epoch", meta.epoch + 1)
    assert book.of(store.meta(SPX)) == HeldStrikes()


def test_old_chains_are_forgotten(store, commit, monkeypatch):
    """What is remembered is bounded."""
    monkeypatch.setattr("marketswarm.chain.strikes._MOST_REMEMBERED", 1)
    commit(ladder())
    book, meta = StrikeBook(store), store.meta(SPX)
    book.of(meta)
    book._known[meta.chain] = (0, HeldStrikes())

    assert len(book.of(meta).counts) == 9
    assert len(book._known) == 1
