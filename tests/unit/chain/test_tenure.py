"""Which chains are held, when they roll, and whether anybody attends to them."""

from datetime import date

import pytest

from marketswarm.chain.reports import StreamReports
from marketswarm.chain.tenure import Tenure
from marketswarm.maths.calendar import us_options_calendar
from marketswarm.model.chain import ChainId
from tests.support.builders import DAY, SPX, contract


@pytest.fixture
def make_tenure(redis, store, clock):
    """A tenure of so many expirations."""

    def make(expirations=1):
        reports = StreamReports(redis, "test")
        return Tenure(store, reports, us_options_calendar(), clock, expirations=expirations)

    return make


def test_held_chains_begin_with_the_one_in_force(make_tenure, commit):
    """As many as are wanted, the one in force first, expired ones not."""
    assert make_tenure().held_chains("SPX") == []
    for day in (date(2026, 11, 20), DAY, date(2026, 11, 24), date(2026, 11, 25)):
        commit([contract()], chain=ChainId("SPX", day), in_force=day == DAY)

    assert make_tenure().held_chains("SPX") == [SPX]
    assert [chain.expiration.day for chain in make_tenure(2).held_chains("SPX")] == [23, 24]


def test_a_symbol_rolls_when_its_expiration_has_closed(make_tenure, commit, clock):
    """One millisecond before the close it does not, at the close it does; without a chain there is nothing to roll."""
    commit([contract()])
    close_ms = us_options_calendar().session(DAY).close_ms
    clock.step((close_ms - 1 - clock.now_ms()) / 1000)
    assert make_tenure().closed(["SPX", "SPY"]) == []

    clock.step(0.001)

    assert make_tenure().closed(["SPX", "SPY"]) == ["SPX"]


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
    """No stream: no waiting; a stream that lags: five seconds; one that serves this chain at this epoch: at once."""
    if report:
        StreamReports(redis, "test").write("SPX", report)
    begun_s = clock.monotonic_s()

    assert make_tenure().wait_served(SPX, 7) is served
    assert clock.monotonic_s() - begun_s == pytest.approx(waited_s, abs=0.1)
