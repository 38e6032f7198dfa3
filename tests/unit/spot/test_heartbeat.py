"""Operation 3: one tick a slot, for all symbols in one call, or none."""

import pytest

from marketswarm.errors import BadArgument, NoSpot, ProviderUnavailable
from marketswarm.spot.heartbeat import LATEST_MS, Heartbeat
from marketswarm.spot.redis_spots import RedisSpots
from tests.support.fakes import FakeMarket

SLOT = 1_795_446_000_000  # where the clock of the tests stands


@pytest.fixture
def market():
    """A provider."""
    return FakeMarket()


@pytest.fixture
def beat(redis, clock, market):
    """A heartbeat of two symbols; spots above 7000 have drifted."""
    return Heartbeat(
        market,
        RedisSpots(redis, "test"),
        clock,
        symbols=["SPX", "SPY"],
        source="sim",
        drifted=lambda spots: [symbol for symbol, spot in spots.items() if spot > 7000],
    )


def test_a_tick_serves_the_running_slot_with_one_call(beat, market, clock):
    """Both symbols, one question to the provider, the slot's own time."""
    clock.step(1.234)

    report = beat.tick()

    assert (report.slot, report.published, report.refused, report.missed) == (SLOT, 2, 0, 0)
    assert report.symbols == ("SPX", "SPY")
    assert market.calls == ["spots"]


def test_a_slot_is_served_once(beat, market, redis):
    """A second tick of the slot asks nobody and publishes nothing."""
    beat.tick(SLOT)

    again = beat.tick(SLOT)

    assert (again.published, again.refused, again.symbols) == (0, 2, ())
    assert market.calls == ["spots"]
    assert redis.xlen("sse:timeseries") == 2


def test_a_late_tick_belongs_to_no_slot(beat, market, clock):
    """A worker that was held up does not publish a price under a time that has passed."""
    clock.step(LATEST_MS / 1000)

    assert beat.tick(SLOT).published == 0
    assert market.calls == []


def test_a_clock_set_back_repeats_no_slot(beat, clock):
    """The slots of the minute before are taken; the tempo goes on where it was."""
    beat.tick()
    clock.step(-47)
    assert beat.tick().published == 0

    clock.step(57)
    assert beat.tick().published == 2


def test_missed_slots_are_counted(beat, clock):
    """After half a minute of silence two slots a symbol are missed."""
    beat.tick()
    clock.advance(30)

    assert beat.tick().missed == 4


def test_a_provider_that_is_down_misses_the_slot(beat, market, redis):
    """The error is raised, nothing is published, and the next slot is free."""
    market.failures["spots"] = ProviderUnavailable("spot", "time-out")

    with pytest.raises(ProviderUnavailable):
        beat.tick()

    assert redis.exists("sse:timeseries") == 0
    assert beat.tick().published == 2


def test_no_spot_at_all_fails_visibly(beat, market):
    """The error names the symbols and what was tried."""
    market.spot = 0

    with pytest.raises(NoSpot, match="SPX, SPY; tried: SPX: unified: nothing"):
        beat.tick()


def test_drift_is_reported_with_the_tick_that_saw_it(beat, market, clock):
    """Symbols that left their window are named; a refused tick names nobody."""
    market.spot = 7001.0

    assert beat.tick().drifted == ("SPX", "SPY")
    assert beat.tick().drifted == ()


@pytest.mark.parametrize("slot", [SLOT + 1, 0, -10_000, SLOT + 60_000, "now", 1.5e12, True])
def test_an_impossible_slot_is_refused(beat, market, slot):
    """The error names the argument, the value and what is allowed."""
    with pytest.raises(BadArgument, match=r"slot is .*; allowed: ms since the epoch"):
        beat.tick(slot)

    assert market.calls == []


def test_the_report_is_plain_json(beat):
    """As a task returns it."""
    assert beat.tick().as_json() == {
        "slot": SLOT,
        "published": 2,
        "refused": 0,
        "missed": 0,
        "failed": {},
        "drifted": [],
    }
