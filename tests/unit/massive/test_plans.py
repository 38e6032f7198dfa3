"""The plan in Redis."""

import pytest
from redis import Redis

from marketswarm.errors import StoreUnavailable
from marketswarm.massive.plans import StoredPlan
from marketswarm.model.plan import UnderlyingPlan, VendorPlan
from tests.support.free_ports import free_port

PLAN = VendorPlan("f", "https://api", 1, "yes", (UnderlyingPlan("SPX", "yes"),))


def test_what_was_written_is_read(redis):
    """The last plan; none before the first, and none of a text that is none."""
    plans = StoredPlan(redis, "test")
    assert plans.read() is None

    plans.write(PLAN)
    assert plans.read() == PLAN

    redis.set("plan", "of another version")
    assert plans.read() is None


def test_one_asks_at_a_time(redis):
    """A second one is refused while the first asks, and may follow it."""
    plans = StoredPlan(redis, "test")
    with plans.take_turn("a") as first, plans.take_turn("b") as second:
        assert (first, second) == (True, False)
    with plans.take_turn("c") as third:
        assert third


def test_a_store_that_is_away():
    """The project's own error, to read and to write."""
    plans = StoredPlan(Redis(port=free_port(), retry=None), "test")
    with pytest.raises(StoreUnavailable):
        plans.read()
    with pytest.raises(StoreUnavailable):
        plans.write(PLAN)
    with pytest.raises(StoreUnavailable), plans.take_turn("a"):
        pass
