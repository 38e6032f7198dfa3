"""The roll of contracts that settle in the morning: they are gone the session before."""

from datetime import date, timedelta

import pytest

from marketswarm.chain.request import LoadRequest
from marketswarm.clock import ManualClock
from marketswarm.model.chain import ChainId
from tests.support.roll_desk import CALENDAR, Desk

THIRD_FRIDAY = date(2026, 12, 18)


@pytest.fixture
def expiring(redis, store):
    """A desk on the Wednesday before a third Friday, holding Thursday's and Friday's chain."""

    def make(roots=("SPXW", "SPX"), expirations=2):
        wednesday = THIRD_FRIDAY - timedelta(days=2)
        clock = ManualClock(CALENDAR.session(wednesday).close_ms)
        store._clock = clock
        days = [THIRD_FRIDAY - timedelta(days=1), THIRD_FRIDAY, date(2026, 12, 21), date(2026, 12, 22)]
        desk = Desk(redis, store, clock, expirations=expirations, days=days)
        desk.market.roots = {THIRD_FRIDAY: roots}
        desk.loader.load(LoadRequest("SPX", "manual"))
        return desk

    return make


def roots_of(desk, day):
    """The roots of a stored chain."""
    return {row.root for row in desk.store.read("SPX", day).contracts.values()}


def test_morning_settled_contracts_leave_at_their_last_close(expiring):
    """Friday's SPX trades until Thursday's close; then it is dropped, with its feed entry, and SPXW goes on."""
    desk = expiring()
    thursday = THIRD_FRIDAY - timedelta(days=1)
    desk.at(thursday, 60)
    desk.answer()
    assert roots_of(desk, THIRD_FRIDAY) == {"SPX", "SPXW"}

    desk.at(thursday, 0)

    assert desk.store.current_expiration("SPX") == THIRD_FRIDAY
    assert roots_of(desk, THIRD_FRIDAY) == {"SPXW"}
    meta = desk.store.meta(ChainId("SPX", THIRD_FRIDAY))
    assert (meta.contracts, meta.low, meta.high) == (18, 6780, 6820)
    assert desk.redis.xrevrange("sse:chain-feed", count=1)[0][1][b"removed"].count(b"O:SPX2") == 18


def test_morning_settled_contracts_leave_a_chain_that_is_in_force_longer(expiring):
    """Where no chain expires on Thursday, Friday's loses its morning half a day before its own roll."""
    desk = expiring(expirations=1)
    desk.redis.flushall()
    desk.market.days = [THIRD_FRIDAY, date(2026, 12, 24)]
    desk.loader.load(LoadRequest("SPX", "startup"))

    assert desk.at(THIRD_FRIDAY - timedelta(days=1), 0) == []

    assert desk.store.current_expiration("SPX") == THIRD_FRIDAY
    assert roots_of(desk, THIRD_FRIDAY) == {"SPXW"}


def test_a_chain_that_settles_in_the_morning_rolls_the_session_before(expiring):
    """All of it has stopped by Thursday's close: the next chain takes its place then."""
    desk = expiring(roots=("SPX",), expirations=1)
    thursday = THIRD_FRIDAY - timedelta(days=1)
    desk.redis.flushall()
    desk.market.days = [THIRD_FRIDAY, date(2026, 12, 24)]
    desk.loader.load(LoadRequest("SPX", "startup"))
    desk.at(thursday, 900)
    assert desk.asked == [True]
    desk.answer()

    assert desk.at(thursday, 0) == ["SPX"]

    assert desk.store.current_expiration("SPX") == date(2026, 12, 24)
    assert roots_of(desk, THIRD_FRIDAY) == {"SPX"}
