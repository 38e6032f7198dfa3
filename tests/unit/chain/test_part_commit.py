"""Rows that are merged into a stored chain."""

import pytest

from marketswarm.chain.flight import FlightControl
from marketswarm.chain.part_commit import PartCommit
from tests.support.builders import EXPIRE_MS, SPX, contract, ladder


@pytest.fixture
def flights(redis):
    """Loads in flight."""
    return FlightControl(redis, "test")


@pytest.fixture
def part(store, flights, commit):
    """A door to a stored chain."""
    commit(ladder())
    return PartCommit(store, flights, lambda _chain: EXPIRE_MS)


def fulls(redis):
    """The reasons of complete chains."""
    return [fields[b"reason"].decode() for _, fields in redis.xrange("sse:chain-full")]


def test_newer_rows_win_and_older_ones_do_not(part, store):
    """The set stays, and with it the epoch; seq grows by one; the window stays as it is."""
    before = store.meta(SPX)

    done = part.put(
        before, "r", [contract(6800, bid=2, ask=2.1, ts=5000), contract(6805, bid=9, ts=10)], reason="audit"
    )

    after = store.read("SPX").contracts
    assert (done.epoch, done.seq, done.changed, done.contracts) == (before.epoch, before.seq + 1, 1, 18)
    assert (after[contract(6800).ticker].quote.bid, after[contract(6805).ticker].quote.bid) == (2, 1.6)
    assert (store.meta(SPX).low, store.meta(SPX).high) == (before.low, before.high)


def test_it_can_be_said_quietly(part, store, redis):
    """Without an entry of a complete chain the feed still has the change; further fields go beside."""
    part.put(
        store.meta(SPX),
        "r",
        [contract(6800, bid=2, ts=5000)],
        reason="audit",
        beside={"polled_ms": 77, "delayed": 1},
        is_announced=False,
    )

    assert fulls(redis) == ["startup"]
    assert redis.xlen("sse:chain-feed") == 2
    assert (store.meta(SPX).polled_ms, store.meta(SPX).delayed) == (77, True)


def test_a_load_in_flight_goes_before(part, store, flights):
    """Nothing is written while another run holds the symbol, and the hold is given back after a write."""
    with flights.take_off("SPX", "load"):
        assert part.put(store.meta(SPX), "r", ladder(ts=9000), reason="audit") is None
    assert part.put(store.meta(SPX), "r", ladder(ts=9000), reason="audit") is not None
    assert not flights.in_flight("SPX")


def test_a_chain_that_changed_since_is_left_alone(part, store, commit):
    """Rows that were asked for before the set changed are of another chain."""
    before = store.meta(SPX)
    commit(ladder(6780, 6830))

    assert part.put(before, "r", ladder(ts=9000), reason="audit") is None


def test_no_rows_no_write(part, store):
    """Nothing comes of nothing."""
    assert part.put(store.meta(SPX), "r", [], reason="audit") is None
