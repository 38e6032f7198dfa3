"""The roll: loaded ahead, and switched at the close."""

from contextlib import ExitStack
from datetime import date

import pytest

from marketswarm.clock import ManualClock
from marketswarm.errors import ProviderUnavailable
from tests.support.roll_desk import CALENDAR, FRIDAY, MONDAY, TUESDAY, WEDNESDAY, Desk


def test_the_next_chain_is_loaded_a_quarter_of_an_hour_before_the_close(make_desk):
    """Not a second earlier, once, and beside the chain in force."""
    desk = make_desk()
    assert desk.at(MONDAY, 900.001) == []
    assert desk.asked == []

    assert desk.at(MONDAY, 900) == []
    assert desk.asked == [True]
    desk.answer()
    desk.at(MONDAY, 600)

    assert desk.asked == []
    assert desk.store.current_expiration("SPX") == MONDAY
    assert desk.entries() == [("2026-11-23", "startup"), ("2026-11-24", "roll")]


def test_the_switch_comes_at_the_close_and_asks_the_provider_nothing(make_desk):
    """A millisecond before it Monday is in force, at it Tuesday; Monday is closed, and still stored."""
    desk = make_desk()
    desk.at(MONDAY, 900)
    desk.answer()
    desk.market.calls.clear()
    assert desk.at(MONDAY, 1.001) == []
    assert desk.store.current_expiration("SPX") == MONDAY

    assert desk.at(MONDAY, 0) == ["SPX"]

    assert desk.store.current_expiration("SPX") == TUESDAY
    assert (desk.market.calls, desk.asked, desk.held) == ([], [], [24])
    assert desk.state(MONDAY) == "closed"
    assert desk.entries()[-2:] == [("2026-11-24", "roll"), ("2026-11-24", "roll")]
    assert desk.roll.run(desk.ask) == []


@pytest.mark.parametrize("early_s", [0.001, 0.4, 1.0])
def test_a_run_that_comes_early_waits_for_the_close(make_desk, early_s):
    """Beat's clock may be ahead of the worker's: the switch is neither early nor five seconds late."""
    desk = make_desk()
    desk.at(MONDAY, 900)
    desk.answer()

    assert desk.at(MONDAY, early_s) == ["SPX"]
    assert desk.clock.now_ms() == CALENDAR.session(MONDAY).close_ms


def test_a_chain_that_did_not_come_is_loaded_at_the_close(make_desk):
    """The provider was away: it is asked again now and then, and at the close for the chain itself."""
    desk = make_desk()
    for before_s in (900, 895, 890, 885):
        desk.at(MONDAY, before_s)
    assert desk.asked == [True, True]
    desk.market.failures["chain_rows"] = ProviderUnavailable("chain_rows", "it is dark")
    with pytest.raises(ProviderUnavailable):
        desk.answer()
    desk.asked.clear()

    assert desk.at(MONDAY, 0) == ["SPX"]
    assert desk.asked == [False]
    desk.answer()

    assert desk.store.current_expiration("SPX") == TUESDAY


@pytest.mark.parametrize(
    ("day", "follower"),
    [
        (date(2026, 11, 20), MONDAY),
        (WEDNESDAY, FRIDAY),
        (FRIDAY, date(2026, 11, 30)),
        (date(2026, 12, 24), date(2026, 12, 28)),
        (date(2027, 3, 12), date(2027, 3, 15)),
        (date(2027, 12, 31), date(2028, 1, 3)),
    ],
)
def test_the_roll_over_weekends_holidays_and_half_days(redis, store, day, follower):
    """From each close to the next session's chain: over a weekend, Thanksgiving, Christmas, the change of the clock, New Year."""
    clock = ManualClock(CALENDAR.session(day).open_ms)
    store._clock = clock
    desk = Desk(redis, store, clock, days=[day, follower])
    assert desk.at(day, 901) == []
    assert desk.asked == []
    desk.at(day, 900)
    desk.answer()

    assert desk.at(day, 0) == ["SPX"]

    assert store.current_expiration("SPX") == follower
    clock.advance(3600)
    assert desk.roll.run(desk.ask) == []
    assert desk.asked == []


def test_several_expirations_move_up_together(make_desk):
    """Of two held chains the second comes in force, a third is loaded ahead, and the first is closed."""
    desk = make_desk(expirations=2)
    assert desk.held == [23, 24]
    desk.at(MONDAY, 900)
    assert desk.asked == [True]
    desk.answer()
    assert desk.held == [23, 24, 25]

    desk.at(MONDAY, 0)

    assert (desk.held, desk.asked) == ([24, 25], [])
    assert desk.state(MONDAY) == "closed"


def test_a_held_chain_comes_in_force_though_the_next_one_failed(make_desk):
    """With two held chains and nothing loaded ahead the second is there at once; the missing one is asked for."""
    desk = make_desk(expirations=2)

    assert desk.at(MONDAY, 0) == ["SPX"]

    assert desk.store.current_expiration("SPX") == TUESDAY
    assert (desk.held, desk.asked) == ([24], [False])
    desk.answer()
    assert desk.held == [24, 25]


def test_after_days_away_no_dead_chain_comes_in_force(make_desk):
    """Loaded ahead on Monday, back on Wednesday evening: Tuesday's chain is over as well, so one is loaded."""
    desk = make_desk()
    desk.at(MONDAY, 900)
    desk.answer()

    assert desk.at(WEDNESDAY, -60) == ["SPX"]

    assert desk.store.current_expiration("SPX") == MONDAY
    assert desk.asked == [False]
    desk.answer()
    assert desk.store.current_expiration("SPX") == FRIDAY


def test_a_pointer_whose_chain_was_forgotten_is_loaded(make_desk):
    """After more than a day away there is no meta any more."""
    desk = make_desk()
    desk.redis.delete("chain:SPX:2026-11-23", "chainmeta:SPX:2026-11-23")

    assert desk.at(TUESDAY, 0) == ["SPX"]
    assert desk.asked == [False]


def test_a_load_in_flight_is_waited_for(make_desk):
    """Its commit would put the old chain in force again; after three seconds the next run goes on."""
    desk = make_desk()
    desk.at(MONDAY, 900)
    desk.answer()
    with ExitStack() as stack:
        stack.enter_context(desk.flights.take_off("SPX", "somebody"))
        begun_s = desk.clock.monotonic_s()
        assert desk.at(MONDAY, 0) == []
        assert 3 <= desk.clock.monotonic_s() - begun_s - 900 < 3.2
        assert desk.store.current_expiration("SPX") == MONDAY

    assert desk.roll.run(desk.ask) == ["SPX"]


def test_a_clock_that_is_set_back_rolls_nothing_back(make_desk):
    """What is in force stays in force, and is not loaded ahead of itself."""
    desk = make_desk()
    desk.at(MONDAY, 900)
    desk.answer()
    desk.at(MONDAY, 0)

    desk.clock.step(-3600)

    assert desk.roll.run(desk.ask) == []
    assert desk.asked == []
    assert desk.store.current_expiration("SPX") == TUESDAY


def test_a_clock_that_is_set_forward_by_a_day_rolls_at_once(make_desk):
    """The close lies behind: what is in force has ended, whatever was loaded."""
    desk = make_desk()
    desk.clock.step(24 * 3600)

    assert desk.roll.run(desk.ask) == ["SPX"]
    assert desk.asked == [False]


def test_before_the_first_load_nothing_rolls(make_desk, redis):
    """The stream asks for that one."""
    desk = make_desk()
    redis.flushall()

    assert desk.roll.run(desk.ask) == []
    assert desk.asked == []
