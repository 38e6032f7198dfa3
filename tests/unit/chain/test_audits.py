"""The tallies in Redis, and whose turn it is."""

import pytest

from marketswarm.chain.audits import AuditLedger
from marketswarm.chain.tally import AuditTally
from marketswarm.errors import StoreUnavailable
from tests.support.free_ports import free_port


@pytest.fixture
def ledger(redis):
    """A ledger on an empty server."""
    return AuditLedger(redis, "test")


def test_a_tally_is_read_as_it_was_written(ledger, redis):
    """Each value is a field of its own; what is gone in the new tally is gone in the store."""
    assert (ledger.read("SPX"), ledger.told("SPX")) == (AuditTally(), {})
    tally = AuditTally(last="same", ts=7)
    redis.hset("audit:SPX", "left", "1")

    ledger.write("SPX", tally, 7)

    assert ledger.read("SPX") == tally
    assert ledger.told("SPX")["last"] == "same"
    assert not redis.hexists("audit:SPX", "left")


def test_one_audit_at_a_time(ledger, redis):
    """A second one gets no turn and does not end the first one's; the turn runs out by itself."""
    with ledger.take_turn("a") as first:
        with ledger.take_turn("b") as second:
            assert (first, second) == (True, False)
        assert 0 < redis.pttl("auditing") <= 30_000
        assert redis.get("auditing") == b"a"
    assert not redis.exists("auditing")


def test_a_store_that_is_away_is_said_so():
    """The project's own, retryable error."""
    from redis import Redis

    with pytest.raises(StoreUnavailable):
        AuditLedger(Redis(port=free_port()), "test").read("SPX")
