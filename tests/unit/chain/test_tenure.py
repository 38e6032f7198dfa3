"""Which chains are held, and whether anybody attends to them."""

from datetime import date

import pytest

from marketswarm.chain.reports import StreamReports
from marketswarm.chain.tenure import Tenure
from marketswarm.model.chain import ChainId
from tests.support.builders import DAY, SPX, contract


@pytest.fixture
def make_tenure(redis, store, clock):
    """A tenure of so many expirations."""

    def make(expirations=1):
        reports = StreamReports(redis, "test")
        return Tenure(store, reports, clock, expirations=expirations)

    return make


def test_held_chains_begin_with_the_one_in_force(make_tenure, commit, redis):
    """As many as are wanted of those that are named beside it; what else is stored is not held."""
    assert make_tenure().held_chains("SPX") == []
    for day in (date(2026, 11, 20), DAY, date(2026, 11, 24), date(2026, 11, 25)):
        commit([contract()], chain=ChainId("SPX", day), in_force=day == DAY)
    redis.hset("chainmeta:SPX:2026-11-23", "later", "2026-11-24,2026-11-27")

    assert make_tenure().held_chains("SPX") == [SPX]
    assert [chain.expiration.day for chain in make_tenure(2).held_chains("SPX")] == [23, 24]
    assert [chain.expiration.day for chain in make_tenure(3).held_chains("SPX")] == [23, 24, 27]


@pytest.mark.parametrize(("streamed", "days"), [("1", [23, 24, 25]), ("0", [23, 24])])
def test_the_next_chains_are_held_where_there_is_room(make_tenure, commit, redis, streamed, days):
    """What was loaded ahead of the roll is streamed before it, each chain once, if the budget said so."""
    commit([contract()])
    fields = {"later": "2026-11-24", "next": "2026-11-24,2026-11-25", "next_streamed": streamed}
    redis.hset("chainmeta:SPX:2026-11-23", mapping=fields)

    assert [chain.expiration.day for chain in make_tenure(2).held_chains("SPX")] == days


def test_a_chain_in_force_that_was_forgotten_is_still_the_one(make_tenure, commit, redis):
    """After two days away the pointer is all there is."""
    commit([contract()])
    redis.delete("chainmeta:SPX:2026-11-23")

    assert make_tenure(2).held_chains("SPX") == [SPX]


def test_a_dead_streams_chain_is_called_by_its_name(make_tenure, commit, redis, store):
    """A chain that claims to be live without a writer is stale; one that is attended to is left alone."""
    commit([contract()])
    redis.hset("chainmeta:SPX:2026-11-23", "state", "live")
    redis.set("writer:SPX", "a")
    assert make_tenure().mark_unattended(["SPX"]) == []

    redis.delete("writer:SPX")

    assert make_tenure().mark_unattended(["SPX"]) == ["SPX 2026-11-23"]
    assert store.meta(SPX).state == "stale"


@pytest.mark.parametrize(
    ("report", "served", "waited_s"),
    [
        ({}, False, 0),
        ({"served_epochs": {"2026-11-23": 6}}, False, 5),
        ({"served_epochs": {"2026-11-24": 9}}, False, 5),
        ({"served_epochs": {"2026-11-23": 7}}, True, 0),
    ],
)
def test_the_stream_is_waited_for_within_bounds(make_tenure, redis, clock, report, served, waited_s):
    """No stream: no waiting; one that lags: five seconds; one that serves the chain at this epoch: at once."""
    if report:
        StreamReports(redis, "test").write("SPX", report)
    begun_s = clock.monotonic_s()

    assert make_tenure().wait_served(SPX, 7, lambda: False) is served
    assert clock.monotonic_s() - begun_s == pytest.approx(waited_s, abs=0.1)


def test_without_hope_nobody_waits(make_tenure, redis, clock):
    """What cannot be subscribed is told as soon as that shows, though room comes free a moment later: what is far may go."""
    StreamReports(redis, "test").write("SPX", {"served_epochs": {"2026-11-23": 6}})
    is_full = iter([False, False, True, False])
    begun_s = clock.monotonic_s()

    assert make_tenure().wait_served(SPX, 7, lambda: next(is_full)) is True
    assert clock.monotonic_s() - begun_s == pytest.approx(0.1)
    assert make_tenure().wait_served(SPX, 6, lambda: True) is True
